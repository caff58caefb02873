//! # Booked outside the buffer
//!
//! ## What it checks
//! Between booking and start there is at least the time that this system usually takes.
//!
//! ## Why it matters
//! A visit booked for in ten minutes may not arrive in time by a system that takes fifteen. The desk should know while
//! the patient is still on the phone.
//!
//! ## What to do
//! Phone the patient or send the link by hand. The visit still goes its normal way.
//!
//! ## Example
//! Booked 12 minutes ahead; the system's average goes up to 15: a notice with the minutes left.
//!
//! ## Source
//! Requirement S1-27.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::BookedOutsideBuffer,
    family: Family::Time,
    side: Side::Source,
    expects: "more lead time than the system usually takes",
    looks_at: LooksAt::Words("enough lead time"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let (Some(start), true, false) = (s.appointment.start(), s.rules.platform.times.refuses_past, s.ended()) else {
        return Finding::not_applicable(GATE.id);
    };
    let lead_secs = start.secs_since(s.appointment.booked_at);
    if lead_secs < 0 {
        return Finding::not_applicable(GATE.id);
    }
    let usual = i64::from(s.rules.source.cadence.usual_to);
    if lead_secs >= usual * 60 {
        return Finding::pass(GATE.id);
    }
    if s.appointment.booking_unsaid {
        // It may have been booked long before.
        return Finding::not_applicable(GATE.id);
    }
    let minutes_left = start.secs_since(s.marks.now).max(0) / 60;
    Finding::of(GATE.id, Reason::BookedInsideBuffer)
        .observed(Text::from(format_args!("{} min", lead_secs / 60)))
        .expected(Text::from(format_args!("at least {usual} min")))
        .about(s.appointment.source_id.clone())
        .detail("lead", Text::from(format_args!("{} min", lead_secs / 60)))
        .detail("usual", Text::from(format_args!("{usual} min")))
        .detail("system", s.rules.source.profile.name.clone())
        .detail("minutes_left", Text::from(format_args!("{minutes_left}")))
}
