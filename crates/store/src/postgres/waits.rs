//! What waits, in PostgreSQL.

use crate::postgres::batch::listed;
use crate::postgres::pending::{NewFact, Table};
use crate::postgres::session::Session;
use crate::postgres::values::{column, integration_at, key_columns, limit_column, small, text, text_or_null};
use crate::{FiredRow, Result, WaitReads, WaitWrites, WakeScope};
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;
use tokio_postgres::Row;

impl WaitReads for Session {
    fn waiting(
        &mut self,
        integration: IntegrationKey,
        wake_key: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Text>> {
        if let Some(batch) = &self.batch {
            let name = (integration, Text::from(wake_key));
            if let Some(list) = listed(&batch.held.waiting, &batch.pending.waits, &name) {
                let behind = list.into_iter().filter(|id| after.is_none_or(|after| id.as_str() > after));
                return Ok(behind.take(limit).collect());
            }
        }
        let (practice, number) = key_columns(integration);
        let sql = if after.is_some() {
            "SELECT source_id FROM wait WHERE practice = $1 AND integration = $2 AND wake_key = $3 AND source_id > $4
             ORDER BY source_id LIMIT $5"
        } else {
            "SELECT source_id FROM wait WHERE practice = $1 AND integration = $2 AND wake_key = $3 AND source_id >= $4
             ORDER BY source_id LIMIT $5"
        };
        let after = after.unwrap_or_default();
        let rows = self.all(&[Table::Waits], sql, &[&practice, &number, &wake_key, &after, &limit_column(limit)])?;
        let ids: Vec<Text> = rows.iter().map(|row| text(row, 0)).collect::<Result<_>>()?;
        let visits: Vec<AppointmentKey> =
            ids.iter().map(|id| AppointmentKey { integration, source_id: id.clone() }).collect();
        self.fetch_ahead(visits.iter())?;
        Ok(ids)
    }

    fn timers_due(&mut self, now: Moment, limit: usize) -> Result<Vec<(Moment, AppointmentKey)>> {
        // What another open batch has in hand is passed over.
        let sql = if self.batch.is_some() {
            "SELECT due_at, practice, integration, source_id FROM timer WHERE due_at <= $1
             ORDER BY due_at, practice, integration, source_id LIMIT $2 FOR UPDATE SKIP LOCKED"
        } else {
            "SELECT due_at, practice, integration, source_id FROM timer WHERE due_at <= $1
             ORDER BY due_at, practice, integration, source_id LIMIT $2"
        };
        let rows = self.all(&[Table::Timers], sql, &[&now.micros(), &limit_column(limit)])?;
        let read = |row: &Row| {
            let key = AppointmentKey { integration: integration_at(row, 1)?, source_id: text(row, 3)? };
            Ok((Moment::from_micros(column(row, 0)?), key))
        };
        let due: Vec<(Moment, AppointmentKey)> = rows.iter().map(read).collect::<Result<_>>()?;
        self.fetch_ahead(due.iter().map(|(_, key)| key))?;
        Ok(due)
    }

    fn next_timer(&mut self) -> Result<Option<Moment>> {
        let row = self.one(&[Table::Timers], "SELECT due_at FROM timer ORDER BY due_at LIMIT 1", &[])?;
        row.map(|row| Ok(Moment::from_micros(column(&row, 0)?))).transpose()
    }

    fn fired(&mut self, limit: usize) -> Result<Vec<FiredRow>> {
        let sql = if self.batch.is_some() {
            "SELECT id, practice, integration, wake_key, scope, why, at, after FROM fired ORDER BY id LIMIT $1
             FOR UPDATE SKIP LOCKED"
        } else {
            "SELECT id, practice, integration, wake_key, scope, why, at, after FROM fired ORDER BY id LIMIT $1"
        };
        let rows = self.all(&[Table::Fired], sql, &[&limit_column(limit)])?;
        let read = |row: &Row| {
            Ok(FiredRow {
                id: column(row, 0)?,
                integration: integration_at(row, 1)?,
                wake_key: text(row, 3)?,
                scope: WakeScope::from_number(small("fact", row, 4)?),
                why: text(row, 5)?,
                at: Moment::from_micros(column(row, 6)?),
                after: text_or_null(row, 7)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

impl WaitWrites for Session {
    fn put_wait(&mut self, key: &AppointmentKey, wake_key: &str) -> Result<()> {
        let mark = (key.integration, Text::from(wake_key), key.source_id.clone());
        self.batch()?.pending.waits.insert(mark, true);
        Ok(())
    }

    fn delete_wait(&mut self, key: &AppointmentKey, wake_key: &str) -> Result<()> {
        let mark = (key.integration, Text::from(wake_key), key.source_id.clone());
        self.batch()?.pending.waits.insert(mark, false);
        Ok(())
    }

    fn put_timer(&mut self, key: &AppointmentKey, due_at: Moment) -> Result<()> {
        self.batch()?.pending.timers.insert((key.clone(), due_at), true);
        Ok(())
    }

    fn delete_timer(&mut self, key: &AppointmentKey, due_at: Moment) -> Result<()> {
        self.batch()?.pending.timers.insert((key.clone(), due_at), false);
        Ok(())
    }

    fn fire(
        &mut self,
        integration: IntegrationKey,
        wake_key: &str,
        scope: WakeScope,
        why: &str,
        at: Moment,
    ) -> Result<()> {
        let fact = NewFact { integration, wake_key: Text::from(wake_key), scope, why: why.to_owned(), at };
        self.batch()?.pending.fired.push(fact);
        Ok(())
    }

    fn advance_fired(&mut self, id: i64, after: Option<&str>) -> Result<()> {
        match after {
            Some(after) => self.change(&[Table::Fired], "UPDATE fired SET after = $2 WHERE id = $1", &[&id, &after]),
            None => self.change(&[Table::Fired], "DELETE FROM fired WHERE id = $1", &[&id]),
        }
        .map(|_| ())
    }
}
