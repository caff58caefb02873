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

impl Session {
    /// The first card of the next integration behind a place: straight to it, whatever stands in between. A comparison
    /// of pairs would look through all cards of the first practice.
    fn first_card_behind(&self, (practice, integration): (i64, i64)) -> Result<Option<(IntegrationKey, i64)>> {
        let card = |row: &rusqlite::Row<'_>| Ok((integration_at(row, 0)?, column::<i64>(row, 2)?));
        let next_door = self.one(
            "SELECT practice, integration, visible_at FROM outbox WHERE practice = ?1 AND integration > ?2
             ORDER BY integration, visible_at LIMIT 1",
            (practice, integration),
            card,
        )?;
        if next_door.is_some() {
            return Ok(next_door);
        }
        self.one(
            "SELECT practice, integration, visible_at FROM outbox WHERE practice > ?1
             ORDER BY practice, integration, visible_at LIMIT 1",
            [practice],
            card,
        )
    }
}

impl OutboxReads for Session {
    fn outbox_turns(
        &mut self,
        now: Moment,
        after: Option<IntegrationKey>,
        limit: usize,
    ) -> Result<Vec<IntegrationKey>> {
        let mut due = Vec::new();
        let mut at = after.map_or((-1, -1), |key| (i64::from(key.practice.0), i64::from(key.integration)));
        while due.len() < limit {
            let Some((key, visible_at)) = self.first_card_behind(at)? else { break };
            if visible_at <= now.micros() {
                due.push(key);
            }
            at = (i64::from(key.practice.0), i64::from(key.integration));
        }
        Ok(due)
    }

    fn outbox_visible(&mut self, now: Moment, integrations: &[IntegrationKey], each: usize) -> Result<Vec<OutboxRow>> {
        let mut due = Vec::new();
        for key in integrations {
            due.extend(self.all(
                "SELECT entry, practice, integration, source_id, version, visible_at, since FROM outbox
                 WHERE practice = ?1 AND integration = ?2 AND visible_at <= ?3 ORDER BY visible_at, entry LIMIT ?4",
                (key.practice.0, key.integration, now.micros(), limit_column(each)),
                outbox_row,
            )?);
        }
        Ok(due)
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

    fn delete_outbox(&mut self, integration: IntegrationKey, visible_at: Moment, entry: EntryId) -> Result<()> {
        self.change(
            "DELETE FROM outbox WHERE visible_at = ?1 AND entry = ?2 AND practice = ?3 AND integration = ?4",
            (visible_at.micros(), id_column(entry.0), integration.practice.0, integration.integration),
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
