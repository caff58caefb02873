//! Runs of data-quality checks in SQLite.

use crate::columns::{decode_body, encode_body};
use crate::sqlite::session::{Session, column, integration_at};
use crate::sqlite::values::limit_column;
use crate::{CheckReads, CheckRunRow, CheckWrites, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;

fn run_row(row: &rusqlite::Row<'_>) -> Result<CheckRunRow> {
    Ok(CheckRunRow {
        integration: integration_at(row, 0)?,
        slot: Moment::from_micros(column(row, 2)?),
        results: decode_body("check run", &column::<Vec<u8>>(row, 3)?)?,
    })
}

impl CheckReads for Session {
    fn last_check_run(&mut self, integration: IntegrationKey) -> Result<Option<CheckRunRow>> {
        self.one(
            "SELECT practice, integration, slot, body FROM check_run
             WHERE practice = ?1 AND integration = ?2 ORDER BY slot DESC LIMIT 1",
            (integration.practice.0, integration.integration),
            run_row,
        )
    }

    fn check_runs(&mut self, integration: IntegrationKey, since: Moment, limit: usize) -> Result<Vec<CheckRunRow>> {
        self.all(
            "SELECT practice, integration, slot, body FROM check_run
             WHERE practice = ?1 AND integration = ?2 AND slot >= ?3 ORDER BY slot DESC LIMIT ?4",
            (integration.practice.0, integration.integration, since.micros(), limit_column(limit)),
            run_row,
        )
    }
}

impl CheckWrites for Session {
    fn put_check_run(&mut self, row: &CheckRunRow) -> Result<()> {
        let mut body = Vec::new();
        encode_body("check run", &row.results, &mut body)?;
        self.change(
            "INSERT INTO check_run (practice, integration, slot, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (practice, integration, slot) DO NOTHING",
            (row.integration.practice.0, row.integration.integration, row.slot.micros(), body),
        )
        .map(|_| ())
    }

    fn forget_check_runs(&mut self, integration: IntegrationKey, before: Moment) -> Result<()> {
        self.change(
            "DELETE FROM check_run WHERE practice = ?1 AND integration = ?2 AND slot < ?3",
            (integration.practice.0, integration.integration, before.micros()),
        )
        .map(|_| ())
    }
}
