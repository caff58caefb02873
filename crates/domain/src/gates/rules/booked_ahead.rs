//! # Booked ahead
//!
//! ## What it checks
//! When the visit was booked, its start was still to come.
//!
//! ## Why it matters
//! Visits entered afterwards (walk-ins, corrections) are records, not invitations. The platform refuses the past.
//!
//! ## What to do
//! If the date is wrong, correct it in the practice system. Otherwise nothing is wrong, and nothing is retried.
//!
//! ## Example
//! Entered at noon for nine this morning: left out, with both times.
//!
//! ## Source
//! Requirement S1-25.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::BookedAhead,
    family: Family::Time,
    side: Side::Platform,
    expects: "booked before its start",
    looks_at: LooksAt::Words("booked in time"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let (Some(start), true) = (s.appointment.start(), s.rules.platform.times.refuses_past) else {
        return Finding::not_applicable(GATE.id);
    };
    let booked = s.appointment.booked_at;
    // A list that does not say when it was booked proves only that it was there by then.
    if booked <= start || s.appointment.booking_unsaid || s.standing.ever_sent() {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::PastAtBooking)
        .observed(s.clock(start))
        .about(s.appointment.source_id.clone())
        .detail("booked", s.clock(booked))
}
