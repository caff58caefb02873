//! Exception items in PostgreSQL.

use crate::exceptions::each_once;
use crate::postgres::session::Session;
use crate::postgres::values::{column, decode_body, encode_body, integration_at, key_columns, limit_column, text};
use crate::{ExceptionReads, ExceptionRow, ExceptionWrites, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;
use tokio_postgres::Row;

fn exception_row(row: &Row) -> Result<ExceptionRow> {
    Ok(ExceptionRow {
        integration: integration_at(row, 0)?,
        cause: text(row, 2)?,
        look_at: column::<Option<i64>>(row, 3)?.map(Moment::from_micros),
        item: decode_body("exception item", column::<&[u8]>(row, 4)?)?,
    })
}

impl ExceptionReads for Session {
    fn exception(&mut self, integration: IntegrationKey, cause: &str) -> Result<Option<ExceptionRow>> {
        let (practice, number) = key_columns(integration);
        // In a batch it is this batch's until it ends: two that look at once do not both open it.
        let sql = if self.batch.is_some() {
            "SELECT practice, integration, cause, look_at, body FROM exception
             WHERE practice = $1 AND integration = $2 AND cause = $3 FOR UPDATE"
        } else {
            "SELECT practice, integration, cause, look_at, body FROM exception
             WHERE practice = $1 AND integration = $2 AND cause = $3"
        };
        let row = self.one(&[], sql, &[&practice, &number, &cause])?;
        row.as_ref().map(exception_row).transpose()
    }

    fn open_exceptions(&mut self, integration: IntegrationKey, limit: usize) -> Result<Vec<ExceptionRow>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[],
            "SELECT practice, integration, cause, look_at, body FROM exception
             WHERE practice = $1 AND integration = $2 AND look_at IS NOT NULL ORDER BY cause LIMIT $3",
            &[&practice, &number, &limit_column(limit)],
        )?;
        rows.iter().map(exception_row).collect()
    }

    fn exceptions_due(&mut self, now: Moment, limit: usize) -> Result<Vec<IntegrationKey>> {
        let rows = self.all(
            &[],
            "SELECT practice, integration FROM exception WHERE look_at <= $1 ORDER BY look_at LIMIT $2",
            &[&now.micros(), &limit_column(limit)],
        )?;
        let keys: Result<Vec<IntegrationKey>> = rows.iter().map(|row| integration_at(row, 0)).collect();
        Ok(each_once(keys?))
    }

    fn next_exception(&mut self) -> Result<Option<Moment>> {
        let sql = "SELECT look_at FROM exception WHERE look_at IS NOT NULL ORDER BY look_at LIMIT 1";
        let row = self.one(&[], sql, &[])?;
        row.map(|row| Ok(Moment::from_micros(column(&row, 0)?))).transpose()
    }
}

impl ExceptionWrites for Session {
    fn put_exception(&mut self, row: &ExceptionRow) -> Result<()> {
        let (practice, number) = key_columns(row.integration);
        let mut body = Vec::new();
        encode_body("exception item", &row.item, &mut body)?;
        self.change(
            &[],
            "INSERT INTO exception (practice, integration, cause, look_at, body) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (practice, integration, cause) DO UPDATE SET look_at = excluded.look_at, body = excluded.body",
            &[&practice, &number, &row.cause.as_str(), &row.look_at.map(Moment::micros), &body],
        )
        .map(|_| ())
    }
}
