//! # Move paired
//!
//! ## What it checks
//! A visit that was given up and another one that was booked for the same patient at about that time are told as one
//! move.
//!
//! ## Why it matters
//! Some systems move a visit by cancelling it and booking another. Patients who hear "cancelled" and "new" separately
//! phone the clinic.
//!
//! ## What to do
//! Nothing. Each of the two names the other.
//!
//! ## Example
//! A-1 is cancelled at 09:00, A-2 is booked for the same patient and provider at 09:01: A-2 replaces A-1.
//!
//! ## Source
//! The catalogue of reasons, group I: `RESCHEDULE_AS_CANCEL_PLUS_NEW`; requirement S4-7.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::model::Relation;
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::MovePaired,
    family: Family::Status,
    side: Side::Source,
    expects: "one visit under one id",
    looks_at: LooksAt::Words("one visit"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let pair = |relation| s.appointment.related(relation).map(|other| (relation, other));
    let Some((relation, other)) = pair(Relation::ReplacedBy).or_else(|| pair(Relation::Replaces)) else {
        return Finding::pass(GATE.id);
    };
    let how = if relation == Relation::Replaces { "takes the place of" } else { "was replaced by" };
    Finding::of(GATE.id, Reason::RescheduleAsCancelPlusNew)
        .observed(format!("{how} {other}"))
        .about("")
        .detail("how", how)
        .detail("other", other.clone())
}
