//! Proof of reading, as connectors report it.

use crate::{Engine, Result};
use domain::ids::IntegrationKey;
use domain::text::Text;
use domain::time::Moment;
use store::CoverageRow;

/// A stretch of a feed that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Whose feed.
    pub integration: IntegrationKey,
    /// Which feed.
    pub feed: Text,
    /// From when.
    pub from: Moment,
    /// Up to when.
    pub to: Moment,
    /// Nothing in it was left out.
    pub complete: bool,
}

impl Engine {
    /// Notes stretches that were read; one that began at the same moment as an earlier one continues it.
    pub async fn note_coverage(&self, stretches: Vec<Coverage>) -> Result<()> {
        if stretches.is_empty() {
            return Ok(());
        }
        let done = self.scribe.run(move |batch| {
            let now = batch.now;
            for stretch in &stretches {
                let row = CoverageRow {
                    feed: stretch.feed.clone(),
                    from: stretch.from,
                    to: stretch.to,
                    read_at: now,
                    complete: stretch.complete,
                };
                batch.writer().put_coverage(stretch.integration, &row)?;
            }
            Ok(())
        });
        done.await
    }
}
