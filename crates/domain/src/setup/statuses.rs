//! Which meaning a status word has: the department's rule beats the practice's, the practice's beats the profile's
//! (requirement S3-6).

use crate::profile::{StatusWords, fold_word};
use crate::setup::StatusDoc;
use crate::status::Status;
use crate::text::Text;
use std::collections::HashMap;

/// Whose rule gave a word its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MappedBy {
    /// The department's.
    Department,
    /// The practice's.
    Practice,
    /// The source profile's.
    Profile,
    /// The standard words of the route.
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
}

/// The status words of one integration in their order of precedence.
#[derive(Clone, Debug, Default)]
pub struct StatusTable {
    departments: HashMap<Text, StatusWords, foldhash::fast::FixedState>,
    practice: StatusWords,
    profile: StatusWords,
    route: StatusWords,
}

impl StatusTable {
    /// A table from a practice document's words, a profile's, and those of the route.
    pub fn new(documents: &[StatusDoc], profile: StatusWords, route: StatusWords) -> StatusTable {
        let mut by_department: HashMap<Text, Vec<(Text, Status)>, foldhash::fast::FixedState> = HashMap::default();
        let mut practice = Vec::new();
        for rule in documents {
            let word = (rule.source.clone(), rule.means);
            match &rule.department {
                Some(department) => by_department.entry(department.clone()).or_default().push(word),
                None => practice.push(word),
            }
        }
        StatusTable {
            departments: by_department.into_iter().map(|(id, words)| (id, StatusWords::new(words))).collect(),
            practice: StatusWords::new(practice),
            profile,
            route,
        }
    }

    /// The meaning of a word in a department, and whose rule gave it. Unknown is `None`.
    pub fn meaning(&self, word: &str, department: Option<&str>) -> Option<(Status, MappedBy)> {
        let by = |words: &StatusWords, by| words.meaning(word).map(|status| (status, by));
        department
            .and_then(|id| self.departments.get(id))
            .and_then(|words| by(words, MappedBy::Department))
            .or_else(|| by(&self.practice, MappedBy::Practice))
            .or_else(|| by(&self.profile, MappedBy::Profile))
            .or_else(|| by(&self.route, MappedBy::Route))
    }

    /// The words of the practice and its departments, as written: `(department, word, meaning)`.
    pub fn local_words(&self) -> impl Iterator<Item = (Option<&Text>, &Text, Status)> {
        let practice = self.practice.spelled().iter().map(|(word, status)| (None, word, *status));
        let departments = self
            .departments
            .iter()
            .flat_map(|(id, words)| words.spelled().iter().map(move |(word, status)| (Some(id), word, *status)));
        practice.chain(departments)
    }

    /// The form in which a word is counted.
    pub fn fold(word: &str) -> Text {
        fold_word(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_6_department_beats_practice_beats_profile_beats_standard() {
        let rule = |word: &str, department: Option<&str>, means| StatusDoc {
            source: word.into(),
            department: department.map(Text::from),
            means,
        };
        let table = StatusTable::new(
            &[rule("BUMPED", Some("CARD"), Status::CancelledByProvider), rule("bumped", None, Status::Rescheduled)],
            StatusWords::new([("Kept".into(), Status::Completed), ("Bumped".into(), Status::NoShow)]),
            StatusWords::new([("Booked".into(), Status::Booked)]),
        );
        let meaning = |word, department| table.meaning(word, department);
        assert_eq!(meaning("Bumped", Some("CARD")), Some((Status::CancelledByProvider, MappedBy::Department)));
        assert_eq!(meaning("Bumped", Some("DERM")), Some((Status::Rescheduled, MappedBy::Practice)));
        assert_eq!(meaning("Kept", Some("CARD")), Some((Status::Completed, MappedBy::Profile)));
        assert_eq!(meaning("booked", None), Some((Status::Booked, MappedBy::Route)));
        assert_eq!(meaning("Hold", Some("CARD")), None);
    }
}
