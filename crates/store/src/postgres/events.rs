//! Events for platforms in PostgreSQL.

use crate::bodies::{decode_event, encode_event};
use crate::postgres::session::Session;
use crate::postgres::values::{column, id_column, id_of, integration_at, key_columns, limit_column};
use crate::{EventReads, EventRow, EventWrites, Result};
use domain::ids::{EntryId, IntegrationKey};
use domain::time::Moment;
use tokio_postgres::Row;

fn event_row(row: &Row) -> Result<EventRow> {
    let (id, due_at) = (EntryId(id_of(column(row, 2)?)), Moment::from_micros(column(row, 3)?));
    decode_event(integration_at(row, 0)?, id, due_at, column::<&[u8]>(row, 4)?)
}

impl EventReads for Session {
    fn events_due(&mut self, now: Moment, limit: usize) -> Result<Vec<EventRow>> {
        // What another open batch has in hand is passed over: it is being claimed.
        let sql = if self.batch.is_some() {
            "SELECT practice, integration, id, due_at, body FROM event e WHERE due_at <= $1 AND NOT EXISTS (
               SELECT 1 FROM event o WHERE o.practice = e.practice AND o.integration = e.integration AND o.id < e.id)
             ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED"
        } else {
            "SELECT practice, integration, id, due_at, body FROM event e WHERE due_at <= $1 AND NOT EXISTS (
               SELECT 1 FROM event o WHERE o.practice = e.practice AND o.integration = e.integration AND o.id < e.id)
             ORDER BY due_at, id LIMIT $2"
        };
        let rows = self.all(&[], sql, &[&now.micros(), &limit_column(limit)])?;
        rows.iter().map(event_row).collect()
    }

    fn event(&mut self, integration: IntegrationKey, id: EntryId) -> Result<Option<EventRow>> {
        let (practice, number) = key_columns(integration);
        let sql = "SELECT practice, integration, id, due_at, body FROM event
                   WHERE practice = $1 AND integration = $2 AND id = $3";
        let row = self.one(&[], sql, &[&practice, &number, &id_column(id.0)])?;
        row.as_ref().map(event_row).transpose()
    }

    fn next_event(&mut self) -> Result<Option<Moment>> {
        let sql = "SELECT due_at FROM event e WHERE NOT EXISTS (
                     SELECT 1 FROM event o
                     WHERE o.practice = e.practice AND o.integration = e.integration AND o.id < e.id)
                   ORDER BY due_at LIMIT 1";
        let row = self.one(&[], sql, &[])?;
        row.map(|row| Ok(Moment::from_micros(column(&row, 0)?))).transpose()
    }
}

impl EventWrites for Session {
    fn put_event(&mut self, row: &EventRow) -> Result<()> {
        let (practice, number) = key_columns(row.integration);
        let mut body = Vec::new();
        encode_event(row, &mut body)?;
        self.change(
            &[],
            "INSERT INTO event (practice, integration, id, due_at, body) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (practice, integration, id) DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
            &[&practice, &number, &id_column(row.id.0), &row.due_at.micros(), &body],
        )
        .map(|_| ())
    }

    fn delete_event(&mut self, integration: IntegrationKey, id: EntryId) -> Result<()> {
        let (practice, number) = key_columns(integration);
        self.change(
            &[],
            "DELETE FROM event WHERE practice = $1 AND integration = $2 AND id = $3",
            &[&practice, &number, &id_column(id.0)],
        )
        .map(|_| ())
    }
}
