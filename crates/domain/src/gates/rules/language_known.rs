//! # Language known
//!
//! ## What it checks
//! There are words for letters in the language that the patient prefers. Whoever prefers none gets those of the
//! service.
//!
//! ## Why it matters
//! A letter that its reader cannot read is no letter. Nothing is sent in another language in its place.
//!
//! ## What to do
//! Have the words of that language added, or correct the language on the patient's record if it is wrong there. What
//! was to be told goes by itself then, as long as it is still true.
//!
//! ## Example
//! The record says `pt`; there are letters in English, Spanish and French. The visit is on the platform, the letter
//! waits, and the desk can call in the meantime.
//!
//! ## Source
//! Requirement S3-14.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Person, Side, Snapshot, Source};
use crate::notice::Language;
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::LanguageKnown,
    family: Family::Told,
    side: Side::Source,
    expects: "a language in which there are letters: English, Spanish or French",
    looks_at: LooksAt::Words("there are letters in the patient's language"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.tells_patients() {
        return Finding::not_applicable(GATE.id);
    }
    for person in s.people {
        if let Some(word) = foreign(person) {
            let finding = Finding::of(GATE.id, Reason::LanguageMismatch)
                .observed(word.clone())
                .at(&s.rules.patient_place())
                .from(Source::Patient(person.source_id.clone()))
                .about(word.clone());
            return s.until_it_begins(person, finding);
        }
    }
    Finding::pass(GATE.id)
}

/// The language that a person prefers, where there are no letters in it.
fn foreign<'a>(person: &Person<'a>) -> Option<&'a Text> {
    let word = person.patient?.language.value()?.open();
    Language::of_source(word).is_none().then_some(word)
}
