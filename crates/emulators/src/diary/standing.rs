//! How a visit stands, in neutral words.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a visit stands. Each vendor has its own word for it, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Standing {
    Proposed,
    Booked,
    Confirmed,
    CheckedIn,
    InProgress,
    Completed,
    NoShow,
    CancelledByPatient,
    CancelledByProvider,
    /// Called off, and nobody wrote down by whom.
    Cancelled,
    Rescheduled,
    EnteredInError,
    /// A word of the practice's own, where the vendor lets practices have some.
    Own(String),
}

impl Standing {
    const ALL: [Standing; 12] = [
        Standing::Proposed,
        Standing::Booked,
        Standing::Confirmed,
        Standing::CheckedIn,
        Standing::InProgress,
        Standing::Completed,
        Standing::NoShow,
        Standing::CancelledByPatient,
        Standing::CancelledByProvider,
        Standing::Cancelled,
        Standing::Rescheduled,
        Standing::EnteredInError,
    ];

    /// The word that the control plane uses.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Standing::Proposed => "proposed",
            Standing::Booked => "booked",
            Standing::Confirmed => "confirmed",
            Standing::CheckedIn => "checked_in",
            Standing::InProgress => "in_progress",
            Standing::Completed => "completed",
            Standing::NoShow => "no_show",
            Standing::CancelledByPatient => "cancelled_by_patient",
            Standing::CancelledByProvider => "cancelled_by_provider",
            Standing::Cancelled => "cancelled",
            Standing::Rescheduled => "rescheduled",
            Standing::EnteredInError => "entered_in_error",
            Standing::Own(word) => word,
        }
    }

    /// Reads a word; any other is the practice's own.
    #[must_use]
    pub fn from_word(word: &str) -> Standing {
        let word = word.trim();
        Standing::ALL.into_iter().find(|known| known.word() == word).unwrap_or_else(|| Standing::Own(word.to_owned()))
    }

    /// The words that the desk can choose from.
    pub(crate) fn choices() -> impl Iterator<Item = String> {
        Standing::ALL.iter().map(|known| known.word().to_owned())
    }

    /// Called off in one way or another: the time is free again.
    #[must_use]
    pub fn is_off(&self) -> bool {
        matches!(
            self,
            Standing::CancelledByPatient
                | Standing::CancelledByProvider
                | Standing::Cancelled
                | Standing::Rescheduled
                | Standing::EnteredInError
        )
    }

    /// Over, one way or another.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.is_off() || matches!(self, Standing::Completed | Standing::NoShow)
    }
}

impl Serialize for Standing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Standing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Standing, D::Error> {
        Ok(Standing::from_word(&String::deserialize(deserializer)?))
    }
}
