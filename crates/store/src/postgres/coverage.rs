//! Coverage in PostgreSQL.

use crate::postgres::session::Session;
use crate::postgres::values::{column, key_columns, text};
use crate::{CoverageReads, CoverageRow, CoverageWrites, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;

impl CoverageReads for Session {
    fn coverage(&mut self, integration: IntegrationKey, from: Moment, to: Moment) -> Result<Vec<CoverageRow>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[],
            "SELECT feed, from_at, to_at, read_at, complete FROM coverage
             WHERE practice = $1 AND integration = $2 AND to_at >= $3 AND from_at <= $4 ORDER BY from_at, feed",
            &[&practice, &number, &from.micros(), &to.micros()],
        )?;
        let read = |row: &tokio_postgres::Row| {
            Ok(CoverageRow {
                feed: text(row, 0)?,
                from: Moment::from_micros(column(row, 1)?),
                to: Moment::from_micros(column(row, 2)?),
                read_at: Moment::from_micros(column(row, 3)?),
                complete: column(row, 4)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

impl CoverageWrites for Session {
    fn put_coverage(&mut self, integration: IntegrationKey, row: &CoverageRow) -> Result<()> {
        let (practice, number) = key_columns(integration);
        self.change(
            &[],
            "INSERT INTO coverage (practice, integration, feed, from_at, to_at, read_at, complete)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (practice, integration, feed, from_at)
             DO UPDATE SET to_at = excluded.to_at, read_at = excluded.read_at, complete = excluded.complete",
            &[
                &practice,
                &number,
                &row.feed.as_str(),
                &row.from.micros(),
                &row.to.micros(),
                &row.read_at.micros(),
                &row.complete,
            ],
        )
        .map(|_| ())
    }
}
