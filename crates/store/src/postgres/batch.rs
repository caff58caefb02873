//! An open batch: what it has read, and what it has changed and not sent yet.

use crate::bodies::{decode_patient, encode_patient};
use crate::postgres::connection::{Link, wait};
use crate::postgres::error::store_error;
use crate::postgres::pending::{Change, Keys, Marks, OwnedEntry, Pending, Replaced, Table, mark};
use crate::postgres::session::{Session, Value, params};
use crate::postgres::values::{
    column, decode_body, digest_of, encode_body, id_column, id_of, integration_at, reason_column, start_column, text,
    text_or_null,
};
use crate::{AppointmentRow, ControlRow, Hints, PatientRow, Result};
use domain::gates::WakeKey;
use domain::ids::{AppointmentKey, EntryId, EnvelopeId, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;
use futures_util::future::join_all;
use std::collections::{BTreeSet, HashMap};
use tokio_postgres::Row;

/// What was read in this batch and is true until its end, or found out not to be when the batch is committed.
#[derive(Default)]
pub(super) struct Held {
    /// With the revision.
    pub(super) appointments: HashMap<AppointmentKey, Option<(AppointmentRow, i64)>>,
    pub(super) patients: HashMap<(IntegrationKey, Text), Option<(PatientRow, i64)>>,
    pub(super) controls: HashMap<(IntegrationKey, Text), Option<ControlRow>>,
    pub(super) digests: HashMap<EnvelopeId, [u8; 16]>,
    pub(super) entries: HashMap<EntryId, OwnedEntry>,
    /// The visits of patients that were named when the batch began, and the visits that wait for those patients; only
    /// lists that were fetched whole.
    pub(super) visits: HashMap<(IntegrationKey, Text), BTreeSet<Text>>,
    pub(super) waiting: HashMap<(IntegrationKey, Text), BTreeSet<Text>>,
    /// Whether a cause is open.
    pub(super) causes: HashMap<(IntegrationKey, u16, Text), bool>,
    pub(super) epoch: Option<u64>,
}

/// An open batch.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) pending: Pending,
    pub(super) held: Held,
    /// A statement failed: the server takes no more of this batch.
    pub(super) failed: bool,
    /// Something was changed at once.
    pub(super) changed: bool,
}

const EPOCH: &str = "SELECT value FROM meta WHERE name = 'setup_epoch'";
const LOCK_SETUP: &str = "SELECT pg_advisory_xact_lock_shared($1)";
const LOCK_PATIENTS: &str = "SELECT count(pg_advisory_xact_lock(number)) FROM unnest($1::bigint[]) AS number";
/// Whoever works on the same visits waits here, and then sees what came of it.
const APPOINTMENTS: &str =
    "SELECT a.practice, a.integration, a.source_id, a.revision, a.body, e.id, e.prev, e.at, e.kind, e.body
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (practice, integration, source_id)
    JOIN appointment a ON a.practice = u.practice AND a.integration = u.integration AND a.source_id = u.source_id
    LEFT JOIN entry e ON e.practice = a.practice AND e.integration = a.integration AND e.id = a.decided
    FOR NO KEY UPDATE OF a";
/// The same without waiting: what is looked at without having been named.
const APPOINTMENTS_AHEAD: &str =
    "SELECT a.practice, a.integration, a.source_id, a.revision, a.body, e.id, e.prev, e.at, e.kind, e.body
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (practice, integration, source_id)
    JOIN appointment a ON a.practice = u.practice AND a.integration = u.integration AND a.source_id = u.source_id
    LEFT JOIN entry e ON e.practice = a.practice AND e.integration = a.integration AND e.id = a.decided";
const PATIENTS: &str = "SELECT p.practice, p.integration, p.source_id, p.revision, p.body
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (practice, integration, source_id)
    JOIN patient p ON p.practice = u.practice AND p.integration = u.integration AND p.source_id = u.source_id";
/// More visits of one patient than this are looked for when they are asked for.
const FEW: usize = 8;
const VISITS: &str = "SELECT u.practice, u.integration, u.name, v.source_id
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (practice, integration, name)
    CROSS JOIN LATERAL (SELECT source_id FROM participant p
      WHERE p.practice = u.practice AND p.integration = u.integration AND p.patient = u.name
      ORDER BY source_id LIMIT 8) AS v";
const WAITING: &str = "SELECT u.practice, u.integration, u.name, v.source_id
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (practice, integration, name)
    CROSS JOIN LATERAL (SELECT source_id FROM wait w
      WHERE w.practice = u.practice AND w.integration = u.integration AND w.wake_key = u.name
      ORDER BY source_id LIMIT 8) AS v";
const CONTROLS: &str = "SELECT c.practice, c.integration, c.control_id, c.envelope, c.answer, c.source_id, v.digest
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (practice, integration, control_id)
    JOIN control c ON c.practice = u.practice AND c.integration = u.integration AND c.control_id = u.control_id
    LEFT JOIN envelope v ON v.practice = c.practice AND v.id = c.envelope";

/// The lists that were fetched whole.
fn whole_lists(
    asked: &BTreeSet<(IntegrationKey, Text)>,
    rows: &[Row],
) -> Result<HashMap<(IntegrationKey, Text), BTreeSet<Text>>> {
    let mut lists: HashMap<_, BTreeSet<Text>> = asked.iter().map(|name| (name.clone(), BTreeSet::new())).collect();
    for row in rows {
        lists.entry((integration_at(row, 0)?, text(row, 2)?)).or_default().insert(text(row, 3)?);
    }
    lists.retain(|_, list| list.len() < FEW);
    Ok(lists)
}

/// A list as the batch's own changes have left it.
pub(super) fn listed(
    lists: &HashMap<(IntegrationKey, Text), BTreeSet<Text>>,
    marks: &Marks,
    name: &(IntegrationKey, Text),
) -> Option<BTreeSet<Text>> {
    let mut list = lists.get(name)?.clone();
    let own = marks.range((name.0, name.1.clone(), Text::default())..);
    for ((_, _, id), there) in own.take_while(|((integration, on, _), _)| (integration, on) == (&name.0, &name.1)) {
        if *there {
            list.insert(id.clone());
        } else {
            list.remove(id);
        }
    }
    Some(list)
}

/// Brings the lists up to the changes that are sent.
fn keep_up(lists: &mut HashMap<(IntegrationKey, Text), BTreeSet<Text>>, marks: &Marks) {
    for ((integration, on, id), there) in marks {
        if let Some(list) = lists.get_mut(&(*integration, on.clone())) {
            if *there {
                list.insert(id.clone());
            } else {
                list.remove(id);
            }
        }
    }
}

/// Columns of integrations and texts.
fn named<'a>(things: impl Iterator<Item = &'a (IntegrationKey, Text)>) -> (Keys, Vec<String>) {
    let (mut keys, mut names) = (Keys::default(), Vec::new());
    for (integration, name) in things {
        keys.push(*integration);
        names.push(name.to_string());
    }
    (keys, names)
}

impl Batch {
    /// Opens a batch on a connection: the locks it needs, and everything it is known to look at, in one go.
    pub(super) fn open(link: &mut Link, hints: &Hints) -> Result<Batch> {
        let visits: BTreeSet<(IntegrationKey, Text)> =
            hints.appointments.iter().map(|key| (key.integration, key.source_id.clone())).collect();
        let patients: BTreeSet<(IntegrationKey, Text)> = hints.patients.iter().cloned().collect();
        let controls: BTreeSet<(IntegrationKey, Text)> = hints.controls.iter().cloned().collect();
        let mut numbers: Vec<i64> = patients.iter().map(|(key, id)| link.locks.patient(*key, id)).collect();
        numbers.sort_unstable();
        let setup = link.locks.setup();
        let (visit_keys, visit_ids) = named(visits.iter());
        let (patient_keys, patient_ids) = named(patients.iter());
        let (control_keys, control_ids) = named(controls.iter());
        let wake = |id: &Text| Text::from(WakeKey::Patient(id.clone()).to_string());
        let wakes: BTreeSet<(IntegrationKey, Text)> = patients.iter().map(|(key, id)| (*key, wake(id))).collect();
        let (wake_keys, wake_names) = named(wakes.iter());
        let mut questions: Vec<(&str, Vec<Value<'_>>)> = vec![(LOCK_SETUP, vec![&setup])];
        if !patients.is_empty() {
            questions.push((LOCK_PATIENTS, vec![&numbers]));
        }
        questions.push((EPOCH, Vec::new()));
        let asked = [
            (APPOINTMENTS, &visit_keys, &visit_ids),
            (PATIENTS, &patient_keys, &patient_ids),
            (VISITS, &patient_keys, &patient_ids),
            (WAITING, &wake_keys, &wake_names),
            (CONTROLS, &control_keys, &control_ids),
        ];
        for (sql, keys, names) in asked {
            if !names.is_empty() {
                questions.push((sql, vec![&keys.practices, &keys.integrations, names]));
            }
        }
        let answers = wait(async {
            for (sql, _) in &questions {
                link.prepare(sql).await.map_err(store_error)?;
            }
            let link = &*link;
            let begin = link.client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED");
            let asking = join_all(questions.iter().map(|(sql, params)| async move {
                link.client.query(link.prepared(sql)?, params).await.map_err(store_error)
            }));
            let (begun, answers) = futures_util::future::join(begin, asking).await;
            begun.map_err(store_error)?;
            answers.into_iter().collect::<Result<Vec<Vec<Row>>>>()
        })?;
        let mut held = Held::default();
        for ((sql, _), rows) in questions.iter().zip(answers) {
            match *sql {
                EPOCH => held.epoch = rows.first().map(|row| column::<i64>(row, 0)).transpose()?.map(id_of),
                APPOINTMENTS => held.keep_appointments(&visits, &rows)?,
                PATIENTS => held.keep_patients(&patients, &rows)?,
                VISITS => held.visits = whole_lists(&patients, &rows)?,
                WAITING => held.waiting = whole_lists(&wakes, &rows)?,
                CONTROLS => held.keep_controls(&controls, &rows)?,
                _ => {}
            }
        }
        Ok(Batch { held, ..Batch::default() })
    }

    /// Moves the changes of one table to those that are sent.
    pub(super) fn take_changes(&mut self, table: Table, slot: i16, changes: &mut Vec<Change>) -> Result<()> {
        let before = changes.len();
        match table {
            Table::Participants => keep_up(&mut self.held.visits, &self.pending.participants),
            Table::Waits => keep_up(&mut self.held.waiting, &self.pending.waits),
            _ => {}
        }
        match table {
            Table::Patients => self.take_patients(changes)?,
            Table::Appointments => self.take_appointments(changes)?,
            Table::Controls => self.take_controls(changes),
            Table::Envelopes => self.pending.take_envelopes(changes),
            Table::Entries => self.pending.take_entries(changes),
            Table::Participants => mark(
                &mut self.pending.participants,
                "INSERT INTO participant (practice, integration, patient, source_id)
                 SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING",
                "DELETE FROM participant p
                 USING unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS u (practice, integration, patient, source_id)
                 WHERE p.practice = u.practice AND p.integration = u.integration AND p.patient = u.patient
                   AND p.source_id = u.source_id",
                changes,
            ),
            Table::Waits => mark(
                &mut self.pending.waits,
                "INSERT INTO wait (practice, integration, wake_key, source_id)
                 SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING",
                "DELETE FROM wait w
                 USING unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS u (practice, integration, wake_key, source_id)
                 WHERE w.practice = u.practice AND w.integration = u.integration AND w.wake_key = u.wake_key
                   AND w.source_id = u.source_id",
                changes,
            ),
            Table::Timers => self.pending.take_timers(changes),
            Table::Stops => self.take_stops(changes),
            Table::Outbox => self.pending.take_outbox(changes),
            Table::Fired => self.pending.take_fired(changes),
            Table::Audit => self.take_audit(changes),
            Table::Tallies => self.pending.take_tallies(slot, changes),
        }
        self.changed |= changes.len() > before;
        Ok(())
    }

    fn take_appointments(&mut self, changes: &mut Vec<Change>) -> Result<()> {
        const INSERT: &str = "INSERT INTO appointment (practice, integration, source_id, start_at, verdict, reason, decided, revision, body)
            SELECT practice, integration, source_id, start_at, verdict, reason, decided, revision + 1, body
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::smallint[], $6::smallint[], $7::bigint[], $8::bigint[], $9::bytea[])
              AS u (practice, integration, source_id, start_at, verdict, reason, decided, revision, body)
            ON CONFLICT DO NOTHING";
        const UPDATE: &str = "UPDATE appointment a SET start_at = u.start_at, verdict = u.verdict, reason = u.reason, decided = u.decided,
                revision = u.revision + 1, body = u.body
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::smallint[], $6::smallint[], $7::bigint[], $8::bigint[], $9::bytea[])
              AS u (practice, integration, source_id, start_at, verdict, reason, decided, revision, body)
            WHERE a.practice = u.practice AND a.integration = u.integration AND a.source_id = u.source_id AND a.revision = u.revision";
        let pending = std::mem::take(&mut self.pending.appointments);
        for (new, sql) in [(true, INSERT), (false, UPDATE)] {
            let mut keys = Keys::default();
            let (mut ids, mut starts, mut verdicts, mut reasons) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            let (mut decided, mut revisions, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
            for (key, Replaced { row, revision }) in pending.iter().filter(|(_, put)| put.revision.is_none() == new) {
                keys.push(key.integration);
                ids.push(key.source_id.to_string());
                starts.push(start_column(row.start));
                verdicts.push(i16::from(row.verdict as u8));
                reasons.push(row.reason.map(reason_column));
                decided.push(id_column(row.decided.0));
                revisions.push(revision.unwrap_or(0));
                let mut body = Vec::with_capacity(256);
                encode_body("appointment", row, &mut body)?;
                bodies.push(body);
            }
            if !ids.is_empty() {
                let expected = keys.len();
                let params = params![
                    keys.practices,
                    keys.integrations,
                    ids,
                    starts,
                    verdicts,
                    reasons,
                    decided,
                    revisions,
                    bodies
                ];
                changes.push(Change { sql, params, expected });
            }
        }
        for (key, Replaced { row, revision }) in pending {
            self.held.appointments.insert(key, Some((row, revision.unwrap_or(0) + 1)));
        }
        Ok(())
    }

    fn take_patients(&mut self, changes: &mut Vec<Change>) -> Result<()> {
        const INSERT: &str = "INSERT INTO patient (practice, integration, source_id, email_key, name_key, linked, revision, body)
            SELECT practice, integration, source_id, email_key, name_key, linked, revision + 1, body
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::bigint[], $8::bytea[])
              AS u (practice, integration, source_id, email_key, name_key, linked, revision, body)
            ON CONFLICT DO NOTHING";
        const UPDATE: &str = "UPDATE patient p SET email_key = u.email_key, name_key = u.name_key, linked = u.linked,
                revision = u.revision + 1, body = u.body
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::bigint[], $8::bytea[])
              AS u (practice, integration, source_id, email_key, name_key, linked, revision, body)
            WHERE p.practice = u.practice AND p.integration = u.integration AND p.source_id = u.source_id AND p.revision = u.revision";
        let pending = std::mem::take(&mut self.pending.patients);
        for (new, sql) in [(true, INSERT), (false, UPDATE)] {
            let mut keys = Keys::default();
            let (mut ids, mut emails, mut names) = (Vec::new(), Vec::new(), Vec::new());
            let (mut linked, mut revisions, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
            for ((key, id), Replaced { row, revision }) in
                pending.iter().filter(|(_, put)| put.revision.is_none() == new)
            {
                keys.push(*key);
                ids.push(id.to_string());
                emails.push(row.email_key().map(|key| key.to_string()));
                names.push(row.name_key().map(|key| key.to_string()));
                linked.push(row.link.is_some());
                revisions.push(revision.unwrap_or(0));
                let mut body = Vec::with_capacity(512);
                encode_patient(row, &mut body)?;
                bodies.push(body);
            }
            if !ids.is_empty() {
                let expected = keys.len();
                let params = params![keys.practices, keys.integrations, ids, emails, names, linked, revisions, bodies];
                changes.push(Change { sql, params, expected });
            }
        }
        for (key, Replaced { row, revision }) in pending {
            self.held.patients.insert(key, Some((row, revision.unwrap_or(0) + 1)));
        }
        Ok(())
    }

    fn take_controls(&mut self, changes: &mut Vec<Change>) {
        const INSERT: &str = "INSERT INTO control (practice, integration, control_id, envelope, answer, source_id)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bytea[], $6::text[])
            ON CONFLICT DO NOTHING";
        const REPLACE: &str = "INSERT INTO control (practice, integration, control_id, envelope, answer, source_id)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bytea[], $6::text[])
            ON CONFLICT (practice, integration, control_id)
            DO UPDATE SET envelope = excluded.envelope, answer = excluded.answer, source_id = excluded.source_id";
        let pending = std::mem::take(&mut self.pending.controls);
        for (new, sql) in [(true, INSERT), (false, REPLACE)] {
            let mut keys = Keys::default();
            let (mut ids, mut envelopes, mut answers, mut sources) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for ((key, id), control) in pending.iter().filter(|(_, put)| put.new == new) {
                keys.push(*key);
                ids.push(id.to_string());
                envelopes.push(id_column(control.row.envelope.0));
                answers.push(control.row.answer.clone());
                sources.push(control.row.source_id.as_ref().map(|id| id.to_string()));
            }
            if !ids.is_empty() {
                // Two nodes got the same message at the same time: one of them shall see that it is a repetition.
                let expected = keys.len().filter(|_| new);
                let params = params![keys.practices, keys.integrations, ids, envelopes, answers, sources];
                changes.push(Change { sql, params, expected });
            }
        }
        for (key, control) in pending {
            self.held.controls.insert(key, Some(control.row));
        }
    }
}

impl Session {
    /// A list named visits that the batch is going to look at one by one: fetches them together.
    pub(super) fn fetch_ahead<'a>(&mut self, visits: impl Iterator<Item = &'a AppointmentKey>) -> Result<()> {
        let Some(batch) = &self.batch else { return Ok(()) };
        let known = |key: &AppointmentKey| {
            batch.held.appointments.contains_key(key) || batch.pending.appointments.contains_key(key)
        };
        let asked: BTreeSet<(IntegrationKey, Text)> =
            visits.filter(|key| !known(key)).map(|key| (key.integration, key.source_id.clone())).collect();
        if asked.len() < 2 {
            return Ok(());
        }
        let (keys, ids) = named(asked.iter());
        let rows = self.all(&[], APPOINTMENTS_AHEAD, &[&keys.practices, &keys.integrations, &ids])?;
        self.batch()?.held.keep_appointments(&asked, &rows)
    }
}

impl Held {
    fn keep_appointments(&mut self, asked: &BTreeSet<(IntegrationKey, Text)>, rows: &[Row]) -> Result<()> {
        for (integration, id) in asked {
            self.appointments.insert(AppointmentKey { integration: *integration, source_id: id.clone() }, None);
        }
        for row in rows {
            let key = AppointmentKey { integration: integration_at(row, 0)?, source_id: text(row, 2)? };
            let held = (decode_body("appointment", column(row, 4)?)?, column(row, 3)?);
            if let Some(id) = column::<Option<i64>>(row, 5)? {
                let entry = OwnedEntry {
                    integration: key.integration,
                    source_id: key.source_id.clone(),
                    prev: column::<Option<i64>>(row, 6)?.map(|prev| EntryId(id_of(prev))),
                    at: Moment::from_micros(column(row, 7)?),
                    kind: u8::try_from(column::<i16>(row, 8)?).unwrap_or(u8::MAX),
                    body: column(row, 9)?,
                };
                self.entries.insert(EntryId(id_of(id)), entry);
            }
            self.appointments.insert(key, Some(held));
        }
        Ok(())
    }

    fn keep_patients(&mut self, asked: &BTreeSet<(IntegrationKey, Text)>, rows: &[Row]) -> Result<()> {
        self.patients.extend(asked.iter().map(|key| (key.clone(), None)));
        for row in rows {
            let held = (decode_patient(column(row, 4)?)?, column(row, 3)?);
            self.patients.insert((integration_at(row, 0)?, text(row, 2)?), Some(held));
        }
        Ok(())
    }

    fn keep_controls(&mut self, asked: &BTreeSet<(IntegrationKey, Text)>, rows: &[Row]) -> Result<()> {
        self.controls.extend(asked.iter().map(|key| (key.clone(), None)));
        for row in rows {
            let envelope = EnvelopeId(id_of(column(row, 3)?));
            let control = ControlRow { envelope, answer: column(row, 4)?, source_id: text_or_null(row, 5)? };
            if let Some(digest) = column::<Option<Vec<u8>>>(row, 6)? {
                self.digests.insert(envelope, digest_of("envelope", &digest)?);
            }
            self.controls.insert((integration_at(row, 0)?, text(row, 2)?), Some(control));
        }
        Ok(())
    }
}
