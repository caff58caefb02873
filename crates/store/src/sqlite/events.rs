//! Events for platforms in SQLite.

use crate::bodies::{decode_event, encode_event};
use crate::sqlite::session::{Session, column, integration_at};
use crate::sqlite::values::{id_column, id_of, limit_column};
use crate::{EventReads, EventRow, EventWrites, Result};
use domain::ids::{EntryId, IntegrationKey};
use domain::time::Moment;

fn event_row(row: &rusqlite::Row<'_>) -> Result<EventRow> {
    let (id, due_at) = (EntryId(id_of(column(row, 2)?)), Moment::from_micros(column(row, 3)?));
    decode_event(integration_at(row, 0)?, id, due_at, &column::<Vec<u8>>(row, 4)?)
}

impl EventReads for Session {
    fn events_due(&mut self, now: Moment, limit: usize) -> Result<Vec<EventRow>> {
        self.all(
            "SELECT practice, integration, id, due_at, body FROM event e WHERE due_at <= ?1 AND NOT EXISTS (
               SELECT 1 FROM event o WHERE o.practice = e.practice AND o.integration = e.integration AND o.id < e.id)
             ORDER BY due_at, id LIMIT ?2",
            (now.micros(), limit_column(limit)),
            event_row,
        )
    }

    fn event(&mut self, integration: IntegrationKey, id: EntryId) -> Result<Option<EventRow>> {
        self.one(
            "SELECT practice, integration, id, due_at, body FROM event
             WHERE practice = ?1 AND integration = ?2 AND id = ?3",
            (integration.practice.0, integration.integration, id_column(id.0)),
            event_row,
        )
    }

    fn next_event(&mut self) -> Result<Option<Moment>> {
        self.one(
            "SELECT due_at FROM event e WHERE NOT EXISTS (
               SELECT 1 FROM event o WHERE o.practice = e.practice AND o.integration = e.integration AND o.id < e.id)
             ORDER BY due_at LIMIT 1",
            (),
            |row| Ok(Moment::from_micros(column(row, 0)?)),
        )
    }
}

impl EventWrites for Session {
    fn put_event(&mut self, row: &EventRow) -> Result<()> {
        let mut body = Vec::new();
        encode_event(row, &mut body)?;
        self.change(
            "INSERT INTO event (practice, integration, id, due_at, body) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (practice, integration, id) DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
            (row.integration.practice.0, row.integration.integration, id_column(row.id.0), row.due_at.micros(), body),
        )
        .map(|_| ())
    }

    fn delete_event(&mut self, integration: IntegrationKey, id: EntryId) -> Result<()> {
        self.change(
            "DELETE FROM event WHERE practice = ?1 AND integration = ?2 AND id = ?3",
            (integration.practice.0, integration.integration, id_column(id.0)),
        )
        .map(|_| ())
    }
}
