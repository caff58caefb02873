//! Causes in SQLite.

use crate::sqlite::session::{Session, column, integration_at, text};
use crate::sqlite::values::{limit_column, page_start, start_column, start_of};
use crate::{CauseReads, CauseRow, CauseWrites, Error, Result, Stop, cause_id};
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;

fn cause_row(row: &rusqlite::Row<'_>) -> Result<CauseRow> {
    let number: u16 = column(row, 3)?;
    Ok(CauseRow {
        id: text(row, 0)?,
        integration: integration_at(row, 1)?,
        reason: Reason::from_number(number)
            .ok_or_else(|| Error::unreadable("cause", format!("unknown reason {number}")))?,
        subject: text(row, 4)?,
        opened_at: Moment::from_micros(column(row, 5)?),
        closed_at: column::<Option<i64>>(row, 6)?.map(Moment::from_micros),
        count: column::<i64>(row, 7)?.max(0).unsigned_abs(),
        next_start: column::<Option<i64>>(row, 8)?.and_then(start_of),
        coming: column::<i64>(row, 9)?.max(0).unsigned_abs(),
    })
}

impl CauseReads for Session {
    fn open_causes(&mut self, integration: IntegrationKey, now: Moment, limit: usize) -> Result<Vec<CauseRow>> {
        self.all(
            "SELECT c.id, c.practice, c.integration, c.reason, c.subject, c.opened_at, c.closed_at,
                    count(s.source_id) AS stopped, min(CASE WHEN s.start_at >= ?3 THEN s.start_at END),
                    count(CASE WHEN s.start_at >= ?3 THEN 1 END) AS coming
             FROM cause c INDEXED BY cause_open
             JOIN stop s ON s.practice = c.practice AND s.integration = c.integration AND s.reason = c.reason AND s.subject = c.subject
             WHERE c.practice = ?1 AND c.integration = ?2 AND c.closed_at IS NULL
             GROUP BY c.reason, c.subject ORDER BY coming DESC, stopped DESC, c.opened_at, c.id LIMIT ?4",
            (integration.practice.0, integration.integration, now.micros(), limit_column(limit)),
            cause_row,
        )
    }

    fn cause(&mut self, id: &str, now: Moment) -> Result<Option<CauseRow>> {
        self.one(
            "SELECT c.id, c.practice, c.integration, c.reason, c.subject, c.opened_at, c.closed_at,
                    count(s.source_id), min(CASE WHEN s.start_at >= ?2 THEN s.start_at END),
                    count(CASE WHEN s.start_at >= ?2 THEN 1 END)
             FROM cause c
             LEFT JOIN stop s ON s.practice = c.practice AND s.integration = c.integration AND s.reason = c.reason AND s.subject = c.subject
             WHERE c.id = ?1 GROUP BY c.id",
            (id, now.micros()),
            cause_row,
        )
    }

    fn stopped_by(
        &mut self,
        integration: IntegrationKey,
        stop: &Stop,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Text>> {
        self.all(
            "SELECT source_id FROM stop
             WHERE practice = ?1 AND integration = ?2 AND reason = ?3 AND subject = ?4 AND source_id >= ?5 ORDER BY source_id LIMIT ?6",
            (
                integration.practice.0,
                integration.integration,
                stop.reason.number(),
                stop.subject.as_str(),
                page_start(after),
                limit_column(limit),
            ),
            |row| text(row, 0),
        )
    }
}

impl CauseWrites for Session {
    fn put_stop(&mut self, key: &AppointmentKey, stop: &Stop, start: Option<Moment>, now: Moment) -> Result<bool> {
        let IntegrationKey { practice, integration } = key.integration;
        self.change(
            "INSERT INTO stop (practice, integration, reason, subject, source_id, start_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET start_at = excluded.start_at",
            (
                practice.0,
                integration,
                stop.reason.number(),
                stop.subject.as_str(),
                key.source_id.as_str(),
                start_column(start),
            ),
        )?;
        let opened = self.change(
            "INSERT INTO cause (practice, integration, reason, subject, id, opened_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (practice, integration, reason, subject)
             DO UPDATE SET opened_at = excluded.opened_at, closed_at = NULL, decision = NULL WHERE closed_at IS NOT NULL",
            (
                practice.0,
                integration,
                stop.reason.number(),
                stop.subject.as_str(),
                cause_id(key.integration, stop.reason, &stop.subject).as_str(),
                now.micros(),
            ),
        )?;
        Ok(opened > 0)
    }

    fn delete_stop(&mut self, key: &AppointmentKey, stop: &Stop, now: Moment) -> Result<bool> {
        let IntegrationKey { practice, integration } = key.integration;
        let cause = (practice.0, integration, stop.reason.number(), stop.subject.as_str());
        self.change(
            "DELETE FROM stop WHERE practice = ?1 AND integration = ?2 AND reason = ?3 AND subject = ?4 AND source_id = ?5",
            (cause.0, cause.1, cause.2, cause.3, key.source_id.as_str()),
        )?;
        let closed = self.change(
            "UPDATE cause SET closed_at = ?5
             WHERE practice = ?1 AND integration = ?2 AND reason = ?3 AND subject = ?4 AND closed_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM stop WHERE practice = ?1 AND integration = ?2 AND reason = ?3 AND subject = ?4)",
            (cause.0, cause.1, cause.2, cause.3, now.micros()),
        )?;
        Ok(closed > 0)
    }
}
