//! Which meaning a status has: the department's rule beats the practice's, the practice's beats the profile's
//! (requirement S3-6). Within each, a rule that looks at the reason code or the note beats one for the word alone.

use crate::model::{Seen, StatusSaid};
use crate::profile::{Phrase, StatusRule, StatusWords, fold_word};
use crate::setup::StatusDoc;
use crate::status::Status;
use crate::text::Text;
use minicbor::{Decode, Encode};
use std::collections::HashMap;

/// Whose rule gave a status its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum MappedBy {
    /// The department's.
    #[n(0)]
    Department,
    /// The practice's.
    #[n(1)]
    Practice,
    /// The source profile's.
    #[n(2)]
    Profile,
    /// The standard words of the route.
    #[n(3)]
    Route,
}

impl MappedBy {
    /// For evidence.
    pub const fn label(self) -> &'static str {
        match self {
            MappedBy::Department => "this department's rule",
            MappedBy::Practice => "the practice's rule",
            MappedBy::Profile => "the system's profile",
            MappedBy::Route => "the standard's table",
        }
    }

    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            MappedBy::Department => "department",
            MappedBy::Practice => "practice",
            MappedBy::Profile => "profile",
            MappedBy::Route => "standard",
        }
    }
}

/// What a status was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum ReadFrom {
    /// The word, or the text beside its code.
    #[n(0)]
    Word,
    /// The reason code, perhaps together with the word.
    #[n(1)]
    Reason,
    /// A phrase of the note, perhaps together with others.
    #[n(2)]
    Note,
}

impl ReadFrom {
    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            ReadFrom::Word => "status word",
            ReadFrom::Reason => "reason code",
            ReadFrom::Note => "note",
        }
    }
}

/// The rule that gave a status its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StatusOrigin {
    /// Whose rule it was.
    #[n(0)]
    pub by: MappedBy,
    /// What it looked at.
    #[n(1)]
    pub from: ReadFrom,
}

/// What a status means, by which rule, read where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning<'a> {
    /// The meaning.
    pub status: Status,
    /// The rule.
    pub origin: StatusOrigin,
    /// The value it was read from.
    pub seen: &'a Seen,
}

/// A rule that looks at more than the word.
#[derive(Clone, Debug)]
struct Condition {
    word: Option<Text>,
    reason: Option<Text>,
    note: Option<Phrase>,
    means: Status,
}

impl Condition {
    fn of(word: &str, reason: Option<&str>, note: Option<&str>, means: Status) -> Option<Condition> {
        let folded = |text: &str| Some(fold_word(text)).filter(|word| !word.is_empty());
        let note = note.and_then(Phrase::read);
        let reason = reason.and_then(folded);
        (reason.is_some() || note.is_some()).then(|| Condition { word: folded(word), reason, note, means })
    }

    /// How much it looks at: what looks at more is asked first.
    fn weight(&self) -> usize {
        usize::from(self.word.is_some()) + usize::from(self.reason.is_some()) + 2 * usize::from(self.note.is_some())
    }

    fn fits<'a>(&self, said: &'a StatusSaid) -> Option<(&'a Seen, ReadFrom)> {
        let word_fits = self
            .word
            .as_ref()
            .is_none_or(|wanted| said.word.iter().chain(&said.text).any(|seen| fold_word(&seen.value) == *wanted));
        let reason = match &self.reason {
            Some(wanted) => Some(said.reason.as_ref().filter(|seen| fold_word(&seen.value) == *wanted)?),
            None => None,
        };
        let note = match &self.note {
            Some(wanted) => Some(said.note.as_ref().filter(|seen| wanted.stands_in(&seen.value))?),
            None => None,
        };
        let from = note.map(|seen| (seen, ReadFrom::Note)).or(reason.map(|seen| (seen, ReadFrom::Reason)));
        from.filter(|_| word_fits)
    }
}

/// The rules of one level.
#[derive(Clone, Debug, Default)]
struct Level {
    words: StatusWords,
    /// Those that look at more than the word, the most particular first.
    conditions: Vec<Condition>,
}

impl Level {
    fn of(rules: &[&StatusDoc]) -> Level {
        let plain = |rule: &&&StatusDoc| rule.reason.is_none() && rule.note.is_none();
        let words = rules.iter().filter(plain).map(|rule| (rule.source.clone(), rule.means));
        let conditions = rules
            .iter()
            .filter_map(|rule| Condition::of(&rule.source, rule.reason.as_deref(), rule.note.as_deref(), rule.means));
        Level { words: StatusWords::new(words), conditions: sorted(conditions.collect()) }
    }

    fn condition<'a>(&self, said: &'a StatusSaid) -> Option<(Status, &'a Seen, ReadFrom)> {
        self.conditions.iter().find_map(|rule| rule.fits(said).map(|(seen, from)| (rule.means, seen, from)))
    }
}

fn sorted(mut conditions: Vec<Condition>) -> Vec<Condition> {
    conditions.sort_by_key(|rule| std::cmp::Reverse(rule.weight()));
    conditions
}

/// The status rules of one integration in their order of precedence.
#[derive(Clone, Debug, Default)]
pub struct StatusTable {
    departments: HashMap<Text, Level, foldhash::fast::FixedState>,
    practice: Level,
    profile: Level,
    route: StatusWords,
    /// Some rule looks at more than the word.
    conditional: bool,
    /// Words that, in a note or as a reason code, mean that a status may be hidden there.
    watched: Vec<Phrase>,
}

impl StatusTable {
    /// A table from a practice document's rules, a profile's words and rules, and the words of the route.
    pub fn new(
        documents: &[StatusDoc],
        profile: StatusWords,
        profile_rules: &[StatusRule],
        watched: &[Text],
        route: StatusWords,
    ) -> StatusTable {
        let mut by_department: HashMap<Text, Vec<&StatusDoc>, foldhash::fast::FixedState> = HashMap::default();
        let mut practice = Vec::new();
        for rule in documents {
            match &rule.department {
                Some(department) => by_department.entry(department.clone()).or_default().push(rule),
                None => practice.push(rule),
            }
        }
        let departments: HashMap<_, _, _> =
            by_department.into_iter().map(|(id, rules)| (id, Level::of(&rules))).collect();
        let practice = Level::of(&practice);
        let conditions = profile_rules
            .iter()
            .filter_map(|rule| Condition::of(&rule.word, rule.reason.as_deref(), rule.note.as_deref(), rule.means));
        let profile = Level { words: profile, conditions: sorted(conditions.collect()) };
        let conditional =
            departments.values().chain([&practice, &profile]).any(|level: &Level| !level.conditions.is_empty());
        let watched = watched.iter().filter_map(|text| Phrase::read(text)).collect();
        StatusTable { departments, practice, profile, route, conditional, watched }
    }

    /// The meaning of a word in a department, and whose rule gave it. Unknown is `None`.
    pub fn meaning(&self, word: &str, department: Option<&str>) -> Option<(Status, MappedBy)> {
        let by = |words: &StatusWords, by| words.meaning(word).map(|status| (status, by));
        department
            .and_then(|id| self.departments.get(id))
            .and_then(|level| by(&level.words, MappedBy::Department))
            .or_else(|| by(&self.practice.words, MappedBy::Practice))
            .or_else(|| by(&self.profile.words, MappedBy::Profile))
            .or_else(|| by(&self.route, MappedBy::Route))
    }

    /// What a statement about the status means in a department: by a rule for reason code or note, else by the word,
    /// else by the text beside its code. Unknown is `None`.
    pub fn read<'a>(&self, said: &'a StatusSaid, department: Option<&str>) -> Option<Meaning<'a>> {
        if self.conditional
            && let Some(meaning) = self.read_conditions(said, department)
        {
            return Some(meaning);
        }
        said.word.iter().chain(&said.text).find_map(|seen| self.meaning_of(seen, department))
    }

    /// What a value means as a status word in a department.
    pub fn meaning_of<'a>(&self, seen: &'a Seen, department: Option<&str>) -> Option<Meaning<'a>> {
        let (status, by) = self.meaning(&seen.value, department)?;
        Some(Meaning { status, origin: StatusOrigin { by, from: ReadFrom::Word }, seen })
    }

    /// By rules for reason code or note alone, level by level. A plain word rule of a nearer level wins over them.
    fn read_conditions<'a>(&self, said: &'a StatusSaid, department: Option<&str>) -> Option<Meaning<'a>> {
        let levels = [
            (department.and_then(|id| self.departments.get(id)), MappedBy::Department),
            (Some(&self.practice), MappedBy::Practice),
            (Some(&self.profile), MappedBy::Profile),
        ];
        for (level, by) in levels {
            let Some(level) = level else { continue };
            if let Some((status, seen, from)) = level.condition(said) {
                return Some(Meaning { status, origin: StatusOrigin { by, from }, seen });
            }
            if said.word.as_ref().is_some_and(|word| level.words.meaning(&word.value).is_some()) {
                return None;
            }
        }
        None
    }

    /// Whether a statement without a word could mean anything here: connectors ask before they take one for a status.
    pub fn reads_more_than_words(&self) -> bool {
        self.conditional || !self.watched.is_empty()
    }

    /// Some words are watched for in notes and reason codes.
    pub fn watches(&self) -> bool {
        !self.watched.is_empty()
    }

    /// The reason code or note in which a watched word stands, and which no rule explains.
    pub fn hidden_in<'a>(&self, said: &'a StatusSaid, department: Option<&str>) -> Option<(&'a Seen, ReadFrom)> {
        if self.watched.is_empty() || self.read_conditions(said, department).is_some() {
            return None;
        }
        let watched = |seen: &Seen| self.watched.iter().any(|phrase| phrase.stands_in(&seen.value));
        let reason = said.reason.as_ref().filter(|seen| watched(seen)).map(|seen| (seen, ReadFrom::Reason));
        reason.or_else(|| said.note.as_ref().filter(|seen| watched(seen)).map(|seen| (seen, ReadFrom::Note)))
    }

    /// The words that are known here, as written: `(whose rule, department, word, meaning)`.
    pub fn known_words(&self) -> impl Iterator<Item = (MappedBy, Option<&Text>, &Text, Status)> {
        let departments = self.departments.iter().map(|(id, level)| (MappedBy::Department, Some(id), &level.words));
        let others = [
            (MappedBy::Practice, None, &self.practice.words),
            (MappedBy::Profile, None, &self.profile.words),
            (MappedBy::Route, None, &self.route),
        ];
        departments.chain(others).flat_map(|(by, department, words)| {
            words.spelled().iter().map(move |(word, status)| (by, department, word, *status))
        })
    }

    /// The words of the practice and its departments, as written: `(department, word, meaning)`.
    pub fn local_words(&self) -> impl Iterator<Item = (Option<&Text>, &Text, Status)> {
        self.known_words()
            .filter(|(by, ..)| matches!(by, MappedBy::Department | MappedBy::Practice))
            .map(|(_, department, word, status)| (department, word, status))
    }

    /// The form in which a word is counted.
    pub fn fold(word: &str) -> Text {
        fold_word(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Event;

    fn rule(word: &str, department: Option<&str>, means: Status) -> StatusDoc {
        StatusDoc { source: word.into(), reason: None, note: None, department: department.map(Text::from), means }
    }

    fn seen(value: &str) -> Option<Seen> {
        Some(Seen { value: value.into(), place: "X".into() })
    }

    fn table(rules: &[StatusDoc], watched: &[Text]) -> StatusTable {
        let profile = StatusWords::new([("Kept".into(), Status::Completed), ("Bumped".into(), Status::NoShow)]);
        let of_profile =
            StatusRule { word: "x".into(), reason: Some("-4".into()), note: None, means: Status::Rescheduled };
        StatusTable::new(rules, profile, &[of_profile], watched, StatusWords::new([("Booked".into(), Status::Booked)]))
    }

    #[test]
    fn s3_6_department_beats_practice_beats_profile_beats_standard() {
        let table = table(
            &[rule("BUMPED", Some("CARD"), Status::CancelledByProvider), rule("bumped", None, Status::Rescheduled)],
            &[],
        );
        let meaning = |word, department| table.meaning(word, department);
        assert_eq!(meaning("Bumped", Some("CARD")), Some((Status::CancelledByProvider, MappedBy::Department)));
        assert_eq!(meaning("Bumped", Some("DERM")), Some((Status::Rescheduled, MappedBy::Practice)));
        assert_eq!(meaning("Kept", Some("CARD")), Some((Status::Completed, MappedBy::Profile)));
        assert_eq!(meaning("booked", None), Some((Status::Booked, MappedBy::Route)));
        assert_eq!(meaning("Hold", Some("CARD")), None);
    }

    #[test]
    fn s3_5_reason_codes_and_notes_are_read_by_rules_and_by_nothing_else() {
        let by_note =
            StatusDoc { note: Some("bumped * provider".into()), ..rule("", None, Status::CancelledByProvider) };
        let by_reason =
            StatusDoc { reason: Some("PTCAN".into()), ..rule("", Some("CARD"), Status::CancelledByPatient) };
        let table = table(&[by_note, by_reason, rule("Hold", Some("CARD"), Status::Proposed)], &["bumped".into()]);
        let said = |word: &str, reason: &str, note: &str| StatusSaid {
            word: seen(word).filter(|seen| !seen.value.is_empty()),
            reason: seen(reason).filter(|seen| !seen.value.is_empty()),
            note: seen(note).filter(|seen| !seen.value.is_empty()),
            ..StatusSaid::by(Event::Modified)
        };
        let read = |said: &StatusSaid, department: Option<&str>| {
            table.read(said, department).map(|meaning| (meaning.status, meaning.origin.by, meaning.origin.from))
        };
        let note = said("Booked", "", "Bumped today by provider");
        assert_eq!(read(&note, None), Some((Status::CancelledByProvider, MappedBy::Practice, ReadFrom::Note)));
        let reason = said("Booked", "ptcan", "");
        assert_eq!(
            read(&reason, Some("CARD")),
            Some((Status::CancelledByPatient, MappedBy::Department, ReadFrom::Reason))
        );
        assert_eq!(read(&reason, Some("DERM")), Some((Status::Booked, MappedBy::Route, ReadFrom::Word)));
        assert_eq!(read(&said("X", "-4", ""), None), Some((Status::Rescheduled, MappedBy::Profile, ReadFrom::Reason)));
        // The department's word beats the practice's note.
        let hold = said("Hold", "", "bumped by provider");
        assert_eq!(read(&hold, Some("CARD")), Some((Status::Proposed, MappedBy::Department, ReadFrom::Word)));
        // A watched word that no rule explains is told, not guessed.
        let hidden = |said: &StatusSaid| table.hidden_in(said, None).map(|(_, from)| from);
        assert_eq!(hidden(&said("Booked", "", "bumped for VIP")), Some(ReadFrom::Note));
        assert_eq!(hidden(&said("Booked", "BUMPED", "")), Some(ReadFrom::Reason));
        assert_eq!(hidden(&note), None);
    }
}
