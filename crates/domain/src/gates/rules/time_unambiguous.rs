//! # Time unambiguous
//!
//! ## What it checks
//! The local time of the start is exactly one instant in the clinic's zone. In the night the clocks go forward some
//! times do not exist; in the night they go back some exist twice.
//!
//! ## Why it matters
//! An hour's guess sends a patient at the wrong time.
//!
//! ## What to do
//! Ask which time is meant and move the visit in the practice system, or have the interface send the offset.
//!
//! ## Example
//! 01:30 on 1 November 2026 in Chicago exists twice; the visit is held with both instants named.
//!
//! ## Source
//! `LOCAL_TIME_AMBIGUOUS`; docs/systems/hl7v2.md.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::reasons::{Family, Reason};
use crate::time::Placement;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::TimeUnambiguous,
    family: Family::Time,
    side: Side::Source,
    expects: "a local time that is exactly one instant",
    looks_at: LooksAt::Start,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let Some(timing) = s.appointment.timing.as_ref().map(|said| &said.value).filter(|timing| timing.start.is_some())
    else {
        return Finding::not_applicable(GATE.id);
    };
    let problem = match timing.placement {
        Placement::Unique | Placement::Given => return Finding::pass(GATE.id),
        Placement::Gap => "does not exist, because the clocks go forward over it",
        Placement::Fold => "exists twice, because the clocks go back over it",
    };
    let finding = Finding::of(GATE.id, Reason::LocalTimeAmbiguous)
        .about(s.appointment.source_id.clone())
        .detail("problem", problem)
        .detail("zone", timing.zone.clone());
    match &timing.start_seen {
        Some(seen) => finding.observed(seen.value.clone()).at(&seen.place),
        None => finding,
    }
}
