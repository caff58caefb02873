//! # Time known
//!
//! ## What it checks
//! The visit has a start with a time, not only a date.
//!
//! ## Why it matters
//! A date is not midnight. A visit without a time cannot be shown at one.
//!
//! ## What to do
//! Give the visit a time in the practice system when it is known; it then goes on by itself.
//!
//! ## Example
//! A wait-list entry carries a date only: it waits, and nobody is told.
//!
//! ## Source
//! `TIME_TBD`; HL7 v2.5.1, data type DTM (precision is what is present).

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::model::TimingIssue;
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::TimeKnown,
    family: Family::Time,
    side: Side::Source,
    expects: "a start with a time",
    looks_at: LooksAt::Start,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let timing = s.appointment.timing.as_ref().map(|said| &said.value);
    if timing.is_some_and(|timing| timing.start.is_some()) {
        return Finding::pass(GATE.id);
    }
    let finding = Finding::of(GATE.id, Reason::TimeTbd).about(s.appointment.source_id.clone());
    let date_only = timing.and_then(|timing| {
        timing.issues.iter().find_map(|issue| match issue {
            TimingIssue::DateOnly(seen) => Some(seen),
            TimingIssue::UnitMissing(_) | TimingIssue::FieldsDisagree(..) => None,
        })
    });
    match date_only {
        Some(seen) => finding.observed(seen.value.clone()).at(&seen.place),
        None => finding.observed("(empty)"),
    }
}
