//! What a ledger tells of the past: which decision held at a moment, and where its delivery stood then.
//!
//! The present state of a delivery is kept in one row, and a row forgets. The ledger does not: going through its
//! entries up to a moment gives the answer that was true then (requirement X-8).

use crate::decide::{Decision, Delivery, DeliveryState};
use crate::ledger::{Attempt, Entry};
use crate::profile::Confirmation;
use crate::reasons::Reason;
use crate::time::Moment;

/// How things stood.
#[derive(Clone, Debug, PartialEq)]
pub struct Past<'a> {
    /// The decision that held.
    pub decision: &'a Decision,
    /// Where its delivery stood. Whether a card was under way at that very moment is not in the ledger: it is queued.
    pub delivery: Delivery,
}

/// How things stood after the last of these entries, which are given oldest first and from the first one on. `None`:
/// nothing had been decided yet.
pub fn past(confirmed_by: Confirmation, entries: &[(Moment, Entry)]) -> Option<Past<'_>> {
    let mut told: Option<Told<'_>> = None;
    for (at, entry) in entries {
        match (entry, &mut told) {
            (Entry::Decided { decision, .. }, Some(told)) => told.decided(confirmed_by, decision),
            (Entry::Decided { decision, .. }, None) => told = Some(Told::first(confirmed_by, decision)),
            (Entry::Attempted(attempt), Some(told)) => told.attempted(attempt, *at),
            (Entry::Receipt { version, platform_id, .. }, Some(told)) => {
                told.delivery.platform_id = platform_id.clone().or_else(|| told.delivery.platform_id.take());
                if *version == told.delivery.wanted {
                    told.arrived(*version, DeliveryState::Confirmed, *at);
                }
            }
            (Entry::DrivenAgain { .. }, Some(told)) => told.wanted_again(*at),
            (Entry::Heard { .. } | Entry::Told { .. }, _) | (_, None) => {}
        }
    }
    told.map(|told| Past { decision: told.decision, delivery: told.delivery })
}

struct Told<'a> {
    decision: &'a Decision,
    delivery: Delivery,
    /// Something stops the visit, and a card that the platform may have is kept back.
    kept_back: bool,
}

impl<'a> Told<'a> {
    fn first(confirmed_by: Confirmation, decision: &'a Decision) -> Told<'a> {
        let mut told = Told { decision, delivery: Delivery::default(), kept_back: false };
        told.wish(decision, Delivery::waiting_since(confirmed_by, None, decision));
        told
    }

    fn decided(&mut self, confirmed_by: Confirmation, decision: &'a Decision) {
        let before = (self.decision.judgement, &self.delivery);
        let since = Delivery::waiting_since(confirmed_by, Some(before), decision);
        self.decision = decision;
        let gone = Some(Reason::PlatformEndpointGone);
        if self.delivery.stopped_by == gone && !decision.stops().any(|finding| finding.reason() == gone) {
            // There is another address by now, and what the old one stopped goes on.
            self.delivery.stopped_by = None;
            self.delivery.state = DeliveryState::Queued;
            self.kept_back = true;
        }
        self.wish(decision, since);
    }

    fn wish(&mut self, decision: &Decision, since: Moment) {
        if !decision.judgement.shows() {
            self.stopped();
        } else if decision.card().is_some() {
            self.delivery.want(decision.version, since);
            self.kept_back = false;
        } else if self.kept_back && self.delivery.is_open() {
            self.delivery.want(self.delivery.wanted, since);
            self.kept_back = false;
        }
    }

    fn stopped(&mut self) {
        if self.delivery.is_open() {
            self.kept_back = !self.delivery.hold_back();
        }
    }

    fn attempted(&mut self, attempt: &Attempt, at: Moment) {
        if let Some(id) = &attempt.platform_id {
            self.delivery.platform_id = Some(id.clone());
        }
        if self.delivery.wanted == 0 {
            // It was under way when something stopped the visit.
            self.delivery.wanted = attempt.version;
        }
        // A refusal and an endpoint that is gone are certain; whatever else happened, the platform may have the card.
        self.delivery.maybe_shown |= attempt.state != DeliveryState::Failed;
        let arrived = matches!(attempt.state, DeliveryState::Accepted | DeliveryState::Confirmed);
        if attempt.version != self.delivery.wanted {
            if arrived {
                self.delivery.accepted = self.delivery.accepted.max(attempt.version);
            }
        } else {
            self.delivery.attempts = attempt.number;
            self.delivery.last_answer = Some(attempt.answer.clone());
            if arrived {
                self.arrived(attempt.version, attempt.state, at);
            } else {
                self.delivery.state = attempt.state;
                self.delivery.next_at = attempt.next_at;
                self.delivery.stopped_by = attempt.stopped_by;
            }
        }
        if !self.decision.judgement.shows() {
            self.stopped();
        }
    }

    fn arrived(&mut self, version: u32, state: DeliveryState, at: Moment) {
        self.delivery.accepted = self.delivery.accepted.max(version);
        self.delivery.state = state;
        self.delivery.confirmed_at = Some(at);
        self.delivery.next_at = None;
        self.delivery.stopped_by = None;
    }

    fn wanted_again(&mut self, at: Moment) {
        self.delivery.want(self.delivery.wanted, at);
        self.kept_back = false;
    }
}
