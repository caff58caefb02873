//! Coverage in SQLite.

use crate::sqlite::session::{Session, column, text};
use crate::{CoverageReads, CoverageRow, CoverageWrites, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;

impl CoverageReads for Session {
    fn coverage(&mut self, integration: IntegrationKey, from: Moment, to: Moment) -> Result<Vec<CoverageRow>> {
        self.all(
            "SELECT feed, from_at, to_at, read_at, complete FROM coverage
             WHERE practice = ?1 AND integration = ?2 AND to_at >= ?3 AND from_at <= ?4 ORDER BY from_at, feed",
            (integration.practice.0, integration.integration, from.micros(), to.micros()),
            |row| {
                Ok(CoverageRow {
                    feed: text(row, 0)?,
                    from: Moment::from_micros(column(row, 1)?),
                    to: Moment::from_micros(column(row, 2)?),
                    read_at: Moment::from_micros(column(row, 3)?),
                    complete: column(row, 4)?,
                })
            },
        )
    }
}

impl CoverageWrites for Session {
    fn put_coverage(&mut self, integration: IntegrationKey, row: &CoverageRow) -> Result<()> {
        self.change(
            "INSERT OR REPLACE INTO coverage (practice, integration, feed, from_at, to_at, read_at, complete) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                integration.practice.0,
                integration.integration,
                row.feed.as_str(),
                row.from.micros(),
                row.to.micros(),
                row.read_at.micros(),
                row.complete,
            ),
        )
        .map(|_| ())
    }
}
