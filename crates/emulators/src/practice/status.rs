//! How a visit stands, in the vendor's words.

use serde::{Serialize, Serializer};

/// The status of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Booked.
    Scheduled,
    /// The patient said they will come.
    Confirmed,
    /// The patient is there.
    CheckedIn,
    /// The visit is over.
    CheckedOut,
    /// The patient did not come.
    NoShow,
    /// It was called off.
    Cancelled,
    /// Taken out of the diary.
    Deleted,
    /// A word of the clinic's own.
    Other(String),
}

impl Status {
    /// The statuses that the desk can choose from.
    pub const CHOICES: [Status; 4] = [Status::Scheduled, Status::Confirmed, Status::CheckedIn, Status::CheckedOut];

    /// The vendor's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Status::Scheduled => "Scheduled",
            Status::Confirmed => "Confirmed",
            Status::CheckedIn => "CheckedIn",
            Status::CheckedOut => "CheckedOut",
            Status::NoShow => "NoShow",
            Status::Cancelled => "Cancelled",
            Status::Deleted => "Deleted",
            Status::Other(word) => word,
        }
    }

    /// Reads a word; one that the vendor does not know is the clinic's own.
    #[must_use]
    pub fn from_word(word: &str) -> Status {
        let known = [
            Status::Scheduled,
            Status::Confirmed,
            Status::CheckedIn,
            Status::CheckedOut,
            Status::NoShow,
            Status::Cancelled,
            Status::Deleted,
        ];
        let found = known.into_iter().find(|status| status.word().eq_ignore_ascii_case(word.trim()));
        found.unwrap_or_else(|| Status::Other(word.trim().to_owned()))
    }

    /// The visit will not take place any more, or has taken place.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self, Status::CheckedOut | Status::NoShow | Status::Cancelled | Status::Deleted)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
