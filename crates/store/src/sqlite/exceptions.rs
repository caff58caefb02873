//! Exception items in SQLite.

use crate::columns::{decode_body, encode_body};
use crate::exceptions::each_once;
use crate::sqlite::session::{Session, column, integration_at, text};
use crate::sqlite::values::limit_column;
use crate::{ExceptionReads, ExceptionRow, ExceptionWrites, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;

fn exception_row(row: &rusqlite::Row<'_>) -> Result<ExceptionRow> {
    Ok(ExceptionRow {
        integration: integration_at(row, 0)?,
        cause: text(row, 2)?,
        look_at: column::<Option<i64>>(row, 3)?.map(Moment::from_micros),
        item: decode_body("exception item", &column::<Vec<u8>>(row, 4)?)?,
    })
}

impl ExceptionReads for Session {
    fn exception(&mut self, integration: IntegrationKey, cause: &str) -> Result<Option<ExceptionRow>> {
        self.one(
            "SELECT practice, integration, cause, look_at, body FROM exception
             WHERE practice = ?1 AND integration = ?2 AND cause = ?3",
            (integration.practice.0, integration.integration, cause),
            exception_row,
        )
    }

    fn open_exceptions(&mut self, integration: IntegrationKey, limit: usize) -> Result<Vec<ExceptionRow>> {
        self.all(
            "SELECT practice, integration, cause, look_at, body FROM exception INDEXED BY exception_open
             WHERE practice = ?1 AND integration = ?2 AND look_at IS NOT NULL ORDER BY cause LIMIT ?3",
            (integration.practice.0, integration.integration, limit_column(limit)),
            exception_row,
        )
    }

    fn exceptions_due(&mut self, now: Moment, limit: usize) -> Result<Vec<IntegrationKey>> {
        let rows = self.all(
            "SELECT practice, integration FROM exception WHERE look_at <= ?1 ORDER BY look_at LIMIT ?2",
            (now.micros(), limit_column(limit)),
            |row| integration_at(row, 0),
        )?;
        Ok(each_once(rows))
    }

    fn next_exception(&mut self) -> Result<Option<Moment>> {
        self.one("SELECT look_at FROM exception WHERE look_at IS NOT NULL ORDER BY look_at LIMIT 1", (), |row| {
            Ok(Moment::from_micros(column(row, 0)?))
        })
    }
}

impl ExceptionWrites for Session {
    fn put_exception(&mut self, row: &ExceptionRow) -> Result<()> {
        let mut body = Vec::new();
        encode_body("exception item", &row.item, &mut body)?;
        self.change(
            "INSERT INTO exception (practice, integration, cause, look_at, body) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (practice, integration, cause) DO UPDATE SET look_at = excluded.look_at, body = excluded.body",
            (
                row.integration.practice.0,
                row.integration.integration,
                row.cause.as_str(),
                row.look_at.map(Moment::micros),
                body,
            ),
        )
        .map(|_| ())
    }
}
