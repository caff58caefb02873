//! # Sent before its end
//!
//! ## What it checks
//! A visit that has ended (cancelled, missed, took place) was on the platform before, or may be sent now. The history
//! that comes with a whole diary (`punctual backfill`) may not: it is kept and explained, and nobody is shown it.
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
    let history = s.is_history();
    if !s.ended() && !history {
        return Finding::not_applicable(GATE.id);
    }
    if !s.ended() {
        return Finding::of(GATE.id, Reason::EndedBeforeSent).observed("over").about(s.appointment.source_id.clone());
    }
    let drops = history || s.rules.platform.statuses.unseen_ends == UnseenEnds::Drop;
    let stopped = found.iter().any(|finding| finding.state.stops());
    if s.standing.ever_sent() || !(drops || stopped) {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::EndedBeforeSent)
        .observed(s.reading.status.label().to_lowercase())
        .about(s.appointment.source_id.clone())
}
