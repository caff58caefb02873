//! What a batch is known to look at, fetched together when it begins.

use crate::bodies::decode_patient;
use crate::postgres::batch::{Batch, Held};
use crate::postgres::connection::{Link, Told, wait};
use crate::postgres::error::store_error;
use crate::postgres::pending::{Keys, MarkLists, OwnedEntry};
use crate::postgres::session::{Session, Value};
use crate::postgres::shape::{Kept, Once};
use crate::postgres::values::{column, decode_body, digest_of, id_of, integration_at, number, text, text_or_null};
use crate::{ControlRow, Error, Hints, Result, Subject};
use domain::gates::WakeKey;
use domain::ids::{AppointmentKey, EntryId, EnvelopeId, IntegrationKey, PracticeNo};
use domain::text::Text;
use domain::time::Moment;
use futures_util::future::{join, join_all};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_postgres::Row;

const EPOCH: &str = "SELECT value FROM meta WHERE name = 'setup_epoch'";
/// Locks on the set-up and on all that is named, in one order for everybody; then the transaction's number, by which
/// the server can be asked what became of the batch.
const LOCKS: &str = "SELECT pg_advisory_xact_lock_shared($1), pg_current_xact_id()::text,
        count(pg_advisory_xact_lock(number)) FROM unnest($2::bigint[]) AS number";
/// Of a batch that may change nothing.
const LOCK_SETUP: &str = "SELECT pg_advisory_xact_lock_shared($1)";
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
/// More visits of one patient than this are looked for when they are asked for.
const FEW: usize = 8;
/// Everything else that was named, in one question: each row says first what it is. The set-up's epoch; patients and
/// their visits ($1 to $3); what waits for facts ($4 to $6); message ids with the digest they stand for ($7 to $9);
/// holders of addresses ($10 and $11); what is undecided of the same ($12 and $13).
const NAMED: &str =
    "SELECT 0::smallint, 0::bigint, 0::bigint, ''::text, NULL::text, value, NULL::bytea, NULL::bytea FROM meta
      WHERE name = 'setup_epoch'
    UNION ALL SELECT 1::smallint, p.practice, p.integration, p.source_id, NULL, p.revision, p.body, NULL
      FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (practice, integration, source_id)
      JOIN patient p ON p.practice = u.practice AND p.integration = u.integration AND p.source_id = u.source_id
    UNION ALL SELECT 2::smallint, u.practice, u.integration, u.name, v.source_id, NULL, NULL, NULL
      FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (practice, integration, name)
      CROSS JOIN LATERAL (SELECT source_id FROM participant p
        WHERE p.practice = u.practice AND p.integration = u.integration AND p.patient = u.name
        ORDER BY source_id LIMIT 8) AS v
    UNION ALL SELECT 3::smallint, u.practice, u.integration, u.name, v.source_id, NULL, NULL, NULL
      FROM unnest($4::bigint[], $5::bigint[], $6::text[]) AS u (practice, integration, name)
      CROSS JOIN LATERAL (SELECT source_id FROM wait w
        WHERE w.practice = u.practice AND w.integration = u.integration AND w.wake_key = u.name
        ORDER BY source_id LIMIT 8) AS v
    UNION ALL SELECT 4::smallint, c.practice, c.integration, c.control_id, c.source_id, c.envelope, c.answer, v.digest
      FROM unnest($7::bigint[], $8::bigint[], $9::text[]) AS u (practice, integration, control_id)
      JOIN control c ON c.practice = u.practice AND c.integration = u.integration AND c.control_id = u.control_id
      LEFT JOIN envelope v ON v.practice = c.practice AND v.id = c.envelope
    UNION ALL SELECT 5::smallint, u.practice, h.integration, u.address, h.source_id, NULL, NULL, NULL
      FROM unnest($10::bigint[], $11::text[]) AS u (practice, address)
      CROSS JOIN LATERAL (
        SELECT integration, source_id FROM patient p WHERE p.practice = u.practice AND p.email_key = u.address AND linked
        UNION ALL SELECT NULL, source_id FROM account a
        WHERE a.practice = u.practice AND a.email_key = u.address AND source_id IS NOT NULL) AS h
    UNION ALL SELECT 6::smallint, u.practice, u.subject, n.turn::text, NULL, n.envelope, NULL, NULL
      FROM unnest($12::bigint[], $13::bigint[]) AS u (practice, subject)
      JOIN undecided n ON n.practice = u.practice AND n.subject = u.subject";

/// Keeps the lists that were fetched whole.
fn keep_whole(lists: &mut MarkLists) {
    lists.retain(|_, list| list.len() < FEW);
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
        // The server's texts hold no zero byte: nothing of that name is stored.
        let can_be = |name: &str| !name.contains('\0');
        let set = |names: &[(IntegrationKey, Text)]| -> BTreeSet<(IntegrationKey, Text)> {
            names.iter().filter(|(_, name)| can_be(name)).cloned().collect()
        };
        let visits = hints.appointments.iter().filter(|key| can_be(&key.source_id));
        let visits: BTreeSet<(IntegrationKey, Text)> =
            visits.map(|key| (key.integration, key.source_id.clone())).collect();
        let (patients, controls) = (set(&hints.patients), set(&hints.controls));
        let wake = |id: &Text| Text::from(WakeKey::Patient(id.clone()).to_string());
        let mut facts = set(&hints.facts);
        facts.extend(patients.iter().map(|(key, id)| (*key, wake(id))));
        let addresses: BTreeSet<(PracticeNo, Text)> =
            set(&hints.addresses).into_iter().map(|(key, address)| (key.practice, address)).collect();
        let mut numbers: Vec<i64> = patients.iter().map(|(key, id)| link.locks.patient(*key, id)).collect();
        numbers.extend(addresses.iter().map(|(practice, address)| link.locks.address(*practice, address)));
        numbers.sort_unstable();
        numbers.dedup();
        let setup = link.locks.setup();
        let (visit_keys, visit_ids) = named(visits.iter());
        let (patient_keys, patient_ids) = named(patients.iter());
        let (control_keys, control_ids) = named(controls.iter());
        let (fact_keys, fact_names) = named(facts.iter());
        let (practices, address_texts): (Vec<i64>, Vec<String>) =
            addresses.iter().map(|(practice, address)| (i64::from(practice.0), address.to_string())).unzip();
        let practices = Once(practices);
        let subjects: BTreeSet<(PracticeNo, Subject)> = hints.subjects.iter().copied().collect();
        let (subject_keys, subject_numbers): (Vec<i64>, Vec<i64>) =
            subjects.iter().map(|(practice, subject)| (i64::from(practice.0), *subject)).unzip();
        let subject_keys = Once(subject_keys);
        let changes_something = !(visits.is_empty() && patients.is_empty() && controls.is_empty());
        let mut questions: Vec<(&'static str, Vec<&dyn Kept>)> = Vec::with_capacity(3);
        if changes_something {
            questions.push((LOCKS, vec![&setup, &numbers]));
            if !visits.is_empty() {
                questions.push((APPOINTMENTS, vec![&visit_keys.practices, &visit_keys.integrations, &visit_ids]));
            }
            let (patient, fact, control) = (&patient_keys, &fact_keys, &control_keys);
            let patient: [&dyn Kept; 3] = [&patient.practices, &patient.integrations, &patient_ids];
            let fact: [&dyn Kept; 3] = [&fact.practices, &fact.integrations, &fact_names];
            let control: [&dyn Kept; 3] = [&control.practices, &control.integrations, &control_ids];
            let address: [&dyn Kept; 2] = [&practices, &address_texts];
            let subject: [&dyn Kept; 2] = [&subject_keys, &subject_numbers];
            questions.push((NAMED, [&patient[..], &fact, &control, &address, &subject].concat()));
        } else {
            questions.extend([(LOCK_SETUP, vec![&setup as &dyn Kept]), (EPOCH, Vec::new())]);
        }
        let questions: Vec<(&str, Arc<str>, Vec<Value<'_>>)> = questions
            .iter()
            .map(|(sql, params)| {
                let text = if *sql == LOCKS { LOCKS.into() } else { link.shapes.of(sql, params) };
                (*sql, text, params.iter().map(|param| param.value()).collect())
            })
            .collect();
        wait(link.prepare_all(questions.iter().map(|(_, sql, _)| &**sql))).map_err(store_error)?;
        let link = &*link;
        let (begun, answers) = wait(async {
            let asking = join_all(questions.iter().map(|(_, sql, params)| link.query(sql, params)));
            join(link.client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"), asking).await
        });
        begun.map_err(store_error)?;
        let answers: Vec<Vec<Row>> = answers.into_iter().collect::<Told<_>>().map_err(store_error)?;
        let (mut held, mut number) = (Held::default(), None);
        for ((question, ..), rows) in questions.iter().zip(answers) {
            match *question {
                LOCKS => number = rows.first().map(|row| column(row, 1)).transpose()?,
                EPOCH => held.epoch = rows.first().map(|row| column::<i64>(row, 0)).transpose()?.map(id_of),
                APPOINTMENTS => held.keep_appointments(&visits, &rows)?,
                NAMED => {
                    held.patients.extend(patients.iter().map(|key| (key.clone(), None)));
                    held.controls.extend(controls.iter().map(|key| (key.clone(), None)));
                    held.holders.ask(&addresses);
                    held.undecided = subjects.iter().map(|subject| (*subject, BTreeSet::new())).collect();
                    held.visits = patients.iter().map(|patient| (patient.clone(), BTreeSet::new())).collect();
                    held.waiting = facts.iter().map(|fact| (fact.clone(), BTreeSet::new())).collect();
                    rows.iter().try_for_each(|row| held.keep_named(row))?;
                    keep_whole(&mut held.visits);
                    keep_whole(&mut held.waiting);
                }
                _ => {}
            }
        }
        Ok(Batch { held, number, ..Batch::default() })
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
        let rows = self.all(&[], APPOINTMENTS_AHEAD, &[&keys.practices.0, &keys.integrations.0, &ids])?;
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

    /// Keeps one row of what [`NAMED`] finds.
    fn keep_named(&mut self, row: &Row) -> Result<()> {
        let name = |row: &Row| Ok::<_, Error>((integration_at(row, 1)?, text(row, 3)?));
        match column::<i16>(row, 0)? {
            0 => self.epoch = Some(id_of(column(row, 5)?)),
            1 => {
                let held = (decode_patient(column(row, 6)?)?, column(row, 5)?);
                self.patients.insert(name(row)?, Some(held));
            }
            2 => drop(self.visits.entry(name(row)?).or_default().insert(text(row, 4)?)),
            3 => drop(self.waiting.entry(name(row)?).or_default().insert(text(row, 4)?)),
            4 => {
                let envelope = EnvelopeId(id_of(column(row, 5)?));
                let control = ControlRow { envelope, answer: column(row, 6)?, source_id: text_or_null(row, 4)? };
                if let Some(digest) = column::<Option<Vec<u8>>>(row, 7)? {
                    self.digests.insert(envelope, digest_of("envelope", &digest)?);
                }
                self.controls.insert(name(row)?, Some(control));
            }
            6 => {
                let subject = (PracticeNo(number("practice number", row, 1)?), column(row, 2)?);
                let turn = text(row, 3)?.parse().map_err(|_| Error::unreadable("turn", "no number"))?;
                self.undecided.entry(subject).or_default().insert((turn, EnvelopeId(id_of(column(row, 5)?))));
            }
            _ => {
                let practice = PracticeNo(number("practice number", row, 1)?);
                let integration = match column::<Option<i64>>(row, 2)? {
                    Some(_) => Some(number("integration number", row, 2)?),
                    None => None,
                };
                self.holders.add(practice, text(row, 3)?, integration, text(row, 4)?);
            }
        }
        Ok(())
    }
}
