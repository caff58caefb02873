//! # One visit, one provider
//!
//! ## What it checks
//! The patient has no other live visit at the same time with another provider, where the system is known to leave the
//! old one when the provider changes.
//!
//! ## Why it matters
//! Changing the provider leaves the old entry and makes a new one. The patient would be invited twice for one hour.
//!
//! ## What to do
//! Look into the diary. If the two are one visit, let the new one go ahead: the old one is then retired. If they are
//! two, leave it as it is by removing the old one there, or decide that both stand.
//!
//! ## Example
//! A-1 with Dr Cole at 10:00; A-2 appears for the same patient at 10:00 with Dr Lee.
//!
//! ## Source
//! The catalogue of reasons, group D: `PROVIDER_CHANGE_SPLIT`.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::model::Relation;
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::OneVisitOneProvider,
    family: Family::Provider,
    side: Side::Source,
    expects: "no other visit of the same patient at the same time",
    looks_at: LooksAt::Words("no other visit at that time"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let Some(other) = s.appointment.related(Relation::Doubles) else { return Finding::pass(GATE.id) };
    match s.appointment.ruling(Reason::ProviderChangeSplit) {
        Some(true) => return Finding::passing_with(GATE.id, "let go ahead by a person"),
        Some(false) => return Finding::of(GATE.id, Reason::LeftOutByDecision).observed(other.clone()).about(""),
        None => {}
    }
    Finding::of(GATE.id, Reason::ProviderChangeSplit)
        .observed(other.clone())
        .about(s.appointment.source_id.clone())
        .detail("other", other.clone())
        .wakes_on(WakeKey::Integration)
}
