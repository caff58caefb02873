//! # Length known
//!
//! ## What it checks
//! A length that the source sends has a unit, or an end is given, or the practice's profile says which unit is meant.
//!
//! ## Why it matters
//! 30 may be minutes or seconds; both occur. Guessing makes visits that end before they begin, or last all day.
//!
//! ## What to do
//! Have the interface send the unit (SCH-10), or set `hl7v2.length_unit` for this source after asking the clinic.
//!
//! ## Example
//! SCH-9 is 30, SCH-10 empty, no end anywhere: held. With an end in TQ1-8 it is only a notice.
//!
//! ## Source
//! HL7 v2.5.1 §10.6.4.9–10; the invariant that no unit is guessed.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, State, WakeKey};
use crate::model::TimingIssue;
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::LengthKnown,
    family: Family::Time,
    side: Side::Source,
    expects: "an end, or a length with its unit",
    looks_at: LooksAt::Words("known, or not needed"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let Some(timing) = s.appointment.timing.as_ref().map(|said| &said.value) else {
        return Finding::not_applicable(GATE.id);
    };
    let unitless = timing.issues.iter().find_map(|issue| match issue {
        TimingIssue::UnitMissing(seen) => Some(seen),
        TimingIssue::FieldsDisagree(..) | TimingIssue::DateOnly(_) => None,
    });
    let Some(seen) = unitless else { return Finding::pass(GATE.id) };
    let mut finding = Finding::of(GATE.id, Reason::DurationUnitMissing)
        .observed(seen.value.clone())
        .at(&seen.place)
        .about(s.rules.source.profile.id.clone())
        .wakes_on(WakeKey::Profile);
    finding.state = if timing.end.is_some() { State::Notice } else { State::Unknown };
    finding
}
