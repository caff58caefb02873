//! # Status understood
//!
//! ## What it checks
//! The status word of the source has a known meaning: by the department's rule, else the practice's, else the system's
//! profile, else the standard's table.
//!
//! ## Why it matters
//! "Bumped" may mean moved, cancelled or overbooked. A guess sends a patient to a visit that is not, or away from one
//! that is.
//!
//! ## What to do
//! Ask the practice what the word means and map it. The platform keeps the last known state meanwhile; all visits with
//! the word are then decided again by themselves.
//!
//! ## Example
//! `BUMPED` in cardiology: held, counted, shown, until the practice says that it means *cancelled by provider* there.
//!
//! ## Source
//! Requirements S3-5 to S3-7; invariant 7.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::StatusUnderstood,
    family: Family::Status,
    side: Side::Source,
    expects: "a status word with a known meaning",
    looks_at: LooksAt::Status,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let reading = &s.reading;
    match (reading.word, reading.unknown_word) {
        (None, _) | (Some(_), false) => Finding::pass(GATE.id),
        (Some(word), true) => {
            let department = s.department();
            let in_department = department.map_or(String::new(), |id| format!(" in department {id}"));
            let finding = Finding::of(GATE.id, Reason::StatusUnmapped)
                .observed(word.value.clone())
                .at(&word.place)
                .about(word.value.clone())
                .detail("in_department", in_department)
                .detail("kept", Text::literal(reading.status.word()))
                .wakes_on(WakeKey::Profile);
            match department {
                Some(id) => finding.wakes_on(WakeKey::Department(id.clone())),
                None => finding.from(Source::Visit),
            }
        }
    }
}
