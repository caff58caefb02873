//! What came, and what was done with it.

use jiff::Timestamp;
use serde::Serialize;

/// What became of a request to the hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Received {
    /// Its card is shown.
    Kept,
    /// Kept, and answered without the platform's id.
    KeptUnconfirmed,
    /// Kept, and the answer was dropped.
    KeptUnanswered,
    /// An event about something other than a visit.
    Noted,
    /// The same event again: recognised by its id.
    Duplicate,
    /// Not newer than what is shown.
    OutOfOrder,
    /// The signature does not hold.
    BadlySigned,
    /// It cannot be understood.
    Malformed,
    /// Refused with a reason.
    Refused,
    /// Answered well, and not kept.
    Lied,
    /// The platform was down, or asked for patience.
    Unavailable,
    /// The endpoint is gone.
    Gone,
}

impl Received {
    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Received::Kept => "kept",
            Received::KeptUnconfirmed => "kept, answered without an id",
            Received::KeptUnanswered => "kept, answer dropped",
            Received::Noted => "noted",
            Received::Duplicate => "duplicate recognised",
            Received::OutOfOrder => "out of order, refused",
            Received::BadlySigned => "badly signed, refused",
            Received::Malformed => "not understood, refused",
            Received::Refused => "refused",
            Received::Lied => "answered well, not kept",
            Received::Unavailable => "platform was down",
            Received::Gone => "endpoint was gone",
        }
    }
}

/// One request to the hook.
#[derive(Clone, Debug, Serialize)]
pub struct ReceivedEvent {
    /// When.
    pub at: Timestamp,
    /// `webhook-id`
    pub webhook_id: String,
    /// How often this id was seen, this time counted.
    pub attempt: u32,
    /// The event's kind, where it was looked at.
    #[serde(rename = "type")]
    pub kind: String,
    /// About which visit.
    pub source_id: String,
    /// Which version of its card.
    pub version: Option<u32>,
    /// What became of it.
    pub outcome: Received,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How often each thing happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests to the hook.
    pub received: u64,
    /// Cards kept, however they were answered.
    pub kept: u64,
    /// Events about other things.
    pub noted: u64,
    /// Repeated events, recognised.
    pub duplicates: u64,
    /// Events that were not newer than what is shown.
    pub out_of_order: u64,
    /// Requests whose signature did not hold.
    pub badly_signed: u64,
    /// Events that were not understood.
    pub malformed: u64,
    /// Events that were refused with a reason.
    pub refused: u64,
    /// Events that were answered well and not kept.
    pub lied: u64,
    /// Requests while the platform was down.
    pub unavailable: u64,
    /// Requests while the endpoint was gone.
    pub gone: u64,
    /// Notices sent to patients.
    pub notices: u64,
}

impl Counters {
    pub(super) fn count(&mut self, outcome: Received) {
        self.received += 1;
        let counter = match outcome {
            Received::Kept | Received::KeptUnconfirmed | Received::KeptUnanswered => &mut self.kept,
            Received::Noted => &mut self.noted,
            Received::Duplicate => &mut self.duplicates,
            Received::OutOfOrder => &mut self.out_of_order,
            Received::BadlySigned => &mut self.badly_signed,
            Received::Malformed => &mut self.malformed,
            Received::Refused => &mut self.refused,
            Received::Lied => &mut self.lied,
            Received::Unavailable => &mut self.unavailable,
            Received::Gone => &mut self.gone,
        };
        *counter += 1;
    }
}
