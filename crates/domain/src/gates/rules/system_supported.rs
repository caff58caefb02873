//! # System supported
//!
//! ## What it checks
//! The platform works with the practice's system.
//!
//! ## Why it matters
//! Where it does not, no fix and no retry will ever help; the clinic deserves that answer at once.
//!
//! ## What to do
//! Record the clinic's wish for this system. There is nothing to retry.
//!
//! ## Example
//! A telemedicine platform works with six systems; a clinic on a seventh asks why nothing arrives.
//!
//! ## Source
//! Requirements S1-2, S1-3.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::SystemSupported,
    family: Family::Integration,
    side: Side::Platform,
    expects: "a practice system that the platform works with",
    looks_at: LooksAt::Words("a system that the platform works with"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let system = &s.rules.source.profile;
    if s.rules.supported {
        return Finding::pass(GATE.id);
    }
    let known = s.rules.platform.sources.as_deref().unwrap_or_default().join(", ");
    Finding::of(GATE.id, Reason::PlatformUnsupported)
        .observed(system.name.clone())
        .expected(known)
        .from(Source::Setup)
        .about(system.id.clone())
        .wakes_on(WakeKey::Integration)
}
