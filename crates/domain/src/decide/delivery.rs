//! The state of making the platform's card equal to the wished one.

use crate::decide::{Decision, Judgement};
use crate::profile::Confirmation;
use crate::reasons::Reason;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};
use serde::Serialize;

/// Where a delivery stands. Words of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum DeliveryState {
    /// Nothing to deliver.
    #[n(0)]
    #[default]
    None,
    /// Stored and not tried yet, or kept back while something stops the visit.
    #[n(1)]
    Queued,
    /// Being tried now.
    #[n(2)]
    Sending,
    /// Tried without success; tried again at a known time.
    #[n(3)]
    Retrying,
    /// The platform said yes.
    #[n(4)]
    Accepted,
    /// The platform shows it, by its own word.
    #[n(5)]
    Confirmed,
    /// The answer was lost: it may have been done.
    #[n(6)]
    Unknown,
    /// Given up.
    #[n(7)]
    Failed,
}

impl DeliveryState {
    /// Every state, by stored number.
    pub const ALL: [DeliveryState; 8] = [
        DeliveryState::None,
        DeliveryState::Queued,
        DeliveryState::Sending,
        DeliveryState::Retrying,
        DeliveryState::Accepted,
        DeliveryState::Confirmed,
        DeliveryState::Unknown,
        DeliveryState::Failed,
    ];

    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            DeliveryState::None => "none",
            DeliveryState::Queued => "queued",
            DeliveryState::Sending => "sending",
            DeliveryState::Retrying => "retrying",
            DeliveryState::Accepted => "accepted",
            DeliveryState::Confirmed => "confirmed",
            DeliveryState::Unknown => "unknown",
            DeliveryState::Failed => "failed",
        }
    }
}

/// The delivery of one appointment's card.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Delivery {
    /// Where it stands.
    #[n(0)]
    pub state: DeliveryState,
    /// The version wished for.
    #[n(1)]
    pub wanted: u32,
    /// The version the platform last accepted; 0: none.
    #[n(2)]
    pub accepted: u32,
    /// Attempts made for the version wished for.
    #[n(3)]
    pub attempts: u32,
    /// The platform's id of the card.
    #[n(4)]
    pub platform_id: Option<Text>,
    /// When the platform last accepted or confirmed.
    #[n(5)]
    pub confirmed_at: Option<Moment>,
    /// Since when the patient and the clinic have been waiting for what is wished for: since the booking for a first
    /// card, since the change afterwards; since the release when something had stopped it (requirement S1-21).
    #[n(6)]
    pub since: Moment,
    /// When the next attempt is due.
    #[n(7)]
    pub next_at: Option<Moment>,
    /// What ended it, when it was given up.
    #[n(8)]
    pub stopped_by: Option<Reason>,
    /// The last answer: an HTTP status with a short, redacted word, or why there was none.
    #[n(9)]
    pub last_answer: Option<Text>,
    /// Some version was sent with an outcome that leaves it open whether the platform took it.
    #[n(10)]
    #[cbor(default)]
    pub maybe_shown: bool,
}

impl Delivery {
    /// The version wished for has arrived as far as this platform ever says.
    pub fn is_done(&self, confirmed_by: Confirmation) -> bool {
        match self.state {
            DeliveryState::Confirmed => true,
            DeliveryState::Accepted => confirmed_by == Confirmation::Nothing,
            DeliveryState::None
            | DeliveryState::Queued
            | DeliveryState::Sending
            | DeliveryState::Retrying
            | DeliveryState::Unknown
            | DeliveryState::Failed => false,
        }
    }

    /// Something is still to be sent, or its outcome to be found out.
    pub const fn is_open(&self) -> bool {
        match self.state {
            DeliveryState::Queued | DeliveryState::Sending | DeliveryState::Retrying | DeliveryState::Unknown => true,
            DeliveryState::None | DeliveryState::Accepted | DeliveryState::Confirmed | DeliveryState::Failed => false,
        }
    }

    /// Whoever was sending is gone, and the outcome with them.
    pub fn lose_outcome(&mut self) {
        self.maybe_shown = true;
        if self.state == DeliveryState::Sending {
            self.state = DeliveryState::Unknown;
        }
    }

    /// Something stops the visit: nothing more is sent. `true`: nobody has seen the card, and it is taken back as if it
    /// had never been asked for; `false`: the platform may have it, so it is kept back.
    pub fn hold_back(&mut self) -> bool {
        if self.accepted == 0 && !self.maybe_shown {
            *self = Delivery::default();
            return true;
        }
        self.next_at = None;
        if self.state != DeliveryState::Unknown {
            self.state = DeliveryState::Queued;
        }
        false
    }

    /// Since when people have been waiting for what a decision wishes for. The time in which something stopped the
    /// visit belongs to what stopped it (requirement S1-21); a booking time ahead of our clock counts from now.
    /// `before`: how the visit was judged until then, and its delivery.
    pub fn waiting_since(
        confirmed_by: Confirmation,
        before: Option<(Judgement, &Delivery)>,
        decision: &Decision,
    ) -> Moment {
        let Some((judgement, delivery)) = before else {
            // A diary that is taken over was booked long ago, and nobody has waited for us since.
            let taken_over = decision.appointment.taken_over.is_some();
            return if taken_over { decision.at } else { decision.appointment.booked_at.min(decision.at) };
        };
        let ended = delivery.is_done(confirmed_by) || delivery.stopped_by.is_some();
        if judgement.shows() && !ended { delivery.since } else { decision.at }
    }

    /// A new version is wished for, and people have been waiting for it since then.
    pub fn want(&mut self, version: u32, since: Moment) {
        self.state = DeliveryState::Queued;
        self.wanted = version;
        self.attempts = 0;
        self.since = since;
        self.next_at = None;
        self.stopped_by = None;
    }
}
