//! One visit as a row of a list.

use crate::console::clock::{distance, zone};
use crate::console::{Chip, Clock, url};
use domain::decide::Verdict;
use domain::reasons::Heals;
use domain::text::Text;
use domain::time::{Moment, Zone};
use engine::ops::{AppointmentItem, PersonView};

/// One visit as a row of a list.
pub(crate) struct VisitRow {
    pub(crate) href: String,
    pub(crate) source_id: String,
    pub(crate) start: Option<Clock>,
    /// How far away the start is.
    pub(crate) distance: Option<String>,
    /// The clinic's name, in a list of several clinics.
    pub(crate) clinic: Option<String>,
    pub(crate) patients: String,
    pub(crate) provider: String,
    pub(crate) chip: Chip,
    /// One sentence why.
    pub(crate) why: String,
    /// One thing to do.
    pub(crate) action: Option<&'static str>,
    pub(crate) owner: Option<String>,
    /// How it ends.
    pub(crate) ends: Option<String>,
}

impl VisitRow {
    /// A row as of `now`.
    pub(crate) fn new(item: &AppointmentItem, now: Moment) -> VisitRow {
        let zone = zone(&item.time_zone);
        VisitRow {
            href: url::case(&item.integration, &item.source_id),
            source_id: item.source_id.to_string(),
            start: item.start.map(|start| Clock::new(start, &zone)),
            distance: item.start.and_then(|start| distance(now, start)),
            clinic: None,
            patients: names(&item.patients),
            provider: item.provider.as_ref().map_or_else(|| "not named".to_owned(), Text::to_string),
            chip: Chip::of(item.verdict),
            why: without_label(item.verdict, &item.sentence),
            action: item.fix.filter(|_| item.verdict != Verdict::InSync),
            owner: item.owner.as_ref().map(Text::to_string),
            ends: ends(item, &zone, now),
        }
    }
}

/// The patients of a visit by name, else by the source's id.
pub(crate) fn names(people: &[PersonView]) -> String {
    if people.is_empty() {
        return "not named".to_owned();
    }
    let name = |person: &PersonView| person.name.clone().unwrap_or_else(|| person.source_id.to_string());
    people.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// A sentence without the verdict's word in front, which the chip beside it says already.
pub(crate) fn without_label(verdict: Verdict, sentence: &str) -> String {
    let rest = sentence.strip_prefix(verdict.label());
    let rest = rest.and_then(|rest| rest.strip_prefix(": ").or_else(|| rest.strip_prefix(", ")));
    capital(rest.unwrap_or(sentence))
}

/// Words as the beginning of a sentence.
pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How it ends, as far as that is known: with a time where there is one.
fn ends(item: &AppointmentItem, zone: &Zone, now: Moment) -> Option<String> {
    let at = |moment: Moment| Clock::new(moment, zone);
    match item.verdict {
        Verdict::InSync | Verdict::Excluded => None,
        Verdict::OnTime => item.expected_by.map(|by| match at(by) {
            // The sentence says that it is late; when it will end is not known then.
            _ if by < now => how(Heals::Alone).to_owned(),
            by => format!("Heals by itself, by {} on {}.", by.time, by.day),
        }),
        Verdict::WaitingByRule => item.heals_at.map(|when| {
            let when = at(when);
            format!("Heals by itself at {} on {}.", when.time, when.day)
        }),
        Verdict::Held | Verdict::Failed | Verdict::ArrivedWrong | Verdict::Unexplained => {
            item.primary.map(|reason| how(reason.entry().heals).to_owned())
        }
    }
}

/// How a reason ends, as a sentence.
pub(crate) fn how(heals: Heals) -> &'static str {
    match heals {
        Heals::Alone => "Heals by itself.",
        Heals::WhenObserved => "Heals by itself as soon as the fix is seen.",
        Heals::ByDecision => "Somebody has to decide.",
        Heals::Never => "Stays as it is, by design.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chip_and_the_sentence_do_not_say_the_same_twice() {
        for (verdict, sentence, rest) in [
            (Verdict::Held, "Held: no e-mail.", "No e-mail."),
            (Verdict::OnTime, "On its way, expected by noon.", "Expected by noon."),
            (Verdict::InSync, "In sync: the platform shows it.", "The platform shows it."),
            (Verdict::Held, "Heldenbrand is not known.", "Heldenbrand is not known."),
            (Verdict::Failed, "", ""),
        ] {
            assert_eq!(without_label(verdict, sentence), rest);
        }
    }
}
