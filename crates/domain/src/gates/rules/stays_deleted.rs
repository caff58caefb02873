//! # Stays deleted
//!
//! ## What it checks
//! A visit that the practice system deleted is not brought back by a later change or move of the same id.
//!
//! ## Why it matters
//! Interfaces that send a last update after the deletion would have deleted visits rise again, and patients come to
//! them.
//!
//! ## What to do
//! Nothing. If the visit is to take place after all, book it: a booking under the same id or a new one counts, and so
//! does a newer reading that lists it.
//!
//! ## Example
//! Deleted at 09:00; at 09:05 a change of its room is told. It stays removed.
//!
//! ## Source
//! Invariant 3; the catalogue of reasons, group I.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::StaysDeleted,
    family: Family::Status,
    side: Side::Source,
    expects: "not heard of again after it was deleted",
    looks_at: LooksAt::Words("not deleted, or not heard of since"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.reading.risen {
        return Finding::pass(GATE.id);
    }
    let event = s.appointment.status.as_ref().map_or("told of", |said| said.value.event.phrase());
    Finding::of(GATE.id, Reason::ZombieAfterCancel).observed(event).about("")
}
