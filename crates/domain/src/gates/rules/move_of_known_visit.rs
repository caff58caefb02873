//! # Move of a known visit
//!
//! ## What it checks
//! A visit that is told as moved had been heard of before.
//!
//! ## Why it matters
//! A move under an id that nobody knows may be an old visit under a new number. Taken as a booking it would make a
//! silent second one, and the patient would get two invitations.
//!
//! ## What to do
//! Nothing at first: any other statement about the same id, also one that is read from the system, lets it go on. If
//! none comes, look into the diary: let it go ahead, or leave it out.
//!
//! ## Example
//! `S13` for visit A-9 arrives, and no message ever spoke of A-9. It waits.
//!
//! ## Source
//! The catalogue of reasons, group I: `RESCHEDULE_ID_UNKNOWN`.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::model::Relation;
use crate::profile::UnknownMoves;
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::MoveOfKnownVisit,
    family: Family::Status,
    side: Side::Source,
    expects: "a move of a visit that was heard of before",
    looks_at: LooksAt::Words("heard of before"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.appointment.only_moved || s.rules.source.lineage.unknown_moves == UnknownMoves::Accept {
        return Finding::pass(GATE.id);
    }
    // Where the source said whose place it takes there is nothing unknown about it.
    if s.appointment.related(Relation::Replaces).is_some() {
        return Finding::pass(GATE.id);
    }
    match s.appointment.ruling(Reason::RescheduleIdUnknown) {
        Some(true) => return Finding::passing_with(GATE.id, "let go ahead by a person"),
        Some(false) => return Finding::of(GATE.id, Reason::LeftOutByDecision).observed("moved").about(""),
        None => {}
    }
    Finding::of(GATE.id, Reason::RescheduleIdUnknown)
        .observed("moved, and never booked")
        .about(s.appointment.source_id.clone())
        .wakes_on(WakeKey::Profile)
}
