//! # Provider active
//!
//! ## What it checks
//! The provider's account on the platform is enabled.
//!
//! ## Why it matters
//! A disabled provider cannot open the visit, however well it arrived.
//!
//! ## What to do
//! Enable the provider on the platform, or rebook the visit on an active one.
//!
//! ## Example
//! A doctor back from leave is booked again before the platform enabled her account.
//!
//! ## Source
//! Requirements S0-26, S1-28.

use crate::gates::rules::provider_linked::called;
use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ProviderActive,
    family: Family::Provider,
    side: Side::Platform,
    expects: "a provider enabled on the platform",
    looks_at: LooksAt::Provider,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let (Some(entry), Some(named), true) = (s.provider, s.appointment.provider(), s.wants_provider()) else {
        return Finding::not_applicable(GATE.id);
    };
    if entry.active {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::ProviderNotActive)
        .observed(named.source_id.clone())
        .at(&named.place)
        .about(named.source_id.clone())
        .detail("provider", called(s))
        .wakes_on(WakeKey::Provider(named.source_id.clone()))
}
