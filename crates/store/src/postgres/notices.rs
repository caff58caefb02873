//! Notices in PostgreSQL.

use crate::bodies::{NoticeColumns, decode_notice, encode_notice};
use crate::postgres::session::Session;
use crate::postgres::values::{column, id_column, id_of, integration_at, key_columns, limit_column, text};
use crate::{NoticeReads, NoticeRow, NoticeWrites, Result};
use domain::ids::{EntryId, IntegrationKey};
use domain::time::Moment;
use tokio_postgres::Row;

fn notice_row(row: &Row) -> Result<NoticeRow> {
    let columns = NoticeColumns {
        integration: integration_at(row, 0)?,
        id: EntryId(id_of(column(row, 2)?)),
        subject: text(row, 3)?,
        once: text(row, 4)?,
        due_at: column::<Option<i64>>(row, 5)?.map(Moment::from_micros),
    };
    decode_notice(columns, column::<&[u8]>(row, 6)?)
}

impl NoticeReads for Session {
    fn notice_once(&mut self, integration: IntegrationKey, once: &str) -> Result<Option<NoticeRow>> {
        let (practice, number) = key_columns(integration);
        let row = self.one(
            &[],
            "SELECT practice, integration, id, subject, once, due_at, body FROM notice
             WHERE practice = $1 AND integration = $2 AND once = $3",
            &[&practice, &number, &once],
        )?;
        row.as_ref().map(notice_row).transpose()
    }

    fn notices_of(&mut self, integration: IntegrationKey, subject: &str, limit: usize) -> Result<Vec<NoticeRow>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[],
            "SELECT practice, integration, id, subject, once, due_at, body FROM notice
             WHERE practice = $1 AND integration = $2 AND subject = $3 ORDER BY id DESC LIMIT $4",
            &[&practice, &number, &subject, &limit_column(limit)],
        )?;
        rows.iter().map(notice_row).collect()
    }

    fn notices_due(&mut self, now: Moment, limit: usize) -> Result<Vec<NoticeRow>> {
        // What another open batch has in hand is passed over: it is being claimed.
        let sql = if self.batch.is_some() {
            "SELECT practice, integration, id, subject, once, due_at, body FROM notice
             WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED"
        } else {
            "SELECT practice, integration, id, subject, once, due_at, body FROM notice
             WHERE due_at <= $1 ORDER BY due_at LIMIT $2"
        };
        let rows = self.all(&[], sql, &[&now.micros(), &limit_column(limit)])?;
        rows.iter().map(notice_row).collect()
    }

    fn next_notice(&mut self) -> Result<Option<Moment>> {
        let sql = "SELECT due_at FROM notice WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1";
        let row = self.one(&[], sql, &[])?;
        row.map(|row| Ok(Moment::from_micros(column(&row, 0)?))).transpose()
    }
}

impl NoticeWrites for Session {
    fn put_notice(&mut self, row: &NoticeRow) -> Result<()> {
        let (practice, number) = key_columns(row.integration);
        let mut body = Vec::new();
        encode_notice(row, &mut body)?;
        self.change(
            &[],
            "INSERT INTO notice (practice, integration, id, subject, once, due_at, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (practice, integration, id) DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
            &[
                &practice,
                &number,
                &id_column(row.id.0),
                &row.subject.as_str(),
                &row.once.as_str(),
                &row.due_at.map(Moment::micros),
                &body,
            ],
        )
        .map(|_| ())
    }
}
