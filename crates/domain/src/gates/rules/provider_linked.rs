//! # Provider linked
//!
//! ## What it checks
//! The provider, known to both sides, has been joined to their account on the platform.
//!
//! ## Why it matters
//! Each user of a team is mapped individually. Without the link nobody knows in whose diary the visit belongs.
//!
//! ## What to do
//! Link the provider. Every visit that waits for the link is decided again and sent by itself.
//!
//! ## Example
//! Two doctors of a live team: one linked, one not. The linked one's visits travel; the other's are held together as
//! one cause, and one link releases them all.
//!
//! ## Source
//! Requirements S0-10 to S0-15.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ProviderLinked,
    family: Family::Provider,
    side: Side::Platform,
    expects: "a linked provider",
    looks_at: LooksAt::Provider,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let (Some(entry), Some(named), true) = (s.provider, s.appointment.provider(), s.wants_provider()) else {
        return Finding::not_applicable(GATE.id);
    };
    if entry.platform_id.is_some() {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::NoConnectedProviderAccount)
        .observed(named.source_id.clone())
        .at(&named.place)
        .about(named.source_id.clone())
        .detail("provider", called(s))
        .wakes_on(WakeKey::Provider(named.source_id.clone()))
}

/// The visit's provider as people call them: `Kim Lee (DR9)`.
pub(super) fn called(s: &Snapshot<'_>) -> Text {
    let Some(named) = s.appointment.provider() else { return Text::literal("the provider") };
    let user = s.rules.directory.user(&named.source_id).and_then(|user| user.name.as_ref());
    match s.provider.and_then(|entry| entry.name.as_ref()).or(user).or(named.name.as_ref()) {
        Some(name) => Text::from(format_args!("{name} ({})", named.source_id)),
        None => named.source_id.clone(),
    }
}
