//! Notices in SQLite.

use crate::bodies::{NoticeColumns, decode_notice, encode_notice};
use crate::sqlite::session::{Session, column, integration_at, text};
use crate::sqlite::values::{id_column, id_of, limit_column};
use crate::{NoticeReads, NoticeRow, NoticeWrites, Result};
use domain::ids::{EntryId, IntegrationKey};
use domain::time::Moment;

fn notice_row(row: &rusqlite::Row<'_>) -> Result<NoticeRow> {
    let columns = NoticeColumns {
        integration: integration_at(row, 0)?,
        id: EntryId(id_of(column(row, 2)?)),
        subject: text(row, 3)?,
        once: text(row, 4)?,
        due_at: column::<Option<i64>>(row, 5)?.map(Moment::from_micros),
    };
    decode_notice(columns, &column::<Vec<u8>>(row, 6)?)
}

impl NoticeReads for Session {
    fn notice_once(&mut self, integration: IntegrationKey, once: &str) -> Result<Option<NoticeRow>> {
        self.one(
            "SELECT practice, integration, id, subject, once, due_at, body FROM notice
             WHERE practice = ?1 AND integration = ?2 AND once = ?3",
            (integration.practice.0, integration.integration, once),
            notice_row,
        )
    }

    fn notices_of(&mut self, integration: IntegrationKey, subject: &str, limit: usize) -> Result<Vec<NoticeRow>> {
        self.all(
            "SELECT practice, integration, id, subject, once, due_at, body FROM notice
             WHERE practice = ?1 AND integration = ?2 AND subject = ?3 ORDER BY id DESC LIMIT ?4",
            (integration.practice.0, integration.integration, subject, limit_column(limit)),
            notice_row,
        )
    }

    fn notices_due(&mut self, now: Moment, limit: usize) -> Result<Vec<NoticeRow>> {
        self.all(
            "SELECT practice, integration, id, subject, once, due_at, body FROM notice
             WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2",
            (now.micros(), limit_column(limit)),
            notice_row,
        )
    }

    fn next_notice(&mut self) -> Result<Option<Moment>> {
        self.one("SELECT due_at FROM notice WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1", (), |row| {
            Ok(Moment::from_micros(column(row, 0)?))
        })
    }
}

impl NoticeWrites for Session {
    fn put_notice(&mut self, row: &NoticeRow) -> Result<()> {
        let mut body = Vec::new();
        encode_notice(row, &mut body)?;
        self.change(
            "INSERT INTO notice (practice, integration, id, subject, once, due_at, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (practice, integration, id) DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
            (
                row.integration.practice.0,
                row.integration.integration,
                id_column(row.id.0),
                row.subject.as_str(),
                row.once.as_str(),
                row.due_at.map(Moment::micros),
                body,
            ),
        )
        .map(|_| ())
    }
}
