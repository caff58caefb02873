//! Coverage: proof of reading. "We never received it" is only said where this shows that we were listening.

use crate::Result;
use domain::ids::IntegrationKey;
use domain::text::Text;
use domain::time::Moment;

/// One stretch of one feed that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageRow {
    /// Which feed.
    pub feed: Text,
    /// From when.
    pub from: Moment,
    /// Up to when.
    pub to: Moment,
    /// When it was read.
    pub read_at: Moment,
    /// Nothing in it was left out.
    pub complete: bool,
}

/// Reading coverage.
pub trait CoverageReads {
    /// Stretches that reach into a range, oldest first.
    fn coverage(&mut self, integration: IntegrationKey, from: Moment, to: Moment) -> Result<Vec<CoverageRow>>;
}

/// Writing coverage.
pub trait CoverageWrites {
    /// Stores a stretch; one that began at the same moment is replaced (it grew).
    fn put_coverage(&mut self, integration: IntegrationKey, row: &CoverageRow) -> Result<()>;
}
