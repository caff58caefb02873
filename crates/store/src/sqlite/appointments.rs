//! Appointments in SQLite.

use crate::sqlite::session::{Session, body, column, text};
use crate::sqlite::values::{Params, limit_column, prefix_end, start_column};
use crate::{
    AppointmentFilter, AppointmentReads, AppointmentRow, AppointmentWrites, Error, ListedAppointment, Page, Result,
    Tally,
};
use domain::decide::Verdict;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;
use std::collections::BTreeMap;

/// By which index a list goes.
#[derive(Clone, Copy)]
enum Way {
    /// All starts in order.
    Start,
    /// One verdict that is neither in sync nor on its way, starts in order.
    Unsettled(Verdict),
    /// What is on its way: the outbox knows, and what it holds comes and goes.
    Outbox,
    /// One reason, starts in order.
    Reason,
}

impl Session {
    /// The ways that together lead to every row of a list, each row once.
    fn ways(&self, integration: IntegrationKey, filter: &AppointmentFilter) -> Result<Vec<Way>> {
        let wanted = |verdict: &Verdict| filter.verdicts.contains(verdict);
        if filter.reason.is_some() {
            return Ok(vec![Way::Reason]);
        }
        // What is in sync is most of everything and is found by start.
        if filter.verdicts.is_empty() || wanted(&Verdict::InSync) {
            return Ok(vec![Way::Start]);
        }
        let mut ways = Vec::new();
        for verdict in Verdict::ALL.into_iter().filter(wanted) {
            match verdict {
                Verdict::OnTime if self.outbox_is_complete(integration)? => ways.push(Way::Outbox),
                Verdict::OnTime => return Ok(vec![Way::Start]),
                _ => ways.push(Way::Unsettled(verdict)),
            }
        }
        Ok(ways)
    }

    /// Whether every visit that is on its way has a card in the outbox. A platform that pulls has no cards.
    fn outbox_is_complete(&self, integration: IntegrationKey) -> Result<bool> {
        let carded = self.one(
            "SELECT count(DISTINCT o.source_id) FROM outbox o
             CROSS JOIN appointment a ON a.practice = o.practice AND a.integration = o.integration AND a.source_id = o.source_id
             WHERE o.practice = ?1 AND o.integration = ?2 AND a.verdict = 1",
            (integration.practice.0, integration.integration),
            |row| column::<i64>(row, 0),
        )?;
        let counted = self.counts(integration)?.get(&(Verdict::OnTime as u8)).copied().unwrap_or_default();
        Ok(carded.unwrap_or_default() == counted)
    }

    /// A page of a list along one way.
    fn along(
        &self,
        way: Way,
        integration: IntegrationKey,
        filter: &AppointmentFilter,
        after: Option<&Page>,
        limit: usize,
    ) -> Result<Vec<ListedAppointment>> {
        let mut sql = String::from("SELECT a.source_id, a.body FROM ");
        sql.push_str(match way {
            Way::Start => "appointment a INDEXED BY appointment_by_start WHERE a.practice = ? AND a.integration = ?",
            Way::Unsettled(_) => {
                "appointment a INDEXED BY appointment_unsettled WHERE a.practice = ? AND a.integration = ? AND a.verdict > 1"
            }
            Way::Reason => "appointment a INDEXED BY appointment_by_reason WHERE a.practice = ? AND a.integration = ?",
            // CROSS keeps the order: left to itself SQLite walks through all of an integration's visits.
            Way::Outbox => {
                "(SELECT DISTINCT source_id FROM outbox WHERE practice = ? AND integration = ?) o CROSS JOIN appointment a
                 ON a.practice = ? AND a.integration = ? AND a.source_id = o.source_id"
            }
        });
        let mut params: Params<'_> = vec![&integration.practice.0, &integration.integration];
        if matches!(way, Way::Outbox) {
            params.extend([&integration.practice.0 as &dyn rusqlite::ToSql, &integration.integration]);
        }
        let verdicts: Vec<u8> = match way {
            Way::Start | Way::Reason => filter.verdicts.iter().map(|verdict| *verdict as u8).collect(),
            Way::Unsettled(verdict) => vec![verdict as u8],
            Way::Outbox => vec![Verdict::OnTime as u8],
        };
        match verdicts.len() {
            0 => {}
            1 => sql.push_str(" AND a.verdict = ?"),
            several => {
                sql.push_str(" AND a.verdict IN (?");
                sql.push_str(&", ?".repeat(several - 1));
                sql.push(')');
            }
        }
        params.extend(verdicts.iter().map(|verdict| verdict as &dyn rusqlite::ToSql));
        let reason = filter.reason.map(domain::reasons::Reason::number);
        if let Some(reason) = &reason {
            sql.push_str(" AND a.reason = ?");
            params.push(reason);
        }
        // One lower bound only, so that the index is entered where the page begins.
        let from = filter.from.map(Moment::micros);
        let page = after.map(|page| (start_column(page.start), page.source_id.as_str()));
        let page = page.filter(|(start, _)| from.is_none_or(|from| *start >= from));
        match (&page, &from) {
            (Some((start, source_id)), _) => {
                sql.push_str(" AND (a.start_at, a.source_id) > (?, ?)");
                params.extend([start as &dyn rusqlite::ToSql, source_id]);
            }
            (None, Some(from)) => {
                sql.push_str(" AND a.start_at >= ?");
                params.push(from);
            }
            (None, None) => {}
        }
        let to = filter.to.map(Moment::micros);
        if let Some(to) = &to {
            sql.push_str(" AND a.start_at < ?");
            params.push(to);
        }
        sql.push_str(" ORDER BY a.start_at, a.source_id LIMIT ?");
        let limit = limit_column(limit);
        params.push(&limit);
        self.all(&sql, params.as_slice(), |row| {
            Ok(ListedAppointment { source_id: text(row, 0)?, row: body("appointment", row, 1)? })
        })
    }

    /// Appointments by verdict, with what the open batch adds.
    fn counts(&self, integration: IntegrationKey) -> Result<BTreeMap<u8, i64>> {
        let rows = self.all(
            "SELECT verdict, count FROM tally WHERE practice = ?1 AND integration = ?2",
            (integration.practice.0, integration.integration),
            |row| Ok((column::<u8>(row, 0)?, column::<i64>(row, 1)?)),
        )?;
        let mut counts: BTreeMap<u8, i64> = rows.into_iter().collect();
        for (verdict, by) in self.counted(integration) {
            *counts.entry(verdict).or_default() += by;
        }
        Ok(counts)
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
        let ways = self.ways(integration, filter)?;
        let mut found = Vec::new();
        for way in ways.iter().copied() {
            found.extend(self.along(way, integration, filter, after, limit)?);
        }
        if ways.len() > 1 {
            let place = |listed: &ListedAppointment| (start_column(listed.row.start), listed.source_id.clone());
            found.sort_by_cached_key(place);
            found.truncate(limit);
        }
        Ok(found)
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
        let counts = self.counts(integration)?;
        let tallies = Verdict::ALL.into_iter().filter_map(|verdict| {
            let count = u64::try_from(*counts.get(&(verdict as u8))?).ok().filter(|count| *count > 0)?;
            Some(Tally { verdict, count })
        });
        Ok(tallies.collect())
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
        let stored = match before {
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
        if stored == 0 {
            return Err(Error::Conflict("the appointment that was to be replaced is not there".into()));
        }
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
