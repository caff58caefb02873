//! # Sent before its end
//!
//! ## What it checks
//! A visit that has ended (cancelled, missed, took place) was on the platform before, or may be sent now.
//!
//! ## Why it matters
//! A visit that was cancelled while it was still held needs no e-mail address and no link any more. It would only fill
//! the list of things to do.
//!
//! ## What to do
//! Nothing. The platform shows nothing, as it should.
//!
//! ## Example
//! Booked without an e-mail address, cancelled an hour later: left out, and no longer asked for.
//!
//! ## Source
//! Platform sheets (the cancellation of a visit that never synced produces nothing); invariant 5.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::profile::UnseenEnds;
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::SentBeforeEnd,
    family: Family::Status,
    side: Side::Platform,
    expects: "shown by the platform before it ended",
    looks_at: LooksAt::Status,
    check: Check::Concluding(check),
};

fn check(s: &Snapshot<'_>, found: &[Finding]) -> Finding {
    if !s.ended() {
        return Finding::not_applicable(GATE.id);
    }
    let drops = s.rules.platform.statuses.unseen_ends == UnseenEnds::Drop;
    let stopped = found.iter().any(|finding| finding.state.stops());
    if s.standing.ever_sent || !(drops || stopped) {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::EndedBeforeSent)
        .observed(s.reading.status.label().to_lowercase())
        .about(s.appointment.source_id.clone())
}
