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

/// Cards that are due, of some integrations.
macro_rules! visible {
    ($claim:literal) => {
        concat!(
            "SELECT o.* FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS u (practice, integration, turn)
             CROSS JOIN LATERAL (
                SELECT entry, practice, integration, source_id, version, visible_at, since FROM outbox
                WHERE practice = u.practice AND integration = u.integration AND visible_at <= $3
                ORDER BY visible_at, entry LIMIT $4",
            $claim,
            ") o ORDER BY u.turn, o.visible_at, o.entry"
        )
    };
}
const VISIBLE: &str = visible!("");
const VISIBLE_TO_CLAIM: &str = visible!(" FOR UPDATE SKIP LOCKED");

/// The first card of each integration behind one. From the first card of one straight to that of the next: what stands
/// between is skipped.
macro_rules! first_cards {
    ($behind:literal) => {
        concat!(
            "WITH RECURSIVE turn AS (
                (SELECT practice, integration, visible_at FROM outbox WHERE (practice, integration) > ",
            $behind,
            " ORDER BY practice, integration, visible_at LIMIT 1)
                UNION ALL
                SELECT next.* FROM turn t CROSS JOIN LATERAL (
                    SELECT o.practice, o.integration, o.visible_at FROM outbox o
                    WHERE (o.practice, o.integration) > (t.practice, t.integration)
                    ORDER BY o.practice, o.integration, o.visible_at LIMIT 1) next) "
        )
    };
}

impl OutboxReads for Session {
    fn outbox_turns(
        &mut self,
        now: Moment,
        after: Option<IntegrationKey>,
        limit: usize,
    ) -> Result<Vec<IntegrationKey>> {
        let (practice, integration) = after.map_or((-1, -1), key_columns);
        let rows = self.all(
            &[Table::Outbox],
            concat!(first_cards!("($1, $2)"), "SELECT practice, integration FROM turn WHERE visible_at <= $3 LIMIT $4"),
            &[&practice, &integration, &now.micros(), &limit_column(limit)],
        )?;
        let mut due: Vec<IntegrationKey> = rows.iter().map(|row| integration_at(row, 0)).collect::<Result<_>>()?;
        due.sort_unstable();
        Ok(due)
    }

    fn outbox_visible(&mut self, now: Moment, integrations: &[IntegrationKey], each: usize) -> Result<Vec<OutboxRow>> {
        // What another open batch has in hand is passed over: it is being claimed.
        let sql = if self.batch.is_some() { VISIBLE_TO_CLAIM } else { VISIBLE };
        let (practices, numbers): (Vec<i64>, Vec<i64>) = integrations.iter().map(|key| key_columns(*key)).unzip();
        let rows = self.all(&[Table::Outbox], sql, &[&practices, &numbers, &now.micros(), &limit_column(each)])?;
        let due: Vec<OutboxRow> = rows.iter().map(outbox_row).collect::<Result<_>>()?;
        self.fetch_ahead(due.iter().map(|row| &row.key))?;
        Ok(due)
    }

    fn next_outbox(&mut self) -> Result<Option<Moment>> {
        let row =
            self.one(&[Table::Outbox], concat!(first_cards!("(-1, -1)"), "SELECT min(visible_at) FROM turn"), &[])?;
        row.map_or(Ok(None), |row| Ok(column::<Option<i64>>(&row, 0)?.map(Moment::from_micros)))
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
        let place = (row.key.integration, row.visible_at, row.entry);
        self.batch()?.pending.outbox.insert(place, Some(row.clone()));
        Ok(())
    }

    fn delete_outbox(&mut self, integration: IntegrationKey, visible_at: Moment, entry: EntryId) -> Result<()> {
        self.batch()?.pending.outbox.insert((integration, visible_at, entry), None);
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
