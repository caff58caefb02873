//! # Provider registered
//!
//! ## What it checks
//! The visit names a provider, and the platform knows that provider at all: as a provider, not as a staff user.
//!
//! ## Why it matters
//! A visit for someone unknown would be shown to nobody, or to the wrong person.
//!
//! ## What to do
//! Register the provider with the platform, or rebook the visit on a registered one. A visit booked on a staff user
//! is moved to a provider in the practice system.
//!
//! ## Example
//! A new hygienist starts on Monday; her first visit arrives before anybody registered her.
//!
//! ## Source
//! Requirements S1-28, S1-29, S0-12.

use crate::gates::rules::provider_linked::called;
use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};
use crate::setup::UserRole;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ProviderRegistered,
    family: Family::Provider,
    side: Side::Platform,
    expects: "a provider whom the platform knows",
    looks_at: LooksAt::Provider,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let named = s.appointment.provider();
    let finding = match named {
        _ if !s.wants_provider() => return Finding::not_applicable(GATE.id),
        _ if s.provider.is_some() => return Finding::pass(GATE.id),
        // Where unknown providers are filed under nobody, `provider_filed` tells of it.
        _ if s.files_unknown_under_nobody() => return Finding::not_applicable(GATE.id),
        None => Finding::of(GATE.id, Reason::ProviderNotRegistered)
            .observed("(none named)")
            .about("")
            .detail("provider", "A provider that the practice system does not name"),
        Some(provider) => {
            let staff = s.rules.directory.user(&provider.source_id).is_some_and(|user| user.role == UserRole::Staff);
            let reason = if staff { Reason::ScheduledForNonProvider } else { Reason::ProviderNotRegistered };
            Finding::of(GATE.id, reason)
                .observed(provider.source_id.clone())
                .at(&provider.place)
                .about(provider.source_id.clone())
                .detail("provider", called(s))
                .wakes_on(WakeKey::Provider(provider.source_id.clone()))
        }
    };
    finding.wakes_on(WakeKey::Integration)
}
