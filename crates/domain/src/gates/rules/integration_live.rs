//! # Integration live
//!
//! ## What it checks
//! The integration has gone through initiated, authorized and configured, and is live and not paused.
//!
//! ## Why it matters
//! Before that nothing may flow: half a set-up sends half a schedule, and nobody can say which half.
//!
//! ## What to do
//! Finish the step named in the explanation and set the integration live. Whatever was seen meanwhile is decided
//! again and sent by itself.
//!
//! ## Example
//! A clinic books its first visit the day before go-live. It is held with the outstanding step; the next morning the
//! integration is opened and the visit travels without another click.
//!
//! ## Source
//! Requirements S0-6, S0-8, S0-9.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::setup::Lifecycle;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::IntegrationLive,
    family: Family::Integration,
    side: Side::Platform,
    expects: "a live integration",
    looks_at: LooksAt::Words("live"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let lifecycle = s.rules.lifecycle;
    if lifecycle == Lifecycle::Live {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::IntegrationNotLive)
        .observed(lifecycle.word())
        .from(Source::Setup)
        .about(s.rules.integration.clone())
        .detail("outstanding", lifecycle.outstanding())
        .detail("since", format!("{}", s.rules.lifecycle_since))
        .wakes_on(WakeKey::Integration)
}
