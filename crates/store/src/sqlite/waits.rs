//! What waits, in SQLite.

use crate::sqlite::session::{Session, column, integration_at, text, text_or_null};
use crate::sqlite::values::{limit_column, page_start};
use crate::{FiredRow, Result, WaitReads, WaitWrites, WakeScope};
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;

impl WaitReads for Session {
    fn waiting(
        &mut self,
        integration: IntegrationKey,
        wake_key: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Text>> {
        self.all(
            "SELECT source_id FROM wait
             WHERE practice = ?1 AND integration = ?2 AND wake_key = ?3 AND source_id >= ?4 ORDER BY source_id LIMIT ?5",
            (integration.practice.0, integration.integration, wake_key, page_start(after), limit_column(limit)),
            |row| text(row, 0),
        )
    }

    fn timers_due(&mut self, now: Moment, limit: usize) -> Result<Vec<(Moment, AppointmentKey)>> {
        self.all(
            "SELECT due_at, practice, integration, source_id FROM timer WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2",
            (now.micros(), limit_column(limit)),
            |row| {
                let key = AppointmentKey { integration: integration_at(row, 1)?, source_id: text(row, 3)? };
                Ok((Moment::from_micros(column(row, 0)?), key))
            },
        )
    }

    fn next_timer(&mut self) -> Result<Option<Moment>> {
        self.one("SELECT due_at FROM timer ORDER BY due_at LIMIT 1", (), |row| Ok(Moment::from_micros(column(row, 0)?)))
    }

    fn fired(&mut self, limit: usize) -> Result<Vec<FiredRow>> {
        self.all(
            "SELECT id, practice, integration, wake_key, scope, why, at, after FROM fired ORDER BY id LIMIT ?1",
            [limit_column(limit)],
            |row| {
                Ok(FiredRow {
                    id: column(row, 0)?,
                    integration: integration_at(row, 1)?,
                    wake_key: text(row, 3)?,
                    scope: WakeScope::from_number(column(row, 4)?),
                    why: text(row, 5)?,
                    at: Moment::from_micros(column(row, 6)?),
                    after: text_or_null(row, 7)?,
                })
            },
        )
    }
}

impl WaitWrites for Session {
    fn put_wait(&mut self, key: &AppointmentKey, wake_key: &str) -> Result<()> {
        self.change(
            "INSERT OR IGNORE INTO wait (practice, integration, wake_key, source_id) VALUES (?1, ?2, ?3, ?4)",
            (key.integration.practice.0, key.integration.integration, wake_key, key.source_id.as_str()),
        )
        .map(|_| ())
    }

    fn delete_wait(&mut self, key: &AppointmentKey, wake_key: &str) -> Result<()> {
        self.change(
            "DELETE FROM wait WHERE practice = ?1 AND integration = ?2 AND wake_key = ?3 AND source_id = ?4",
            (key.integration.practice.0, key.integration.integration, wake_key, key.source_id.as_str()),
        )
        .map(|_| ())
    }

    fn put_timer(&mut self, key: &AppointmentKey, due_at: Moment) -> Result<()> {
        self.change(
            "INSERT OR IGNORE INTO timer (due_at, practice, integration, source_id) VALUES (?1, ?2, ?3, ?4)",
            (due_at.micros(), key.integration.practice.0, key.integration.integration, key.source_id.as_str()),
        )
        .map(|_| ())
    }

    fn delete_timer(&mut self, key: &AppointmentKey, due_at: Moment) -> Result<()> {
        self.change(
            "DELETE FROM timer WHERE due_at = ?1 AND practice = ?2 AND integration = ?3 AND source_id = ?4",
            (due_at.micros(), key.integration.practice.0, key.integration.integration, key.source_id.as_str()),
        )
        .map(|_| ())
    }

    fn fire(
        &mut self,
        integration: IntegrationKey,
        wake_key: &str,
        scope: WakeScope,
        why: &str,
        at: Moment,
    ) -> Result<()> {
        self.change(
            "INSERT INTO fired (practice, integration, wake_key, scope, why, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (integration.practice.0, integration.integration, wake_key, scope.number(), why, at.micros()),
        )
        .map(|_| ())
    }

    fn advance_fired(&mut self, id: i64, after: Option<&str>) -> Result<()> {
        match after {
            Some(after) => self.change("UPDATE fired SET after = ?2 WHERE id = ?1", (id, after)),
            None => self.change("DELETE FROM fired WHERE id = ?1", [id]),
        }
        .map(|_| ())
    }
}
