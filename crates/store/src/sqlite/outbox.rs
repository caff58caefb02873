//! The outbox in SQLite.

use crate::sqlite::session::{Session, column, integration_at, text};
use crate::sqlite::values::{id_column, id_of, limit_column};
use crate::{OutboxReads, OutboxRow, OutboxWrites, Result};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::time::Moment;

fn outbox_row(row: &rusqlite::Row<'_>) -> Result<OutboxRow> {
    Ok(OutboxRow {
        entry: EntryId(id_of(column(row, 0)?)),
        key: AppointmentKey { integration: integration_at(row, 1)?, source_id: text(row, 3)? },
        version: column(row, 4)?,
        visible_at: Moment::from_micros(column(row, 5)?),
        since: Moment::from_micros(column(row, 6)?),
    })
}

impl OutboxReads for Session {
    fn outbox_visible(&mut self, now: Moment, limit: usize) -> Result<Vec<OutboxRow>> {
        self.all(
            "SELECT entry, practice, integration, source_id, version, visible_at, since FROM outbox
             WHERE visible_at <= ?1 ORDER BY visible_at, entry LIMIT ?2",
            (now.micros(), limit_column(limit)),
            outbox_row,
        )
    }

    fn next_outbox(&mut self) -> Result<Option<Moment>> {
        self.one("SELECT visible_at FROM outbox ORDER BY visible_at LIMIT 1", (), |row| {
            Ok(Moment::from_micros(column(row, 0)?))
        })
    }

    fn outbox_depth(&mut self, limit: usize) -> Result<usize> {
        let count = self.one("SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT ?1)", [limit_column(limit)], |row| {
            column::<i64>(row, 0)
        })?;
        Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(0))
    }

    fn outbox_older_than(
        &mut self,
        integration: IntegrationKey,
        since: Moment,
        limit: usize,
    ) -> Result<Vec<OutboxRow>> {
        self.all(
            "SELECT entry, practice, integration, source_id, version, visible_at, since FROM outbox
             WHERE practice = ?1 AND integration = ?2 AND since < ?3 ORDER BY since, entry LIMIT ?4",
            (integration.practice.0, integration.integration, since.micros(), limit_column(limit)),
            outbox_row,
        )
    }
}

impl OutboxWrites for Session {
    fn put_outbox(&mut self, row: &OutboxRow) -> Result<()> {
        self.change(
            "INSERT OR REPLACE INTO outbox (entry, practice, integration, source_id, version, visible_at, since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                id_column(row.entry.0),
                row.key.integration.practice.0,
                row.key.integration.integration,
                row.key.source_id.as_str(),
                row.version,
                row.visible_at.micros(),
                row.since.micros(),
            ),
        )
        .map(|_| ())
    }

    fn delete_outbox(&mut self, visible_at: Moment, entry: EntryId) -> Result<()> {
        self.change(
            "DELETE FROM outbox WHERE visible_at = ?1 AND entry = ?2",
            (visible_at.micros(), id_column(entry.0)),
        )
        .map(|_| ())
    }

    fn reclaim_outbox(&mut self, now: Moment) -> Result<usize> {
        self.change(
            "UPDATE outbox SET visible_at = ?1 WHERE visible_at > ?1 AND visible_at < ?2",
            (now.micros(), OutboxRow::NEVER.micros()),
        )
    }
}
