//! # Arrived ahead
//!
//! ## What it checks
//! A visit that was booked in time could also be processed before its start.
//!
//! ## Why it matters
//! A visit that became past while it waited (for a late feed, or for a fix) must not be mistaken for one that was
//! entered afterwards: here somebody may be waiting in front of a screen. So it is for a visit whose booking time
//! nobody tells.
//!
//! ## What to do
//! Phone the patient if need be. Support can push the visit through.
//!
//! ## Example
//! Booked at 09:55 for 10:00, received at 10:02.
//!
//! ## Source
//! Requirement S1-26.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ArrivedAhead,
    family: Family::Time,
    side: Side::Platform,
    expects: "processed before its start",
    looks_at: LooksAt::Words("in time"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let (Some(start), true) = (s.appointment.start(), s.rules.platform.times.refuses_past) else {
        return Finding::not_applicable(GATE.id);
    };
    // Past at booking is the other gate's; a visit the platform already has, one that ended, or the history that comes
    // with a whole diary is not late.
    let unsaid = s.appointment.booking_unsaid;
    if s.appointment.booked_at > start && !unsaid || s.standing.ever_sent() || s.ended() || s.is_history() {
        return Finding::not_applicable(GATE.id);
    }
    if s.marks.now <= start {
        return Finding::pass(GATE.id);
    }
    match s.appointment.ruling(Reason::PastOnArrival) {
        Some(true) => return Finding::passing_with(GATE.id, "pushed through by a person"),
        Some(false) => return Finding::of(GATE.id, Reason::LeftOutByDecision).observed(s.clock(start)).about(""),
        None => {}
    }
    let booked = match unsaid {
        true => Text::literal("The practice system does not say when it was booked"),
        false => Text::from(format_args!("It was booked in time, on {}", s.clock(s.appointment.booked_at))),
    };
    Finding::of(GATE.id, Reason::PastOnArrival)
        .observed(s.clock(start))
        .about(s.appointment.source_id.clone())
        .detail("booked", booked)
        .detail("processed", s.clock(s.marks.now))
        .detail("received", s.clock(s.appointment.first_received))
        .wakes_on(WakeKey::Integration)
}
