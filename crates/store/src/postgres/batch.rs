//! An open batch: what it has read, and what it has changed and not sent yet.

use crate::bodies::encode_patient;
use crate::postgres::holders::Holders;
use crate::postgres::pending::{Change, Keys, MarkLists, MarkTable, Marks, OwnedEntry, Pending, Replaced, Table, mark};
use crate::postgres::session::params;
use crate::postgres::values::{encode_body, id_column, reason_column, start_column};
use crate::{AppointmentRow, Bells, ControlRow, PatientRow, Result, Subject};
use domain::ids::{AppointmentKey, EntryId, EnvelopeId, IntegrationKey, PracticeNo};
use domain::text::Text;
use std::collections::{BTreeSet, HashMap};

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
    pub(super) visits: MarkLists,
    pub(super) waiting: MarkLists,
    /// Messages about something that are not decided on.
    pub(super) undecided: HashMap<(PracticeNo, Subject), BTreeSet<(i64, EnvelopeId)>>,
    /// Whether a cause is open.
    pub(super) causes: HashMap<(IntegrationKey, u16, Text), bool>,
    /// Who holds an address, as the batch has left it.
    pub(super) holders: Holders,
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
    /// So many visits.
    pub(super) visits: u64,
    /// What other processes are told when it is committed.
    pub(super) bells: Bells,
    /// The transaction's number, where it was asked for.
    pub(super) number: Option<String>,
}

/// A list as the batch's own changes have left it.
pub(super) fn listed(lists: &MarkLists, marks: &Marks, name: &(IntegrationKey, Text)) -> Option<BTreeSet<Text>> {
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

/// The statements of a table of marks, by its name and the column of what they hang on.
macro_rules! mark_table {
    ($table:literal, $on:literal) => {
        MarkTable {
            put_new: mark_table!(put $table, $on, ""),
            put: mark_table!(put $table, $on, " ON CONFLICT DO NOTHING"),
            take_off: concat!(
                "DELETE FROM ", $table, " m
                 USING unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS u (practice, integration, name, source_id)
                 WHERE m.practice = u.practice AND m.integration = u.integration AND m.", $on, " = u.name
                   AND m.source_id = u.source_id"
            ),
        }
    };
    (put $table:literal, $on:literal, $conflict:literal) => {
        concat!(
            "INSERT INTO ", $table, " (practice, integration, ", $on, ", source_id)
             SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])", $conflict
        )
    };
}

const PARTICIPANTS: MarkTable = mark_table!("participant", "patient");
const WAITS: MarkTable = mark_table!("wait", "wake_key");

impl Batch {
    /// Moves the changes of one table to those that are sent.
    pub(super) fn take_changes(&mut self, table: Table, slot: i16, changes: &mut Vec<Change>) -> Result<()> {
        let before = changes.len();
        match table {
            Table::Patients => self.take_patients(changes)?,
            Table::Appointments => self.take_appointments(changes)?,
            Table::Controls => self.take_controls(changes),
            Table::Envelopes => self.pending.take_envelopes(changes),
            Table::Entries => self.pending.take_entries(changes),
            Table::Participants => {
                mark(&PARTICIPANTS, &mut self.pending.participants, &mut self.held.visits, changes);
            }
            Table::Waits => mark(&WAITS, &mut self.pending.waits, &mut self.held.waiting, changes),
            Table::Timers => self.pending.take_timers(changes),
            Table::Stops => self.take_stops(changes),
            Table::Outbox => self.pending.take_outbox(changes),
            Table::Fired => self.pending.take_fired(changes),
            Table::Audit => self.take_audit(changes),
            Table::Undecided => self.pending.take_decided(changes),
            Table::Tallies => self.pending.take_tallies(slot, changes),
        }
        self.changed |= changes.len() > before;
        Ok(())
    }

    fn take_appointments(&mut self, changes: &mut Vec<Change>) -> Result<()> {
        const INSERT: &str = "INSERT INTO appointment (practice, integration, source_id, start_at, verdict, reason, decided, revision, body)
            SELECT practice, integration, source_id, start_at, verdict, reason, decided, revision + 1, body
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::smallint[], $6::smallint[], $7::bigint[], $8::bigint[], $9::bytea[])
              AS u (practice, integration, source_id, start_at, verdict, reason, decided, revision, body)";
        const UPDATE: &str = "UPDATE appointment a SET start_at = u.start_at, verdict = u.verdict, reason = u.reason, decided = u.decided,
                revision = u.revision + 1, body = u.body
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::smallint[], $6::smallint[], $7::bigint[], $8::bigint[], $9::bytea[])
              AS u (practice, integration, source_id, start_at, verdict, reason, decided, revision, body)
            WHERE a.practice = u.practice AND a.integration = u.integration AND a.source_id = u.source_id AND a.revision = u.revision
            RETURNING 1";
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
                let count = keys.count();
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
                changes.push(match new {
                    true => Change::rows(sql, params),
                    false => Change::counted(sql, params, count),
                });
            }
        }
        self.visits += pending.len() as u64;
        for (key, Replaced { row, revision }) in pending {
            self.held.appointments.insert(key, Some((row, revision.unwrap_or(0) + 1)));
        }
        Ok(())
    }

    fn take_patients(&mut self, changes: &mut Vec<Change>) -> Result<()> {
        const INSERT: &str = "INSERT INTO patient (practice, integration, source_id, email_key, name_key, linked, revision, body)
            SELECT practice, integration, source_id, email_key, name_key, linked, revision + 1, body
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::bigint[], $8::bytea[])
              AS u (practice, integration, source_id, email_key, name_key, linked, revision, body)";
        const UPDATE: &str = "UPDATE patient p SET email_key = u.email_key, name_key = u.name_key, linked = u.linked,
                revision = u.revision + 1, body = u.body
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::bigint[], $8::bytea[])
              AS u (practice, integration, source_id, email_key, name_key, linked, revision, body)
            WHERE p.practice = u.practice AND p.integration = u.integration AND p.source_id = u.source_id AND p.revision = u.revision
            RETURNING 1";
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
                let count = keys.count();
                let params = params![keys.practices, keys.integrations, ids, emails, names, linked, revisions, bodies];
                changes.push(match new {
                    true => Change::rows(sql, params),
                    false => Change::counted(sql, params, count),
                });
            }
        }
        for (key, Replaced { row, revision }) in pending {
            self.held.patients.insert(key, Some((row, revision.unwrap_or(0) + 1)));
        }
        Ok(())
    }

    fn take_controls(&mut self, changes: &mut Vec<Change>) {
        // Two nodes got the same message at the same time: one of them shall see that it is a repetition.
        const INSERT: &str = "INSERT INTO control (practice, integration, control_id, envelope, answer, source_id)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bytea[], $6::text[])";
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
                let params = params![keys.practices, keys.integrations, ids, envelopes, answers, sources];
                changes.push(Change::rows(sql, params));
            }
        }
        for (key, control) in pending {
            self.held.controls.insert(key, Some(control.row));
        }
    }
}
