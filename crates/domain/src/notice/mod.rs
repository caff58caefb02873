//! Notices: what people are told, and when a change is worth telling them. Each is told at most once.

mod language;
mod patient;
mod reach;

pub use language::Language;
pub use patient::{PatientTold, worth_telling};
pub use reach::{NoWay, Reach};

use minicbor::{Decode, Encode};
use serde::Serialize;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum NoticeKind {
    /// To a patient: a visit was booked.
    #[n(0)]
    Booked,
    /// To a patient: it was moved in time.
    #[n(1)]
    Moved,
    /// To a patient: it was called off.
    #[n(2)]
    Cancelled,
    /// To whoever owns a cause: visits are stopped by it (requirements S0-13, S0-22).
    #[n(3)]
    SyncError,
    /// To the practice: its integration is live (requirement S0-7).
    #[n(4)]
    Live,
    /// To whoever has a cause: it is still open (requirement S3-24).
    #[n(5)]
    Reminder,
    /// To the next person on its path: it was not put right in time (requirement S3-24).
    #[n(6)]
    Escalated,
}

impl NoticeKind {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            NoticeKind::Booked => "booked",
            NoticeKind::Moved => "moved",
            NoticeKind::Cancelled => "cancelled",
            NoticeKind::SyncError => "sync_error",
            NoticeKind::Live => "live",
            NoticeKind::Reminder => "reminder",
            NoticeKind::Escalated => "escalated",
        }
    }

    /// It goes to a patient.
    pub const fn is_for_patient(self) -> bool {
        match self {
            NoticeKind::Booked | NoticeKind::Moved | NoticeKind::Cancelled => true,
            NoticeKind::SyncError | NoticeKind::Live | NoticeKind::Reminder | NoticeKind::Escalated => false,
        }
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum NoticeState {
    /// To be sent at its time.
    #[n(0)]
    Due,
    /// Being sent.
    #[n(1)]
    Sending,
    /// The mail server or gateway took it.
    #[n(2)]
    Sent,
    /// Not sent, because it was no longer true, not wanted, or nobody could be reached.
    #[n(3)]
    Dropped,
    /// Given up.
    #[n(4)]
    Failed,
    /// The answer was lost. It is not sent a second time: telling somebody twice is worse than a call by the desk.
    #[n(5)]
    Unknown,
}

impl NoticeState {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            NoticeState::Due => "due",
            NoticeState::Sending => "sending",
            NoticeState::Sent => "sent",
            NoticeState::Dropped => "dropped",
            NoticeState::Failed => "failed",
            NoticeState::Unknown => "unknown",
        }
    }

    /// Something is still to be done about it.
    pub const fn is_open(self) -> bool {
        match self {
            NoticeState::Due | NoticeState::Sending => true,
            NoticeState::Sent | NoticeState::Dropped | NoticeState::Failed | NoticeState::Unknown => false,
        }
    }
}
