//! The ledger: an append-only log of entries, chained by appointment.

use crate::Result;
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::ledger::Entry;
use domain::text::Text;
use domain::time::Moment;

/// One entry as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryRow {
    /// Its id; ascending in time.
    pub id: EntryId,
    /// Whose integration.
    pub integration: IntegrationKey,
    /// Which appointment.
    pub source_id: Text,
    /// The entry before it of the same appointment.
    pub prev: Option<EntryId>,
    /// When.
    pub at: Moment,
    /// What happened.
    pub entry: Entry,
}

/// Reading the ledger.
pub trait LedgerReads {
    /// One entry.
    fn entry(&mut self, id: EntryId) -> Result<Option<EntryRow>>;

    /// The entries of an appointment from `last` back, newest first, at most `limit`.
    fn entries(&mut self, key: &AppointmentKey, last: EntryId, limit: usize) -> Result<Vec<EntryRow>>;

    /// Decisions of a practice's integrations after `after`, oldest first.
    fn decisions_since(
        &mut self,
        integrations: &[IntegrationKey],
        after: EntryId,
        limit: usize,
    ) -> Result<Vec<EntryRow>>;

    /// The greatest id given to any entry, envelope or audit row; 0 when there is none.
    fn greatest_id(&mut self) -> Result<u64>;
}

/// Writing the ledger.
pub trait LedgerWrites {
    /// Appends an entry.
    fn put_entry(
        &mut self,
        key: &AppointmentKey,
        id: EntryId,
        prev: Option<EntryId>,
        at: Moment,
        entry: &Entry,
    ) -> Result<()>;
}
