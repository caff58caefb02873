//! What can go wrong with a store, and whether trying again can help.

use std::time::Duration;

/// The result of asking a store.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else holds what is needed.
    #[error("the store is busy")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no room for what is to be stored.
    #[error("the disk is full")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store cannot be reached, or its disk fails.
    #[error("the store is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer to a commit was lost: it may or may not have happened.
    #[error("whether the batch was stored is not known")]
    OutcomeUnknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Two batches wanted the same row in different ways.
    #[error("another batch changed the same row first")]
    Conflict(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored row cannot be read by this version.
    #[error("a stored {what} cannot be read: {why}")]
    Unreadable {
        /// Which kind of row.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The database was made by a newer version, or a migration failed.
    #[error("the store cannot be brought up to date: {0}")]
    Migration(String),
    /// The request itself does not fit the store.
    #[error("the store refused the request")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// At once.
    Now,
    /// After a while.
    After(Duration),
    /// Look first: it may have happened.
    LookFirst,
    /// Never.
    Never,
}

impl Error {
    /// Whether the caller may try again.
    pub fn retry(&self) -> Retry {
        match self {
            Error::Conflict(_) => Retry::Now,
            Error::Busy(_) => Retry::After(Duration::from_millis(20)),
            Error::Unavailable(_) | Error::Full(_) => Retry::After(Duration::from_millis(500)),
            Error::OutcomeUnknown(_) => Retry::LookFirst,
            Error::Unreadable { .. } | Error::Migration(_) | Error::Refused(_) => Retry::Never,
        }
    }

    /// A stored body that does not decode.
    pub(crate) fn unreadable(what: &'static str, why: impl std::fmt::Display) -> Error {
        Error::Unreadable { what, why: why.to_string() }
    }
}
