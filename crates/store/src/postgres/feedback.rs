//! What people said of explanations, in PostgreSQL.

use crate::bodies::{FeedbackColumns, decode_feedback, encode_feedback, no_reason_or, reason_or_none};
use crate::feedback::{BEFORE, with_those_of_before};
use crate::postgres::session::Session;
use crate::postgres::values::{column, id_column, id_of, integration_at, key_columns, limit_column, small};
use crate::{FeedbackCount, FeedbackReads, FeedbackRow, FeedbackWrites, Result};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::time::Moment;
use tokio_postgres::Row;

fn feedback_row(row: &Row) -> Result<FeedbackRow> {
    let columns = FeedbackColumns {
        integration: integration_at(row, 0)?,
        id: EntryId(id_of(column(row, 2)?)),
        at: Moment::from_micros(column(row, 3)?),
        reason: small("feedback", row, 4)?,
        right: column(row, 5)?,
    };
    decode_feedback(columns, column::<&[u8]>(row, 6)?)
}

impl FeedbackReads for Session {
    fn feedback(
        &mut self,
        integration: IntegrationKey,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<FeedbackRow>> {
        let (practice, number) = key_columns(integration);
        let before = before.map_or(i64::MAX, |before| id_column(before.0));
        let rows = self.all(
            &[],
            "SELECT practice, integration, id, at, reason, was_right, body FROM feedback
             WHERE practice = $1 AND integration = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
            &[&practice, &number, &before, &limit_column(limit)],
        )?;
        rows.iter().map(feedback_row).collect()
    }

    fn feedback_of(&mut self, visit: &AppointmentKey, limit: usize) -> Result<Vec<FeedbackRow>> {
        let (practice, number) = key_columns(visit.integration);
        let own = self.all(
            &[],
            "SELECT practice, integration, id, at, reason, was_right, body FROM feedback
             WHERE practice = $1 AND integration = $2 AND source_id = $3 ORDER BY id DESC LIMIT $4",
            &[&practice, &number, &visit.source_id.as_str(), &limit_column(limit)],
        )?;
        let before = self.all(
            &[],
            "SELECT practice, integration, id, at, reason, was_right, body FROM feedback
             WHERE practice = $1 AND integration = $2 AND source_id IS NULL ORDER BY id DESC LIMIT $3",
            &[&practice, &number, &limit_column(BEFORE)],
        )?;
        let rows = |rows: Vec<Row>| rows.iter().map(feedback_row).collect::<Result<Vec<_>>>();
        Ok(with_those_of_before(rows(own)?, rows(before)?, visit, limit))
    }

    fn feedback_counts(&mut self, integration: IntegrationKey, since: Moment) -> Result<Vec<FeedbackCount>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[],
            "SELECT reason, count(*) FILTER (WHERE was_right), count(*) FILTER (WHERE NOT was_right) FROM feedback
             WHERE practice = $1 AND integration = $2 AND at >= $3 GROUP BY reason ORDER BY reason",
            &[&practice, &number, &since.micros()],
        )?;
        let count = |row: &Row| {
            Ok(FeedbackCount {
                reason: reason_or_none(small("feedback", row, 0)?)?,
                right: column::<i64>(row, 1)?.max(0).unsigned_abs(),
                wrong: column::<i64>(row, 2)?.max(0).unsigned_abs(),
            })
        };
        rows.iter().map(count).collect()
    }
}

impl FeedbackWrites for Session {
    fn put_feedback(&mut self, row: &FeedbackRow) -> Result<()> {
        let (practice, number) = key_columns(row.integration);
        let mut body = Vec::new();
        encode_feedback(row, &mut body)?;
        let reason = i16::try_from(no_reason_or(row.reason)).unwrap_or(i16::MAX);
        self.change(
            &[],
            "INSERT INTO feedback (practice, integration, id, at, reason, was_right, body, source_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                &practice,
                &number,
                &id_column(row.id.0),
                &row.at.micros(),
                &reason,
                &row.right,
                &body,
                &row.source_id.as_str(),
            ],
        )
        .map(|_| ())
    }
}
