//! # Found where people look
//!
//! ## What it checks
//! The visit stands among the upcoming ones on the platform, where people look for it.
//!
//! ## Why it matters
//! "It vanished" is mostly "it stands among the past ones": finished, given up, missed, or entered in error.
//!
//! ## What to do
//! Look among the past ones; the finding says why it is there.
//!
//! ## Example
//! The patient cancelled; the card went to the past ones, and the front desk misses it among today's.
//!
//! ## Source
//! Requirement S4-24.

use crate::gates::{Check, Finding, Gate, GateId, LiveView, LooksAt, Side, Source};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::FoundWhereLooked,
    family: Family::Told,
    side: Side::Platform,
    expects: "among the upcoming ones",
    looks_at: LooksAt::Words("among the upcoming ones"),
    check: Check::Live(check),
};

fn check(view: &LiveView<'_>) -> Finding {
    if view.delivery.accepted == 0 || !view.is_to_be_shown() {
        return Finding::not_applicable(GATE.id);
    }
    let Some(status) = view.shown.filter(|status| status.is_ended()) else { return Finding::pass(GATE.id) };
    Finding::of(GATE.id, Reason::DisplayFiltered).observed(status.label().to_lowercase()).from(Source::Ledger).about("")
}
