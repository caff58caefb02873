//! # Provider filed
//!
//! ## What it checks
//! On platforms that take visits of unknown providers, the visit is filed under somebody and not under nobody.
//!
//! ## Why it matters
//! A visit that arrived under nobody is not visible to the one who should hold it. It counts as not in order.
//!
//! ## What to do
//! Register and link the provider. The visit is then attached to them by itself.
//!
//! ## Example
//! A test visit is booked on a user who is no provider: it arrives, and stands in the list of unassigned visits.
//!
//! ## Source
//! Requirement S1-30.

use crate::gates::rules::provider_linked::called;
use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ProviderFiled,
    family: Family::Provider,
    side: Side::Platform,
    expects: "a provider to file the visit under",
    looks_at: LooksAt::Provider,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.wants_provider() || !s.files_unknown_under_nobody() || s.provider.is_some() {
        return Finding::not_applicable(GATE.id);
    }
    let finding =
        Finding::of(GATE.id, Reason::ArrivedMisfiled).detail("provider", called(s)).wakes_on(WakeKey::Integration);
    match s.appointment.provider() {
        Some(named) => finding
            .observed(named.source_id.clone())
            .at(&named.place)
            .about(named.source_id.clone())
            .wakes_on(WakeKey::Provider(named.source_id.clone())),
        None => finding.observed("(none named)").about(""),
    }
}
