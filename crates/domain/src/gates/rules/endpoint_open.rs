//! # Endpoint open
//!
//! ## What it checks
//! The platform's endpoint has not answered that it is gone (410).
//!
//! ## Why it matters
//! "Gone" means that the address will never take anything again. Trying on would only hide that.
//!
//! ## What to do
//! Set the new address. Everything that waits is then sent by itself.
//!
//! ## Example
//! The platform moved to another host over the weekend; on Monday every visit says so, as one cause.
//!
//! ## Source
//! The contract (410 stops the endpoint); `PLATFORM_ENDPOINT_GONE`.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::EndpointOpen,
    family: Family::Write,
    side: Side::Platform,
    expects: "an endpoint that takes visits",
    looks_at: LooksAt::Words("open"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    match s.rules.gone_since {
        None => Finding::pass(GATE.id),
        Some(since) => Finding::of(GATE.id, Reason::PlatformEndpointGone)
            .observed("410 Gone")
            .from(Source::Setup)
            .about(s.rules.integration.clone())
            .detail("since", s.clock(since))
            .wakes_on(WakeKey::Integration),
    }
}
