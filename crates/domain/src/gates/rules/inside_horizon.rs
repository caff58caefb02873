//! # Inside the horizon
//!
//! ## What it checks
//! The start is not further ahead than the platform takes visits, in calendar months of the clinic's zone. A visit that
//! has entered stays inside: from 29 November on, three months end on 28 February whatever the day, so on the morning
//! of the 30th the rule would reach less far than on the evening before.
//!
//! ## Why it matters
//! Such visits wait by rule. Nothing is wrong, nobody has to act, and they enter by themselves on a known date.
//!
//! ## What to do
//! Nothing; the explanation names the date.
//!
//! ## Example
//! On 30 November a visit on 1 March is a day beyond three months; it is sent by itself on 1 December.
//!
//! ## Source
//! Requirements S1-18, S1-19.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;
use crate::time::enters_horizon;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::InsideHorizon,
    family: Family::Time,
    side: Side::Platform,
    expects: "a start inside the horizon",
    looks_at: LooksAt::Start,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let (Some(start), Some(end), Some(months)) =
        (s.appointment.start(), s.marks.horizon_end, s.rules.platform.times.horizon_months)
    else {
        return Finding::not_applicable(GATE.id);
    };
    // What the platform already shows is kept up to date wherever it moves to; what ended needs no invitation.
    if start <= end || s.standing.ever_sent() || s.ended() {
        return Finding::pass(GATE.id);
    }
    let enters = enters_horizon(start, &s.rules.zone, months);
    if enters <= s.marks.now {
        return Finding::pass(GATE.id);
    }
    let reason = match s.appointment.series {
        Some(_) => Reason::SeriesPartlyBeyondHorizon,
        None => Reason::BeyondSyncHorizon,
    };
    Finding::of(GATE.id, reason)
        .observed(s.clock(start))
        .expected(Text::from(format_args!("not after {}", s.clock(end))))
        .about("")
        .detail("horizon", Text::from(format_args!("{months} months")))
        .detail("enters", crate::explain::day(s.rules, enters))
        .detail("enters_at", Text::from(format_args!("{enters}")))
        .wakes_on(WakeKey::Time(enters))
}
