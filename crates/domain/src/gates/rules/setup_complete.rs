//! # Set-up complete
//!
//! ## What it checks
//! An integration that is authorized is also configured: providers and visit types are mapped as far as the platform
//! asks for them.
//!
//! ## Why it matters
//! Opened with empty lists, an integration would hold or leave out every visit for reasons that look different each
//! time.
//!
//! ## What to do
//! Map what the explanation names, then move the integration to *configured*.
//!
//! ## Example
//! Access was granted on Monday; no visit type is listed yet. The first visit says so.
//!
//! ## Source
//! Requirements S0-6, S0-11.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::profile::Approval;
use crate::reasons::{Family, Reason};
use crate::setup::Lifecycle;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::SetupComplete,
    family: Family::Integration,
    side: Side::Platform,
    expects: "providers and visit types mapped",
    looks_at: LooksAt::Words("complete"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !matches!(s.rules.lifecycle, Lifecycle::Initiated | Lifecycle::Authorized) {
        return Finding::pass(GATE.id);
    }
    let demands = &s.rules.platform;
    let mut lacking = Vec::new();
    if demands.provider.must_be_linked && !demands.provider.only_when_listed && s.rules.directory.has_no_providers() {
        lacking.push("no provider is mapped");
    }
    if demands.types.approved == Approval::Listed && s.rules.types.approved().is_empty() {
        lacking.push("no visit type is approved");
    }
    let observed = if lacking.is_empty() { "not signed off as configured".to_owned() } else { lacking.join(", ") };
    Finding::of(GATE.id, Reason::ConfigIncomplete)
        .observed(observed)
        .from(Source::Setup)
        .about(s.rules.integration.clone())
        .wakes_on(WakeKey::Integration)
}
