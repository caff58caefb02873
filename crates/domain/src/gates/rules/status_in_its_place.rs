//! # Status in its place
//!
//! ## What it checks
//! No note and no reason code of the visit holds one of the words that are watched for there, unless a rule of the
//! practice says what it means.
//!
//! ## Why it matters
//! Where staff write "bumped" into the note and leave the status at *booked*, the screens of both sides look right and
//! the patient still comes for nothing.
//!
//! ## What to do
//! Say what is meant: set the status in the practice system, or have a rule made for the code or phrase. If it means
//! nothing, let the visit go ahead.
//!
//! ## Example
//! The clinic watches for `bumped`. A visit says *booked*, and its note "bumped, doctor ill": it is held until somebody
//! says what is so.
//!
//! ## Source
//! Requirement S3-5; invariant 7.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::StatusInItsPlace,
    family: Family::Status,
    side: Side::Source,
    expects: "a status in its own field",
    looks_at: LooksAt::Words("in its own field"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let statuses = &s.rules.statuses;
    if !statuses.watches() {
        return Finding::not_applicable(GATE.id);
    }
    let said = s.appointment.status.as_ref().map(|said| &said.value);
    let hidden = said.and_then(|said| statuses.hidden_in(said, s.department().map(Text::as_str)));
    let Some((seen, from)) = hidden.filter(|_| !s.ended()) else { return Finding::pass(GATE.id) };
    match s.appointment.ruling(Reason::StatusInFreeText) {
        Some(true) => return Finding::passing_with(GATE.id, "read by a person, who let it go ahead"),
        Some(false) => return Finding::of(GATE.id, Reason::LeftOutByDecision).observed(from.label()).about(""),
        None => {}
    }
    Finding::of(GATE.id, Reason::StatusInFreeText)
        .observed_privately(seen.value.clone())
        .at(&seen.place)
        .about(s.appointment.source_id.clone())
        .detail("in_what", from.label())
        .detail("kept", s.reading.status.word())
        .wakes_on(WakeKey::Profile)
}
