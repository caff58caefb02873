//! Appointments in SQLite.

use crate::sqlite::session::{Session, body, column, text};
use crate::sqlite::values::{Params, limit_column, prefix_end, start_column};
use crate::{
    AppointmentFilter, AppointmentReads, AppointmentRow, AppointmentWrites, ListedAppointment, Page, Result, Tally,
};
use domain::decide::Verdict;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::text::Text;

/// Which index serves a list best.
enum Way {
    /// All starts in order.
    ByStart,
    /// What is neither in sync nor on its way.
    Unsettled,
    /// What is on its way: the outbox knows.
    Outbox,
}

fn way(filter: &AppointmentFilter) -> Way {
    let unsettled = |verdict: &Verdict| !matches!(verdict, Verdict::InSync | Verdict::OnTime);
    match filter.verdicts.as_slice() {
        [] => Way::ByStart,
        [Verdict::OnTime] => Way::Outbox,
        verdicts if verdicts.iter().all(unsettled) => Way::Unsettled,
        _ => Way::ByStart,
    }
}

impl AppointmentReads for Session {
    fn appointment(&mut self, key: &AppointmentKey) -> Result<Option<AppointmentRow>> {
        self.one(
            "SELECT body FROM appointment WHERE practice = ?1 AND integration = ?2 AND source_id = ?3",
            (key.integration.practice.0, key.integration.integration, key.source_id.as_str()),
            |row| body("appointment", row, 0),
        )
    }

    fn appointments(
        &mut self,
        integration: IntegrationKey,
        filter: &AppointmentFilter,
        after: Option<&Page>,
        limit: usize,
    ) -> Result<Vec<ListedAppointment>> {
        let way = way(filter);
        let mut sql = String::from("SELECT a.source_id, a.body FROM ");
        sql.push_str(match way {
            Way::ByStart => "appointment a INDEXED BY appointment_by_start",
            Way::Unsettled => "appointment a INDEXED BY appointment_unsettled",
            Way::Outbox => "outbox o JOIN appointment a ON a.practice = o.practice AND a.integration = o.integration AND a.source_id = o.source_id",
        });
        sql.push_str(" WHERE a.practice = ? AND a.integration = ?");
        let verdicts: Vec<i64> = filter.verdicts.iter().map(|verdict| i64::from(*verdict as u8)).collect();
        let (from, to) = (filter.from.map(|from| from.micros()), filter.to.map(|to| to.micros()));
        let reason = filter.reason.map(domain::reasons::Reason::number);
        let page = after.map(|page| (start_column(page.start), page.source_id.as_str()));
        let limit = limit_column(limit);
        let mut params: Params<'_> = vec![&integration.practice.0, &integration.integration];
        if !verdicts.is_empty() {
            sql.push_str(" AND a.verdict IN (");
            for (n, verdict) in verdicts.iter().enumerate() {
                sql.push_str(if n == 0 { "?" } else { ", ?" });
                params.push(verdict);
            }
            sql.push(')');
        }
        if matches!(way, Way::Unsettled) {
            sql.push_str(" AND a.verdict > 1");
        }
        if let Some(from) = &from {
            sql.push_str(" AND a.start_at >= ?");
            params.push(from);
        }
        if let Some(to) = &to {
            sql.push_str(" AND a.start_at < ?");
            params.push(to);
        }
        if let Some(reason) = &reason {
            sql.push_str(" AND a.reason = ?");
            params.push(reason);
        }
        if let Some((start, source_id)) = &page {
            sql.push_str(" AND a.start_at >= ? AND (a.start_at, a.source_id) > (?, ?)");
            params.extend([start as &dyn rusqlite::ToSql, start, source_id]);
        }
        sql.push_str(" ORDER BY a.start_at, a.source_id LIMIT ?");
        params.push(&limit);
        self.all(&sql, params.as_slice(), |row| {
            Ok(ListedAppointment { source_id: text(row, 0)?, row: body("appointment", row, 1)? })
        })
    }

    fn appointments_of_patient(
        &mut self,
        integration: IntegrationKey,
        patient: &str,
        limit: usize,
    ) -> Result<Vec<Text>> {
        self.all(
            "SELECT visit FROM patient
             WHERE practice = ?1 AND integration = ?2 AND source_id = ?3 AND visit > '' ORDER BY visit LIMIT ?4",
            (integration.practice.0, integration.integration, patient, limit_column(limit)),
            |row| text(row, 0),
        )
    }

    fn source_ids_like(&mut self, integration: IntegrationKey, prefix: &str, limit: usize) -> Result<Vec<Text>> {
        self.all(
            "SELECT source_id FROM appointment
             WHERE practice = ?1 AND integration = ?2 AND source_id >= ?3 AND source_id < ?4 ORDER BY source_id LIMIT ?5",
            (integration.practice.0, integration.integration, prefix, prefix_end(prefix), limit_column(limit)),
            |row| text(row, 0),
        )
    }

    fn tallies(&mut self, integration: IntegrationKey) -> Result<Vec<Tally>> {
        let rows = self.all(
            "SELECT verdict, count FROM tally WHERE practice = ?1 AND integration = ?2 ORDER BY verdict",
            (integration.practice.0, integration.integration),
            |row| Ok((column::<u8>(row, 0)?, column::<i64>(row, 1)?)),
        )?;
        let known = |number: u8| Verdict::ALL.into_iter().find(|verdict| *verdict as u8 == number);
        Ok(rows
            .into_iter()
            .filter_map(|(number, count)| {
                known(number).map(|verdict| Tally { verdict, count: count.max(0).unsigned_abs() })
            })
            .collect())
    }
}

impl AppointmentWrites for Session {
    fn put_appointment(
        &mut self,
        key: &AppointmentKey,
        before: Option<&AppointmentRow>,
        row: &AppointmentRow,
    ) -> Result<()> {
        let bytes = self.encode("appointment", row)?;
        let IntegrationKey { practice, integration } = key.integration;
        let (start, verdict) = (start_column(row.start), row.verdict as u8);
        let reason = row.reason.map(domain::reasons::Reason::number);
        let id = key.source_id.as_str();
        match before {
            None => self.change(
                "INSERT INTO appointment (practice, integration, source_id, start_at, verdict, reason, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (practice.0, integration, id, start, verdict, reason, &bytes),
            )?,
            Some(before) if before.start != row.start => self.change(
                "UPDATE appointment SET start_at = ?4, verdict = ?5, reason = ?6, body = ?7
                 WHERE practice = ?1 AND integration = ?2 AND source_id = ?3",
                (practice.0, integration, id, start, verdict, reason, &bytes),
            )?,
            Some(before) if before.verdict != row.verdict || before.reason != row.reason => self.change(
                "UPDATE appointment SET verdict = ?4, reason = ?5, body = ?6
                 WHERE practice = ?1 AND integration = ?2 AND source_id = ?3",
                (practice.0, integration, id, verdict, reason, &bytes),
            )?,
            Some(_) => self.change(
                "UPDATE appointment SET body = ?4 WHERE practice = ?1 AND integration = ?2 AND source_id = ?3",
                (practice.0, integration, id, &bytes),
            )?,
        };
        self.keep(bytes);
        if before.map(|before| before.verdict) != Some(row.verdict) {
            if let Some(before) = before {
                self.count(key.integration, before.verdict, -1);
            }
            self.count(key.integration, row.verdict, 1);
        }
        Ok(())
    }

    fn put_participant(&mut self, key: &AppointmentKey, patient: &str) -> Result<()> {
        self.change(
            "INSERT OR IGNORE INTO patient (practice, integration, source_id, visit) VALUES (?1, ?2, ?3, ?4)",
            (key.integration.practice.0, key.integration.integration, patient, key.source_id.as_str()),
        )
        .map(|_| ())
    }

    fn delete_participant(&mut self, key: &AppointmentKey, patient: &str) -> Result<()> {
        self.change(
            "DELETE FROM patient WHERE practice = ?1 AND integration = ?2 AND source_id = ?3 AND visit = ?4",
            (key.integration.practice.0, key.integration.integration, patient, key.source_id.as_str()),
        )
        .map(|_| ())
    }
}
