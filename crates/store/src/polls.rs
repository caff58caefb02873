//! Reading sources by asking: what is remembered of each integration that is read so, and where vendors' limits stand.

use crate::Result;
use domain::ids::IntegrationKey;
use domain::polling::{PaceState, PollState};
use domain::time::Moment;

/// What is remembered of reading one integration's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollRow {
    /// Whose.
    pub integration: IntegrationKey,
    /// When somebody should look at it; while a process reads, the end of its lease.
    pub due_at: Moment,
    /// Raised with every change; 0 before the first.
    pub revision: u64,
    /// Raised with every claim.
    pub fence: u64,
    /// The rest.
    pub state: PollState,
}

impl PollRow {
    /// The due time of what is never read.
    pub const NEVER: Moment = Moment::from_micros(i64::MAX);
}

/// Where a vendor's limits stand.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PaceRow {
    /// Raised with every change; 0 before the first.
    pub revision: u64,
    /// The limits.
    pub state: PaceState,
}

/// Reading what is remembered of reading.
pub trait PollReads {
    /// Of one integration.
    fn poll(&mut self, integration: IntegrationKey) -> Result<Option<PollRow>>;

    /// Those that may be claimed now, longest due first, without these integrations.
    fn polls_due(&mut self, now: Moment, without: &[IntegrationKey], limit: usize) -> Result<Vec<PollRow>>;

    /// When the next one is due, without these; `None`: there is none, or only such that are never read.
    fn next_poll(&mut self, without: &[IntegrationKey]) -> Result<Option<Moment>>;

    /// Every integration that has a row, in order.
    fn polled(&mut self) -> Result<Vec<IntegrationKey>>;

    /// Where the limits of a scope stand.
    fn pace(&mut self, scope: &str) -> Result<Option<PaceRow>>;
}

/// Changing it.
pub trait PollWrites {
    /// Stores a row as the next revision after the one it names; a conflict when that is not the newest any more.
    fn put_poll(&mut self, row: &PollRow) -> Result<()>;

    /// Forgets a row.
    fn delete_poll(&mut self, integration: IntegrationKey) -> Result<()>;

    /// Stores where limits stand, as the next revision after the one it names; a conflict when that is not the newest.
    fn put_pace(&mut self, scope: &str, row: &PaceRow) -> Result<()>;
}
