//! # Completed there
//!
//! ## What it checks
//! What the practice system calls done has been completed on the platform too, where staff complete visits there.
//!
//! ## Why it matters
//! *Kept* does not travel to such a platform. The visit stays open there, its fee is not charged, and everybody thinks
//! that the other side has done it.
//!
//! ## What to do
//! Press *Complete* on the platform. The task closes when the platform says so.
//!
//! ## Example
//! The visit is *Kept* in the practice system; its card still stands among the upcoming ones.
//!
//! ## Source
//! Requirement S4-20.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::reasons::{Family, Reason};
use crate::status::Status;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::CompletedThere,
    family: Family::Status,
    side: Side::Platform,
    expects: "completed by staff on the platform",
    looks_at: LooksAt::Status,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.platform.statuses.completed_there {
        return Finding::not_applicable(GATE.id);
    }
    let open = s.standing.status().is_some_and(|shown| !shown.is_ended());
    if s.reading.status != Status::Completed || !open {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::KeptNeedsPortalCompletion)
        .observed(s.reading.status.word())
        .about(s.appointment.source_id.clone())
        .detail("shown", s.standing.status().unwrap_or(Status::Booked).word())
}
