//! Events that platforms are told besides cards. A row stands until it was told, or given up; those of one integration
//! are told one after another.

use crate::Result;
use domain::ids::{EntryId, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its id; ascending in time.
    pub id: EntryId,
    /// Whose.
    pub integration: IntegrationKey,
    /// When it is to be told; while it is being told, when whoever does is given up.
    pub due_at: Moment,
    /// What the platform recognises a repetition by: the same for every attempt.
    pub once: Text,
    /// `exception.opened`, `integration.live`, …
    pub name: Text,
    /// When it happened.
    pub at: Moment,
    /// Attempts made.
    pub attempts: u32,
    /// What is told, as JSON.
    pub data: Text,
}

/// Reading events.
pub trait EventReads {
    /// The first event of each integration, where its time has come; in a batch it is nobody else's until that ends.
    fn events_due(&mut self, now: Moment, limit: usize) -> Result<Vec<EventRow>>;

    /// One event, while it stands.
    fn event(&mut self, integration: IntegrationKey, id: EntryId) -> Result<Option<EventRow>>;

    /// When the next first event of an integration is due.
    fn next_event(&mut self) -> Result<Option<Moment>>;
}

/// Writing events.
pub trait EventWrites {
    /// Stores an event, in the place of the one with its id.
    fn put_event(&mut self, row: &EventRow) -> Result<()>;

    /// It was told, or given up.
    fn delete_event(&mut self, integration: IntegrationKey, id: EntryId) -> Result<()>;
}
