//! # Access granted
//!
//! ## What it checks
//! The owner of the practice system has granted access: the integration is past *initiated*.
//!
//! ## Why it matters
//! Until then nobody on our side can do anything, and the clinic should know whom to ask.
//!
//! ## What to do
//! Grant the access asked for, then move the integration to *authorized*.
//!
//! ## Example
//! The practice signed, its system's vendor has not opened the interface yet: the visit waits for the vendor.
//!
//! ## Source
//! Requirements S0-6, S0-9.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::setup::Lifecycle;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::AccessGranted,
    family: Family::Integration,
    side: Side::Source,
    expects: "access granted by the practice system's owner",
    looks_at: LooksAt::Words("granted"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if s.rules.lifecycle != Lifecycle::Initiated {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::AuthorizationPending)
        .observed(s.rules.lifecycle.word())
        .from(Source::Setup)
        .about(s.rules.integration.clone())
        .wakes_on(WakeKey::Integration)
}
