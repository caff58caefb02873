//! Causes in PostgreSQL.

use crate::postgres::batch::Batch;
use crate::postgres::pending::{Change, Keys, NewStop, Table};
use crate::postgres::session::{Session, params};
use crate::postgres::values::{
    column, integration_at, key_columns, limit_column, reason_column, small, start_column, start_of, text,
};
use crate::{CauseReads, CauseRow, CauseWrites, Error, Result, Stop, cause_id};
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use tokio_postgres::Row;

fn cause_row(row: &Row) -> Result<CauseRow> {
    let number: u16 = small("cause", row, 3)?;
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
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[Table::Stops],
            "SELECT c.id, c.practice, c.integration, c.reason, c.subject, c.opened_at, c.closed_at, s.stopped, s.next_start,
                    s.coming
             FROM cause c CROSS JOIN LATERAL (
               SELECT count(*) AS stopped, min(start_at) FILTER (WHERE start_at >= $3) AS next_start,
                      count(*) FILTER (WHERE start_at >= $3) AS coming FROM stop
               WHERE practice = c.practice AND integration = c.integration AND reason = c.reason AND subject = c.subject) s
             WHERE c.practice = $1 AND c.integration = $2 AND c.closed_at IS NULL
             ORDER BY s.coming DESC, s.stopped DESC, c.opened_at, c.id LIMIT $4",
            &[&practice, &number, &now.micros(), &limit_column(limit)],
        )?;
        rows.iter().map(cause_row).collect()
    }

    fn cause(&mut self, id: &str, now: Moment) -> Result<Option<CauseRow>> {
        let row = self.one(
            &[Table::Stops],
            "SELECT c.id, c.practice, c.integration, c.reason, c.subject, c.opened_at, c.closed_at, s.stopped, s.next_start,
                    s.coming
             FROM cause c CROSS JOIN LATERAL (
               SELECT count(*) AS stopped, min(start_at) FILTER (WHERE start_at >= $2) AS next_start,
                      count(*) FILTER (WHERE start_at >= $2) AS coming FROM stop
               WHERE practice = c.practice AND integration = c.integration AND reason = c.reason AND subject = c.subject) s
             WHERE c.id = $1",
            &[&id, &now.micros()],
        )?;
        row.as_ref().map(cause_row).transpose()
    }

    fn stopped_by(
        &mut self,
        integration: IntegrationKey,
        stop: &Stop,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Text>> {
        let (practice, number) = key_columns(integration);
        let sql = if after.is_some() {
            "SELECT source_id FROM stop WHERE practice = $1 AND integration = $2 AND reason = $3 AND subject = $4 AND source_id > $5
             ORDER BY source_id LIMIT $6"
        } else {
            "SELECT source_id FROM stop WHERE practice = $1 AND integration = $2 AND reason = $3 AND subject = $4 AND source_id >= $5
             ORDER BY source_id LIMIT $6"
        };
        let (reason, after) = (reason_column(stop.reason), after.unwrap_or_default());
        let rows = self.all(
            &[Table::Stops],
            sql,
            &[&practice, &number, &reason, &stop.subject.as_str(), &after, &limit_column(limit)],
        )?;
        rows.iter().map(|row| text(row, 0)).collect()
    }
}

impl CauseWrites for Session {
    fn put_stop(&mut self, key: &AppointmentKey, stop: &Stop, start: Option<Moment>, now: Moment) -> Result<bool> {
        let cause = (key.integration, stop.reason.number(), stop.subject.clone());
        let known = self.batch()?.held.causes.get(&cause).copied();
        let open = match known {
            Some(open) => open,
            None => {
                let (practice, number) = key_columns(key.integration);
                let row = self.one(
                    &[],
                    "SELECT closed_at IS NULL FROM cause WHERE practice = $1 AND integration = $2 AND reason = $3 AND subject = $4",
                    &[&practice, &number, &reason_column(stop.reason), &stop.subject.as_str()],
                )?;
                row.map_or(Ok(false), |row| column(&row, 0))?
            }
        };
        let batch = self.batch()?;
        batch.held.causes.insert(cause, true);
        let place = (key.integration, stop.reason.number(), stop.subject.clone(), key.source_id.clone());
        let (start, pending) = (start_column(start), &mut batch.pending.stops);
        // A cause is opened by the first of the batch that stands under it.
        pending.entry(place).and_modify(|put| put.start = start).or_insert(NewStop { start, opened_at: now });
        Ok(!open)
    }

    fn delete_stop(&mut self, key: &AppointmentKey, stop: &Stop, now: Moment) -> Result<bool> {
        let (practice, number) = key_columns(key.integration);
        let (reason, subject) = (reason_column(stop.reason), stop.subject.as_str());
        // Whoever else puts a stop under the cause waits for this batch, or this one for it.
        self.change(
            &[Table::Stops],
            "SELECT 1 FROM cause WHERE practice = $1 AND integration = $2 AND reason = $3 AND subject = $4 FOR UPDATE",
            &[&practice, &number, &reason, &subject],
        )?;
        self.change(
            &[],
            "DELETE FROM stop WHERE practice = $1 AND integration = $2 AND reason = $3 AND subject = $4 AND source_id = $5",
            &[&practice, &number, &reason, &subject, &key.source_id.as_str()],
        )?;
        let closed = self.change(
            &[],
            "UPDATE cause SET closed_at = $5
             WHERE practice = $1 AND integration = $2 AND reason = $3 AND subject = $4 AND closed_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM stop WHERE practice = $1 AND integration = $2 AND reason = $3 AND subject = $4)
             RETURNING 1",
            &[&practice, &number, &reason, &subject, &now.micros()],
        )?;
        let closed = !closed.is_empty();
        if closed {
            let cause = (key.integration, stop.reason.number(), stop.subject.clone());
            self.batch()?.held.causes.insert(cause, false);
        }
        Ok(closed)
    }
}

impl Batch {
    pub(super) fn take_stops(&mut self, changes: &mut Vec<Change>) {
        let stops = std::mem::take(&mut self.pending.stops);
        if stops.is_empty() {
            return;
        }
        let mut causes = Keys::default();
        let (mut reasons, mut subjects) = (Vec::new(), Vec::new());
        let (mut names, mut opened) = (Vec::<String>::new(), Vec::<i64>::new());
        let mut places = Keys::default();
        let (mut under, mut about) = (Vec::new(), Vec::new());
        let (mut ids, mut starts) = (Vec::new(), Vec::new());
        for ((integration, number, subject, id), put) in stops {
            let Some(reason) = Reason::from_number(number) else { continue };
            let name = cause_id(integration, reason, &subject).to_string();
            let at = put.opened_at.micros();
            // The stops are in order, so those of one cause are neighbours.
            match (names.last(), opened.last_mut()) {
                (Some(last), Some(first)) if *last == name => *first = at.min(*first),
                _ => {
                    causes.push(integration);
                    reasons.push(reason_column(reason));
                    subjects.push(subject.to_string());
                    names.push(name);
                    opened.push(at);
                }
            }
            places.push(integration);
            under.push(reason_column(reason));
            about.push(subject.to_string());
            ids.push(id.to_string());
            starts.push(put.start);
        }
        changes.push(Change::rows("INSERT INTO cause (practice, integration, reason, subject, id, opened_at)
                  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::bigint[])
                  ON CONFLICT (practice, integration, reason, subject)
                  DO UPDATE SET opened_at = excluded.opened_at, closed_at = NULL, decision = NULL WHERE cause.closed_at IS NOT NULL", params![causes.practices, causes.integrations, reasons, subjects, names, opened]));
        changes.push(Change::rows("INSERT INTO stop (practice, integration, reason, subject, source_id, start_at)
                  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::bigint[])
                  ON CONFLICT (practice, integration, reason, subject, source_id) DO UPDATE SET start_at = excluded.start_at", params![places.practices, places.integrations, under, about, ids, starts]));
    }
}
