//! Runs of data-quality checks in PostgreSQL.

use crate::postgres::session::Session;
use crate::postgres::values::{column, decode_body, encode_body, integration_at, key_columns, limit_column};
use crate::{CheckReads, CheckRunRow, CheckWrites, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;
use tokio_postgres::Row;

fn run_row(row: &Row) -> Result<CheckRunRow> {
    Ok(CheckRunRow {
        integration: integration_at(row, 0)?,
        slot: Moment::from_micros(column(row, 2)?),
        results: decode_body("check run", column::<&[u8]>(row, 3)?)?,
    })
}

impl CheckReads for Session {
    fn last_check_run(&mut self, integration: IntegrationKey) -> Result<Option<CheckRunRow>> {
        let (practice, number) = key_columns(integration);
        let row = self.one(
            &[],
            "SELECT practice, integration, slot, body FROM check_run
             WHERE practice = $1 AND integration = $2 ORDER BY slot DESC LIMIT 1",
            &[&practice, &number],
        )?;
        row.as_ref().map(run_row).transpose()
    }

    fn check_runs(&mut self, integration: IntegrationKey, since: Moment, limit: usize) -> Result<Vec<CheckRunRow>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[],
            "SELECT practice, integration, slot, body FROM check_run
             WHERE practice = $1 AND integration = $2 AND slot >= $3 ORDER BY slot DESC LIMIT $4",
            &[&practice, &number, &since.micros(), &limit_column(limit)],
        )?;
        rows.iter().map(run_row).collect()
    }
}

impl CheckWrites for Session {
    fn put_check_run(&mut self, row: &CheckRunRow) -> Result<()> {
        let (practice, number) = key_columns(row.integration);
        let mut body = Vec::new();
        encode_body("check run", &row.results, &mut body)?;
        self.change(
            &[],
            "INSERT INTO check_run (practice, integration, slot, body) VALUES ($1, $2, $3, $4)
             ON CONFLICT (practice, integration, slot) DO NOTHING",
            &[&practice, &number, &row.slot.micros(), &body],
        )
        .map(|_| ())
    }

    fn forget_check_runs(&mut self, integration: IntegrationKey, before: Moment) -> Result<()> {
        let (practice, number) = key_columns(integration);
        self.change(
            &[],
            "DELETE FROM check_run WHERE practice = $1 AND integration = $2 AND slot < $3",
            &[&practice, &number, &before.micros()],
        )
        .map(|_| ())
    }
}
