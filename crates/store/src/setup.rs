//! Practices, integrations and the links people made.

use crate::Result;
use domain::ids::{IntegrationKey, PracticeNo};
use domain::setup::{IntegrationDoc, Lifecycle, LinkFact, LinkKind, PracticeDoc};
use domain::text::Text;
use domain::time::Moment;

/// A practice.
#[derive(Clone, Debug, PartialEq)]
pub struct PracticeRow {
    /// Its number.
    pub practice: PracticeNo,
    /// Its document.
    pub document: PracticeDoc,
    /// When it last changed.
    pub changed_at: Moment,
}

/// An integration.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegrationRow {
    /// Its key.
    pub key: IntegrationKey,
    /// Its document, without patients (those are accounts).
    pub document: IntegrationDoc,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// Since when.
    pub lifecycle_since: Moment,
    /// Since when the platform's endpoint answers that it is gone.
    pub gone_since: Option<Moment>,
    /// Raised with every change.
    pub version: u64,
    /// When it last changed.
    pub changed_at: Moment,
}

/// Reading the set-up.
pub trait SetupReads {
    /// Raised with every change of any set-up, by whichever process.
    fn setup_epoch(&mut self) -> Result<u64>;

    /// Versions of decisions go on above this; raised when the store is put back from an older copy.
    fn version_floor(&mut self) -> Result<u32>;

    /// All practices.
    fn practices(&mut self) -> Result<Vec<PracticeRow>>;

    /// One practice by its id.
    fn practice(&mut self, id: &str) -> Result<Option<PracticeRow>>;

    /// All integrations.
    fn integrations(&mut self) -> Result<Vec<IntegrationRow>>;

    /// One integration by its id.
    fn integration(&mut self, id: &str) -> Result<Option<IntegrationRow>>;

    /// Links made by people in one integration.
    fn links(&mut self, integration: IntegrationKey) -> Result<Vec<LinkFact>>;
}

/// Changing the set-up. Every call raises the epoch.
pub trait SetupWrites {
    /// Stores a practice under its id; gives it a number when it is new.
    fn put_practice(&mut self, document: &PracticeDoc, now: Moment) -> Result<PracticeNo>;

    /// Stores an integration; gives it a number when `key` is `None`.
    fn put_integration(&mut self, practice: PracticeNo, row: &IntegrationRow, new: bool) -> Result<IntegrationKey>;

    /// Stores a link.
    fn put_link(&mut self, integration: IntegrationKey, link: &LinkFact) -> Result<()>;

    /// Removes a link; `true` when there was one.
    fn delete_link(&mut self, integration: IntegrationKey, kind: LinkKind, source_id: &str) -> Result<bool>;

    /// Raises the floor of versions; returns what it is then.
    fn raise_version_floor(&mut self, by: u32) -> Result<u32>;

    /// The next number of a process on this store, counted from 1.
    fn next_boot(&mut self) -> Result<u32>;
}

/// A text column of a document.
pub(crate) fn to_json<T: serde::Serialize>(what: &'static str, document: &T) -> Result<String> {
    serde_json::to_string(document).map_err(|error| crate::Error::unreadable(what, error))
}

/// Reads a text column of a document back.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| crate::Error::unreadable(what, error))
}

/// The parts of an integration that its id is read from.
pub(crate) fn integration_id(row: &IntegrationRow) -> &Text {
    &row.document.id
}
