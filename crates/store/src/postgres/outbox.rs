//! The outbox in PostgreSQL.

use crate::postgres::pending::Table;
use crate::postgres::session::Session;
use crate::postgres::values::{column, id_of, integration_at, key_columns, limit_column, number, text};
use crate::{OutboxReads, OutboxRow, OutboxWrites, Result};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::time::Moment;
use tokio_postgres::Row;

fn outbox_row(row: &Row) -> Result<OutboxRow> {
    Ok(OutboxRow {
        entry: EntryId(id_of(column(row, 0)?)),
        key: AppointmentKey { integration: integration_at(row, 1)?, source_id: text(row, 3)? },
        version: number("outbox row", row, 4)?,
        visible_at: Moment::from_micros(column(row, 5)?),
        since: Moment::from_micros(column(row, 6)?),
    })
}

impl OutboxReads for Session {
    fn outbox_visible(&mut self, now: Moment, limit: usize) -> Result<Vec<OutboxRow>> {
        // What another open batch has in hand is passed over: it is being claimed.
        let sql = if self.batch.is_some() {
            "SELECT entry, practice, integration, source_id, version, visible_at, since FROM outbox
             WHERE visible_at <= $1 ORDER BY visible_at, entry LIMIT $2 FOR UPDATE SKIP LOCKED"
        } else {
            "SELECT entry, practice, integration, source_id, version, visible_at, since FROM outbox
             WHERE visible_at <= $1 ORDER BY visible_at, entry LIMIT $2"
        };
        let rows = self.all(&[Table::Outbox], sql, &[&now.micros(), &limit_column(limit)])?;
        let due: Vec<OutboxRow> = rows.iter().map(outbox_row).collect::<Result<_>>()?;
        self.fetch_ahead(due.iter().map(|row| &row.key))?;
        Ok(due)
    }

    fn next_outbox(&mut self) -> Result<Option<Moment>> {
        let row = self.one(&[Table::Outbox], "SELECT visible_at FROM outbox ORDER BY visible_at LIMIT 1", &[])?;
        row.map(|row| Ok(Moment::from_micros(column(&row, 0)?))).transpose()
    }

    fn outbox_depth(&mut self, limit: usize) -> Result<usize> {
        let row = self.one(
            &[Table::Outbox],
            "SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT $1) AS waiting",
            &[&limit_column(limit)],
        )?;
        row.map_or(Ok(0), |row| number("outbox", &row, 0))
    }

    fn outbox_older_than(
        &mut self,
        integration: IntegrationKey,
        since: Moment,
        limit: usize,
    ) -> Result<Vec<OutboxRow>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[Table::Outbox],
            "SELECT entry, practice, integration, source_id, version, visible_at, since FROM outbox
             WHERE practice = $1 AND integration = $2 AND since < $3 ORDER BY since, entry LIMIT $4",
            &[&practice, &number, &since.micros(), &limit_column(limit)],
        )?;
        rows.iter().map(outbox_row).collect()
    }
}

impl OutboxWrites for Session {
    fn put_outbox(&mut self, row: &OutboxRow) -> Result<()> {
        self.batch()?.pending.outbox.insert((row.visible_at, row.entry), Some(row.clone()));
        Ok(())
    }

    fn delete_outbox(&mut self, visible_at: Moment, entry: EntryId) -> Result<()> {
        self.batch()?.pending.outbox.insert((visible_at, entry), None);
        Ok(())
    }

    fn reclaim_outbox(&mut self, now: Moment) -> Result<usize> {
        self.change_counted(
            &[Table::Outbox],
            "UPDATE outbox SET visible_at = $1 WHERE visible_at > $1 AND visible_at < $2",
            &[&now.micros(), &OutboxRow::NEVER.micros()],
        )
    }
}
