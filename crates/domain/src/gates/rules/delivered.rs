//! # Delivered
//!
//! ## What it checks
//! The platform has accepted the card, and confirmed it as far as this platform ever confirms.
//!
//! ## Why it matters
//! "Sent" is not "shown". What a platform accepted can still be lost there; what it refused or never answered is not
//! there at all.
//!
//! ## What to do
//! On its way: nothing. Given up or refused: repair what the platform's answer names, then re-drive; repeating is safe.
//! Gone: set the new address.
//!
//! ## Example
//! The platform's endpoint was down over night: the visit was tried at growing intervals and went through at 07:12.
//!
//! ## Source
//! The delivery schedule and answers of the contract; `DELIVERY_EXHAUSTED`, `PLATFORM_ENDPOINT_GONE`,
//! `PLATFORM_REFUSED`.

use crate::decide::DeliveryState;
use crate::gates::{Check, Finding, Gate, GateId, LiveView, LooksAt, Side, Source, WakeKey};
use crate::profile::Confirmation;
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::Delivered,
    family: Family::Write,
    side: Side::Platform,
    expects: "the card shown by the platform",
    looks_at: LooksAt::Words("delivered"),
    check: Check::Live(check),
};

fn check(view: &LiveView<'_>) -> Finding {
    let delivery = view.delivery;
    let finding = match (delivery.state, delivery.stopped_by) {
        (DeliveryState::Failed, Some(reason)) => Finding::of(GATE.id, reason)
            .observed(view.last_answer())
            .about(view.rules.integration.clone())
            .detail("attempts", Text::from(format_args!("{}", delivery.attempts)))
            .wakes_on(WakeKey::Integration),
        (DeliveryState::Accepted, _) if view.rules.platform.confirmed_by == Confirmation::Nothing => {
            Finding::passing_with(GATE.id, "accepted; this platform confirms nothing beyond that")
        }
        _ if delivery.is_done(view.rules.platform.confirmed_by) => {
            Finding::passing_with(GATE.id, delivery.state.word())
        }
        _ if !view.is_to_be_shown() => return Finding::not_applicable(GATE.id),
        _ => {
            let expected_by = crate::explain::clock(view.rules, None, view.expected_by());
            let finding = Finding::of(GATE.id, Reason::OnTimeWaiting)
                .observed(delivery.state.word())
                .about("")
                .detail("expected_by", expected_by);
            if view.now > view.expected_by() {
                finding.detail("late", "; that has passed, and it is still being tried")
            } else {
                finding
            }
        }
    };
    finding.from(Source::Ledger)
}
