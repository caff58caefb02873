//! Appointments in PostgreSQL.

use crate::postgres::batch::listed;
use crate::postgres::pending::{Replaced, Table};
use crate::postgres::session::{Session, Value};
use crate::postgres::values::{
    column, decode_body, key_columns, limit_column, prefix_end, reason_column, start_column, text,
};
use crate::{
    AppointmentFilter, AppointmentReads, AppointmentRow, AppointmentWrites, Error, ListedAppointment, Page, Result,
    Tally,
};
use domain::decide::Verdict;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;
use std::collections::BTreeMap;

/// By which index a list goes. Whatever is asked, no more rows are read than the page has, but for the few that an
/// index finds and the rest of the filter refuses.
#[derive(Clone, Copy)]
enum Way {
    /// All starts in order.
    Start,
    /// One verdict, starts in order. What is in sync is most of everything and is found by start.
    Verdict(Verdict),
    /// One reason, starts in order.
    Reason,
}

/// The ways that together lead to every row of a list, each row once.
fn ways(filter: &AppointmentFilter) -> Vec<Way> {
    if filter.reason.is_some() {
        vec![Way::Reason]
    } else if filter.verdicts.is_empty() || filter.verdicts.contains(&Verdict::InSync) {
        vec![Way::Start]
    } else {
        let wanted = |verdict: &Verdict| filter.verdicts.contains(verdict);
        Verdict::ALL.into_iter().filter(wanted).map(Way::Verdict).collect()
    }
}

/// A statement that grows, with its parameters.
struct Asked<'a> {
    sql: String,
    params: Vec<Value<'a>>,
}

impl<'a> Asked<'a> {
    /// Adds a condition; `?` stands for the value.
    fn and(&mut self, condition: &str, value: Value<'a>) {
        self.params.push(value);
        let number = format!("${}", self.params.len());
        self.sql.push_str(" AND ");
        self.sql.push_str(&condition.replace('?', &number));
    }
}

impl Session {
    /// A page of a list along one way.
    fn along(
        &mut self,
        way: Way,
        integration: IntegrationKey,
        filter: &AppointmentFilter,
        after: Option<&Page>,
        limit: usize,
    ) -> Result<Vec<ListedAppointment>> {
        let (practice, number) = key_columns(integration);
        let select = "SELECT source_id, body FROM appointment WHERE practice = $1 AND integration = $2";
        let mut asked = Asked { sql: select.to_owned(), params: vec![&practice, &number] };
        let verdicts: Vec<i16> = match way {
            Way::Verdict(verdict) => vec![i16::from(verdict as u8)],
            Way::Start | Way::Reason => filter.verdicts.iter().map(|verdict| i16::from(*verdict as u8)).collect(),
        };
        let reason = filter.reason.map(reason_column);
        match &reason {
            Some(reason) => asked.and("reason = ? AND reason IS NOT NULL", reason),
            None if matches!(way, Way::Verdict(_)) => {}
            None => {}
        }
        match verdicts.first() {
            Some(verdict) if matches!(way, Way::Verdict(_)) => asked.and("verdict = ? AND verdict <> 0", verdict),
            Some(_) => asked.and("verdict = ANY (?)", &verdicts),
            None => {}
        }
        let from = filter.from.map(Moment::micros);
        let page = after.map(|page| (start_column(page.start), page.source_id.as_str()));
        let page = page.filter(|(start, _)| from.is_none_or(|from| *start >= from));
        match (&page, &from) {
            (Some((start, source_id)), _) => {
                asked.params.push(start);
                let at = asked.params.len();
                asked.and(&format!("(start_at, source_id) > (${at}, ?)"), source_id);
            }
            (None, Some(from)) => asked.and("start_at >= ?", from),
            (None, None) => {}
        }
        let to = filter.to.map(Moment::micros);
        if let Some(to) = &to {
            asked.and("start_at < ?", to);
        }
        let limit = limit_column(limit);
        asked.params.push(&limit);
        asked.sql.push_str(&format!(" ORDER BY start_at, source_id LIMIT ${}", asked.params.len()));
        let rows = self.all(&[Table::Appointments], &asked.sql, &asked.params)?;
        let listed = |row: &tokio_postgres::Row| {
            Ok(ListedAppointment { source_id: text(row, 0)?, row: decode_body("appointment", column(row, 1)?)? })
        };
        rows.iter().map(listed).collect()
    }

    /// An appointment with its revision, as this batch holds it.
    fn held_appointment(&mut self, key: &AppointmentKey) -> Result<Option<(AppointmentRow, i64)>> {
        if let Some(batch) = &self.batch
            && let Some(held) = batch.held.appointments.get(key)
        {
            return Ok(held.clone());
        }
        let (practice, integration) = key_columns(key.integration);
        let row = self.one(
            &[],
            "SELECT body, revision FROM appointment WHERE practice = $1 AND integration = $2 AND source_id = $3",
            &[&practice, &integration, &key.source_id.as_str()],
        )?;
        let read = |row: tokio_postgres::Row| Ok((decode_body("appointment", column(&row, 0)?)?, column(&row, 1)?));
        let held = row.map(read).transpose()?;
        if let Some(batch) = &mut self.batch {
            batch.held.appointments.insert(key.clone(), held.clone());
        }
        Ok(held)
    }
}

impl AppointmentReads for Session {
    fn appointment(&mut self, key: &AppointmentKey) -> Result<Option<AppointmentRow>> {
        let pending = self.batch.as_ref().and_then(|batch| batch.pending.appointments.get(key));
        if let Some(put) = pending {
            return Ok(Some(put.row.clone()));
        }
        Ok(self.held_appointment(key)?.map(|(row, _)| row))
    }

    fn appointments(
        &mut self,
        integration: IntegrationKey,
        filter: &AppointmentFilter,
        after: Option<&Page>,
        limit: usize,
    ) -> Result<Vec<ListedAppointment>> {
        let ways = ways(filter);
        let mut found = Vec::new();
        for way in &ways {
            found.extend(self.along(*way, integration, filter, after, limit)?);
        }
        if ways.len() > 1 {
            found.sort_by_cached_key(|listed| (start_column(listed.row.start), listed.source_id.clone()));
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
        if let Some(batch) = &self.batch {
            let name = (integration, Text::from(patient));
            if let Some(list) = listed(&batch.held.visits, &batch.pending.participants, &name) {
                return Ok(list.into_iter().take(limit).collect());
            }
        }
        let (practice, integration) = key_columns(integration);
        let rows = self.all(
            &[Table::Participants],
            "SELECT source_id FROM participant
             WHERE practice = $1 AND integration = $2 AND patient = $3 ORDER BY source_id LIMIT $4",
            &[&practice, &integration, &patient, &limit_column(limit)],
        )?;
        rows.iter().map(|row| text(row, 0)).collect()
    }

    fn source_ids_like(&mut self, integration: IntegrationKey, prefix: &str, limit: usize) -> Result<Vec<Text>> {
        let (practice, integration) = key_columns(integration);
        let rows = self.all(
            &[Table::Appointments],
            "SELECT source_id FROM appointment
             WHERE practice = $1 AND integration = $2 AND source_id >= $3 AND source_id < $4 ORDER BY source_id LIMIT $5",
            &[&practice, &integration, &prefix, &prefix_end(prefix), &limit_column(limit)],
        )?;
        rows.iter().map(|row| text(row, 0)).collect()
    }

    fn tallies(&mut self, integration: IntegrationKey) -> Result<Vec<Tally>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[Table::Tallies],
            "SELECT verdict, sum(count)::bigint FROM tally WHERE practice = $1 AND integration = $2 GROUP BY verdict",
            &[&practice, &number],
        )?;
        let read = |row: &tokio_postgres::Row| Ok((column::<i16>(row, 0)?, column::<i64>(row, 1)?));
        let counts: BTreeMap<i16, i64> = rows.iter().map(read).collect::<Result<_>>()?;
        let tallies = Verdict::ALL.into_iter().filter_map(|verdict| {
            let counted = *counts.get(&i16::from(verdict as u8))?;
            let count = u64::try_from(counted).ok().filter(|count| *count > 0)?;
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
        let pending = self.batch()?.pending.appointments.get(key).map(|put| put.revision);
        let revision = match pending {
            Some(revision) => revision,
            None => {
                let held = self.held_appointment(key)?;
                let changed = "the appointment that was to be replaced is not there, or not as it was read";
                match (&held, before) {
                    (Some((held, _)), Some(before)) if held == before => {}
                    (None, None) => {}
                    _ => return Err(Error::Conflict(changed.into())),
                }
                held.map(|(_, revision)| revision)
            }
        };
        if pending.is_some() && before.is_none() {
            return Err(Error::Conflict("the appointment is there already".into()));
        }
        let batch = self.batch()?;
        if before.map(|before| before.verdict) != Some(row.verdict) {
            if let Some(before) = before {
                *batch.pending.tallies.entry((key.integration, before.verdict as u8)).or_default() -= 1;
            }
            *batch.pending.tallies.entry((key.integration, row.verdict as u8)).or_default() += 1;
        }
        batch.pending.appointments.insert(key.clone(), Replaced { row: row.clone(), revision });
        Ok(())
    }

    fn put_participant(&mut self, key: &AppointmentKey, patient: &str) -> Result<()> {
        self.note_participant(key, patient, true)
    }

    fn delete_participant(&mut self, key: &AppointmentKey, patient: &str) -> Result<()> {
        self.note_participant(key, patient, false)
    }
}

impl Session {
    fn note_participant(&mut self, key: &AppointmentKey, patient: &str, takes_part: bool) -> Result<()> {
        let mark = (key.integration, Text::from(patient), key.source_id.clone());
        self.batch()?.pending.participants.insert(mark, takes_part);
        Ok(())
    }
}
