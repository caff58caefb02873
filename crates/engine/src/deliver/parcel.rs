//! A card on its way, and the platform's answer.

use crate::setup::Endpoint;
use domain::ids::{AppointmentKey, EntryId};
use domain::ledger::Cause;
use domain::model::Card;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;

/// A card on its way to a platform: everything a carrier needs.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Where to.
    pub endpoint: Arc<Endpoint>,
    /// Whose card.
    pub key: AppointmentKey,
    /// The decision that wished for it.
    pub entry: EntryId,
    /// Its version.
    pub version: u32,
    /// The lease it is sent under.
    pub fence: u32,
    /// Until when that lease lasts.
    pub until: Moment,
    /// Which attempt, counted from 1.
    pub attempt: u32,
    /// The same for every attempt with this version: what the platform recognises a repetition by.
    pub id: Text,
    /// `appointment.created`, `appointment.updated`, …
    pub event: &'static str,
    /// When the decision was made.
    pub at: Moment,
    /// What made us decide.
    pub cause: Cause,
    /// The card.
    pub card: Arc<Card>,
    /// The parts in which it differs from the card the platform last accepted.
    pub changed: Vec<&'static str>,
}

/// The id of a version's event: the same on every node and after every restart, telling nothing of the appointment.
pub(super) fn event_id(key: &AppointmentKey, version: u32) -> Text {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&key.integration.practice.0.to_le_bytes());
    hasher.update(&key.integration.integration.to_le_bytes());
    hasher.update(key.source_id.as_bytes());
    let hash = hasher.finalize();
    Text::from(format!("msg_{}_{version}", &hash.to_hex()[..20]))
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The platform took it.
    Accepted {
        /// The answer in a few words: `200`.
        answer: Text,
        /// Its id of the card, when it named one.
        platform_id: Option<Text>,
    },
    /// The platform will never take this card; its reason, redacted.
    Refused {
        /// The answer in a few words.
        answer: Text,
    },
    /// The platform takes no more at all (410).
    Gone,
    /// Not now; worth trying again.
    Again {
        /// The answer in a few words.
        answer: Text,
        /// The platform asked to wait so many seconds.
        retry_after_secs: Option<u32>,
    },
    /// Nobody was there: certainly not done.
    Unreachable {
        /// Why, in a few words.
        answer: Text,
    },
    /// It was sent, and the answer was lost: it may have been done.
    Unknown {
        /// Why, in a few words.
        answer: Text,
    },
}
