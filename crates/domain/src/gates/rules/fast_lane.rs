//! # Fast lane
//!
//! ## What it checks
//! The start is not so far ahead (in business days of the practice) that the system takes a day or more.
//!
//! ## Why it matters
//! For such visits the usual minutes do not hold, and calling them late would be wrong.
//!
//! ## What to do
//! Nothing; the visit is expected later than others.
//!
//! ## Example
//! On a Monday a visit on the Thursday of next week is eight business days ahead: expected within a day.
//!
//! ## Source
//! Requirement S1-20.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::FastLane,
    family: Family::Time,
    side: Side::Platform,
    expects: "a start within the fast lane",
    looks_at: LooksAt::Start,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let (Some(start), Some(from), Some(days)) =
        (s.appointment.start(), s.marks.slow_lane_from, s.rules.platform.times.slow_lane_business_days)
    else {
        return Finding::not_applicable(GATE.id);
    };
    if start < from {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::LongLeadSlowLane)
        .observed(s.clock(start))
        .about("")
        .detail("lane", Text::from(format_args!("{days} business days")))
        .detail("lane_time", Text::from(format_args!("{} hours", s.rules.platform.times.slow_lane_hours)))
}
