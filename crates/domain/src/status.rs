//! The canonical statuses of a visit, one list for every source and platform.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is true of a visit (or of one participant of it). Names as in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Status {
    /// Pencilled in or asked for; not firm.
    #[n(0)]
    Proposed,
    /// Firmly in the diary.
    #[n(1)]
    Booked,
    /// The patient said they will come.
    #[n(2)]
    Confirmed,
    /// The patient is there.
    #[n(3)]
    CheckedIn,
    /// The visit has begun.
    #[n(4)]
    InProgress,
    /// The visit took place.
    #[n(5)]
    Completed,
    /// Cancelled by or for the patient.
    #[n(6)]
    CancelledByPatient,
    /// Cancelled by the clinic.
    #[n(7)]
    CancelledByProvider,
    /// Cancelled; the source does not say by whom.
    #[n(8)]
    Cancelled,
    /// The patient did not come.
    #[n(9)]
    NoShow,
    /// Moved to another visit with an id of its own.
    #[n(10)]
    Rescheduled,
    /// Should never have been in the diary.
    #[n(11)]
    EnteredInError,
    /// Taken out of the diary without a status.
    #[n(12)]
    Removed,
}

impl Status {
    /// Every status, in the order of the contract.
    pub const ALL: [Status; 13] = [
        Status::Proposed,
        Status::Booked,
        Status::Confirmed,
        Status::CheckedIn,
        Status::InProgress,
        Status::Completed,
        Status::CancelledByPatient,
        Status::CancelledByProvider,
        Status::Cancelled,
        Status::NoShow,
        Status::Rescheduled,
        Status::EnteredInError,
        Status::Removed,
    ];

    /// The word used in the API, in documents and in profiles.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Proposed => "proposed",
            Status::Booked => "booked",
            Status::Confirmed => "confirmed",
            Status::CheckedIn => "checked_in",
            Status::InProgress => "in_progress",
            Status::Completed => "completed",
            Status::CancelledByPatient => "cancelled_by_patient",
            Status::CancelledByProvider => "cancelled_by_provider",
            Status::Cancelled => "cancelled",
            Status::NoShow => "no_show",
            Status::Rescheduled => "rescheduled",
            Status::EnteredInError => "entered_in_error",
            Status::Removed => "removed",
        }
    }

    /// Reads the word of the API back.
    pub fn from_word(word: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Nothing more will happen to this visit: it took place, was given up, or never was.
    pub const fn is_ended(self) -> bool {
        match self {
            Status::Proposed | Status::Booked | Status::Confirmed | Status::CheckedIn | Status::InProgress => false,
            Status::Completed
            | Status::CancelledByPatient
            | Status::CancelledByProvider
            | Status::Cancelled
            | Status::NoShow
            | Status::Rescheduled
            | Status::EnteredInError
            | Status::Removed => true,
        }
    }

    /// The visit was given up before it began, by whomever.
    pub const fn is_cancelled(self) -> bool {
        matches!(
            self,
            Status::CancelledByPatient | Status::CancelledByProvider | Status::Cancelled | Status::Rescheduled
        )
    }

    /// The visit is taken away from the platform rather than shown as ended.
    pub const fn is_gone(self) -> bool {
        matches!(self, Status::EnteredInError | Status::Removed)
    }

    /// As a person would say it: `Cancelled by provider`.
    pub fn label(self) -> String {
        let spaced = self.word().replace('_', " ");
        let mut letters = spaced.chars();
        match letters.next() {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => spaced,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_word(status.word()), Some(status));
        }
        assert_eq!(Status::from_word("bumped"), None);
        assert_eq!(Status::CancelledByProvider.label(), "Cancelled by provider");
    }

    #[test]
    fn what_is_cancelled_or_gone_has_ended() {
        for status in Status::ALL {
            assert!(!(status.is_cancelled() || status.is_gone()) || status.is_ended(), "{status}");
        }
    }
}
