//! What people said of explanations, in SQLite.

use crate::bodies::{FeedbackColumns, decode_feedback, encode_feedback, no_reason_or, reason_or_none};
use crate::feedback::{BEFORE, with_those_of_before};
use crate::sqlite::session::{Session, column, integration_at};
use crate::sqlite::values::{id_column, id_of, limit_column};
use crate::{FeedbackCount, FeedbackReads, FeedbackRow, FeedbackWrites, Result};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::time::Moment;

fn feedback_row(row: &rusqlite::Row<'_>) -> Result<FeedbackRow> {
    let columns = FeedbackColumns {
        integration: integration_at(row, 0)?,
        id: EntryId(id_of(column(row, 2)?)),
        at: Moment::from_micros(column(row, 3)?),
        reason: column(row, 4)?,
        right: column(row, 5)?,
    };
    decode_feedback(columns, &column::<Vec<u8>>(row, 6)?)
}

impl FeedbackReads for Session {
    fn feedback(
        &mut self,
        integration: IntegrationKey,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<FeedbackRow>> {
        self.all(
            "SELECT practice, integration, id, at, reason, was_right, body FROM feedback
             WHERE practice = ?1 AND integration = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
            (
                integration.practice.0,
                integration.integration,
                before.map_or(i64::MAX, |before| id_column(before.0)),
                limit_column(limit),
            ),
            feedback_row,
        )
    }

    fn feedback_of(&mut self, visit: &AppointmentKey, limit: usize) -> Result<Vec<FeedbackRow>> {
        let key = visit.integration;
        let own = self.all(
            "SELECT practice, integration, id, at, reason, was_right, body FROM feedback INDEXED BY feedback_by_visit
             WHERE practice = ?1 AND integration = ?2 AND source_id = ?3 ORDER BY id DESC LIMIT ?4",
            (key.practice.0, key.integration, visit.source_id.as_str(), limit_column(limit)),
            feedback_row,
        )?;
        let before = self.all(
            "SELECT practice, integration, id, at, reason, was_right, body FROM feedback INDEXED BY feedback_by_visit
             WHERE practice = ?1 AND integration = ?2 AND source_id IS NULL ORDER BY id DESC LIMIT ?3",
            (key.practice.0, key.integration, limit_column(BEFORE)),
            feedback_row,
        )?;
        Ok(with_those_of_before(own, before, visit, limit))
    }

    fn feedback_counts(&mut self, integration: IntegrationKey, since: Moment) -> Result<Vec<FeedbackCount>> {
        self.all(
            "SELECT reason, sum(was_right), count(*) - sum(was_right) FROM feedback INDEXED BY feedback_by_time
             WHERE practice = ?1 AND integration = ?2 AND at >= ?3 GROUP BY reason ORDER BY reason",
            (integration.practice.0, integration.integration, since.micros()),
            |row| {
                Ok(FeedbackCount {
                    reason: reason_or_none(column(row, 0)?)?,
                    right: column::<i64>(row, 1)?.max(0).unsigned_abs(),
                    wrong: column::<i64>(row, 2)?.max(0).unsigned_abs(),
                })
            },
        )
    }
}

impl FeedbackWrites for Session {
    fn put_feedback(&mut self, row: &FeedbackRow) -> Result<()> {
        let mut body = Vec::new();
        encode_feedback(row, &mut body)?;
        self.change(
            "INSERT INTO feedback (practice, integration, id, at, reason, was_right, body, source_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                row.integration.practice.0,
                row.integration.integration,
                id_column(row.id.0),
                row.at.micros(),
                no_reason_or(row.reason),
                row.right,
                body,
                row.source_id.as_str(),
            ),
        )
        .map(|_| ())
    }
}
