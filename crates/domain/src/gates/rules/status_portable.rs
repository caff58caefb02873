//! # Status portable
//!
//! ## What it checks
//! The visit's status is one that the platform shows.
//!
//! ## Why it matters
//! Some platforms follow only a few statuses. That the others stay behind is no fault, but it looks like one.
//!
//! ## What to do
//! Nothing. The platform's card keeps the last status that travels.
//!
//! ## Example
//! A client is checked in at the clinic; the portal goes on showing the visit as booked.
//!
//! ## Source
//! Requirements S4-16 to S4-18.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::reasons::{Family, Reason};
use crate::status::Status;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::StatusPortable,
    family: Family::Status,
    side: Side::Platform,
    expects: "a status that the platform shows",
    looks_at: LooksAt::Status,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if s.rules.platform.statuses.carries.is_none() {
        return Finding::not_applicable(GATE.id);
    }
    let status = s.reading.status;
    // What staff complete on the platform is told by a gate of its own.
    if travels(s, status) || (status == Status::Completed && s.rules.platform.statuses.completed_there) {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::StatusNotPortable)
        .observed(status.word())
        .about("")
        .detail("shown", s.standing.status().unwrap_or(Status::Booked).word())
}

/// Whether a platform shows a status. Booked always travels: it is what a card is made with.
pub(crate) fn travels(s: &Snapshot<'_>, status: Status) -> bool {
    let carries = s.rules.platform.statuses.carries.as_ref();
    status == Status::Booked || carries.is_none_or(|carried| carried.contains(&status))
}
