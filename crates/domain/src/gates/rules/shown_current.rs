//! # Shown state current
//!
//! ## What it checks
//! The platform does not still show an earlier state of a visit that is now stopped.
//!
//! ## Why it matters
//! A stopped visit that was once sent is visible to the patient as it was. Whoever explains it must know that.
//!
//! ## What to do
//! Mend what stops the visit; the platform is then brought up to date by itself.
//!
//! ## Example
//! A visit on the platform gets an unknown status word: the card stays as it was, and this says since when.
//!
//! ## Source
//! The contract: an unmapped status keeps the card's last known state.

use crate::gates::{Check, Finding, Gate, GateId, LiveView, LooksAt, Side, Source};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ShownCurrent,
    family: Family::Write,
    side: Side::Platform,
    expects: "no earlier state on the platform",
    looks_at: LooksAt::Words("current"),
    check: Check::Live(check),
};

fn check(view: &LiveView<'_>) -> Finding {
    if view.is_to_be_shown() || view.delivery.accepted == 0 {
        return Finding::not_applicable(GATE.id);
    }
    let since = match view.delivery.confirmed_at {
        Some(at) => crate::explain::clock(view.rules, None, at),
        None => Text::from(format_args!("version {}", view.delivery.accepted)),
    };
    Finding::of(GATE.id, Reason::ShownThoughStopped)
        .observed(Text::from(format_args!("version {}", view.delivery.accepted)))
        .about("")
        .from(Source::Ledger)
        .detail("shown_since", since)
}
