//! The one verdict an appointment has at any moment (requirement X-1).

use crate::decide::{Delivery, DeliveryState, Judgement};
use crate::profile::Confirmation;
use crate::reasons::Reason;
use minicbor::{Decode, Encode};
use serde::Serialize;
use std::fmt;

/// Did it sync?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Verdict {
    /// Both sides are the same.
    #[n(0)]
    InSync,
    /// On its way, and not late by this system's measure.
    #[n(1)]
    OnTime,
    /// Waiting for a date; nobody has to act.
    #[n(2)]
    WaitingByRule,
    /// Someone must act.
    #[n(3)]
    Held,
    /// Tried and given up.
    #[n(4)]
    Failed,
    /// Left out on purpose.
    #[n(5)]
    Excluded,
    /// There, but misfiled, stale or doubled.
    #[n(6)]
    ArrivedWrong,
    /// No rule fits. Counted in public.
    #[n(7)]
    Unexplained,
}

impl Verdict {
    /// Every verdict, by stored number.
    pub const ALL: [Verdict; 8] = [
        Verdict::InSync,
        Verdict::OnTime,
        Verdict::WaitingByRule,
        Verdict::Held,
        Verdict::Failed,
        Verdict::Excluded,
        Verdict::ArrivedWrong,
        Verdict::Unexplained,
    ];

    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::InSync => "in_sync",
            Verdict::OnTime => "on_time",
            Verdict::WaitingByRule => "waiting_by_rule",
            Verdict::Held => "held",
            Verdict::Failed => "failed",
            Verdict::Excluded => "excluded",
            Verdict::ArrivedWrong => "arrived_wrong",
            Verdict::Unexplained => "unexplained",
        }
    }

    /// Reads the word back.
    pub fn from_word(word: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| verdict.word() == word)
    }

    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Verdict::InSync => "In sync",
            Verdict::OnTime => "On its way",
            Verdict::WaitingByRule => "Waiting by rule",
            Verdict::Held => "Held",
            Verdict::Failed => "Failed",
            Verdict::Excluded => "Left out",
            Verdict::ArrivedWrong => "Arrived wrong",
            Verdict::Unexplained => "Unexplained",
        }
    }

    /// Somebody has to look at it.
    pub const fn needs_attention(self) -> bool {
        match self {
            Verdict::Held | Verdict::Failed | Verdict::ArrivedWrong | Verdict::Unexplained => true,
            Verdict::InSync | Verdict::OnTime | Verdict::WaitingByRule | Verdict::Excluded => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The verdict of a decision and its delivery, with the primary reason of the moment.
pub fn settle(
    confirmed_by: Confirmation,
    judgement: Judgement,
    primary: Option<Reason>,
    delivery: &Delivery,
) -> (Verdict, Option<Reason>) {
    match judgement {
        Judgement::Exclude => (Verdict::Excluded, primary),
        Judgement::Hold => (Verdict::Held, primary),
        Judgement::Wait => (Verdict::WaitingByRule, primary),
        Judgement::Show | Judgement::ShowMisfiled => match (delivery.state, delivery.stopped_by) {
            (DeliveryState::Failed, Some(Reason::PlatformEndpointGone)) => {
                (Verdict::Held, Some(Reason::PlatformEndpointGone))
            }
            (DeliveryState::Failed, stopped_by) => (Verdict::Failed, stopped_by.or(Some(Reason::DeliveryExhausted))),
            (DeliveryState::None, _) => (Verdict::Unexplained, Some(Reason::Unexplained)),
            _ if !delivery.is_done(confirmed_by) => (Verdict::OnTime, Some(Reason::OnTimeWaiting)),
            _ if judgement == Judgement::ShowMisfiled => (Verdict::ArrivedWrong, primary),
            _ => (Verdict::InSync, None),
        },
    }
}
