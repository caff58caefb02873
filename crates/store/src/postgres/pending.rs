//! Changes of a batch that were not sent yet.

use crate::postgres::session::{Params, params};
use crate::postgres::shape::Once;
use crate::postgres::values::{id_column, key_columns};
use crate::{AppointmentRow, ControlRow, NewAudit, OutboxRow, PatientRow, Subject, WakeScope};
use domain::ids::{AppointmentKey, EntryId, EnvelopeId, IntegrationKey, PracticeNo};
use domain::text::Text;
use domain::time::Moment;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tables whose changes are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Patients,
    Appointments,
    Controls,
    Envelopes,
    Entries,
    Participants,
    Waits,
    Timers,
    Stops,
    Outbox,
    Fired,
    Audit,
    Undecided,
    Tallies,
}

impl Table {
    /// All, in the order in which a commit changes them: two batches meet their common rows in one order.
    pub(super) const ALL: &[Table] = &[
        Table::Patients,
        Table::Appointments,
        Table::Controls,
        Table::Envelopes,
        Table::Entries,
        Table::Participants,
        Table::Waits,
        Table::Timers,
        Table::Stops,
        Table::Outbox,
        Table::Fired,
        Table::Audit,
        Table::Undecided,
        Table::Tallies,
    ];
}

/// A statement that changes many rows.
pub(super) struct Change {
    pub(super) sql: &'static str,
    pub(super) params: Params,
    /// What is known of its outcome, and whether it may be part of a larger statement.
    pub(super) kind: ChangeKind,
}

/// How a change is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeKind {
    /// With others in one statement.
    Rows,
    /// The same, and it tells of each row: as many must change as the last parameter says, otherwise somebody else was
    /// faster.
    Counted,
    /// By itself: what follows must see what it did.
    Alone,
}

/// A row in place of one that was read.
pub(super) struct Replaced<T> {
    pub(super) row: T,
    /// The revision that was read; `None`: there was none.
    pub(super) revision: Option<i64>,
}

/// An envelope to be stored.
pub(super) struct OwnedEnvelope {
    pub(super) id: EnvelopeId,
    pub(super) integration: IntegrationKey,
    pub(super) at: Moment,
    pub(super) channel: String,
    pub(super) format: u8,
    pub(super) state: u8,
    pub(super) note: Option<String>,
    pub(super) digest: [u8; 16],
    pub(super) body: Vec<u8>,
}

/// An entry, stored or to be stored; it is decoded when somebody asks for it.
pub(super) struct OwnedEntry {
    pub(super) integration: IntegrationKey,
    pub(super) source_id: Text,
    pub(super) prev: Option<EntryId>,
    pub(super) at: Moment,
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
}

/// A message id to be stored.
pub(super) struct OwnedControl {
    pub(super) row: ControlRow,
    /// It was looked for and is new.
    pub(super) new: bool,
}

/// A fact that changed.
pub(super) struct NewFact {
    pub(super) integration: IntegrationKey,
    pub(super) wake_key: Text,
    pub(super) scope: WakeScope,
    pub(super) why: String,
    pub(super) at: Moment,
}

/// A stop to be stored.
pub(super) struct NewStop {
    pub(super) start: i64,
    pub(super) opened_at: Moment,
}

/// Something that is there or not: integration, what it hangs on, and the appointment.
pub(super) type Marks = BTreeMap<(IntegrationKey, Text, Text), bool>;

/// What hangs on something, where all of it is known.
pub(super) type MarkLists = HashMap<(IntegrationKey, Text), BTreeSet<Text>>;

/// Everything that was not sent yet.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) appointments: BTreeMap<AppointmentKey, Replaced<AppointmentRow>>,
    pub(super) patients: BTreeMap<(IntegrationKey, Text), Replaced<PatientRow>>,
    pub(super) controls: BTreeMap<(IntegrationKey, Text), OwnedControl>,
    pub(super) envelopes: BTreeMap<EnvelopeId, OwnedEnvelope>,
    pub(super) entries: BTreeMap<EntryId, OwnedEntry>,
    pub(super) participants: Marks,
    pub(super) waits: Marks,
    pub(super) timers: BTreeMap<(AppointmentKey, Moment), bool>,
    pub(super) stops: BTreeMap<(IntegrationKey, u16, Text, Text), NewStop>,
    pub(super) outbox: BTreeMap<(IntegrationKey, Moment, EntryId), Option<OutboxRow>>,
    /// Entries that came to be in this batch, and under which nothing was put into the outbox yet.
    pub(super) born: BTreeSet<EntryId>,
    pub(super) fired: Vec<NewFact>,
    pub(super) audit: Vec<NewAudit>,
    pub(super) chained: Vec<(NewAudit, [u8; 32])>,
    /// Rows of messages that are decided on now: practice, subject, envelope.
    pub(super) decided: Vec<(PracticeNo, Subject, EnvelopeId)>,
    pub(super) tallies: BTreeMap<(IntegrationKey, u8), i64>,
}

/// Columns of integrations.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) practices: Once<i64>,
    pub(super) integrations: Once<i64>,
}

impl Keys {
    pub(super) fn push(&mut self, key: IntegrationKey) {
        let (practice, integration) = key_columns(key);
        self.practices.0.push(practice);
        self.integrations.0.push(integration);
    }

    /// How many.
    pub(super) fn count(&self) -> i64 {
        i64::try_from(self.practices.0.len()).unwrap_or(i64::MAX)
    }
}

/// How marks of a table are put and taken off.
pub(super) struct MarkTable {
    /// Those of which it is known that they are not there: the server need not be ready for any.
    pub(super) put_new: &'static str,
    pub(super) put: &'static str,
    pub(super) take_off: &'static str,
}

/// Puts and takes off marks, and brings the lists of what is there up to that.
pub(super) fn mark(table: &MarkTable, marks: &mut Marks, lists: &mut MarkLists, changes: &mut Vec<Change>) {
    let mut sorted = [(table.take_off, Vec::new()), (table.put_new, Vec::new()), (table.put, Vec::new())];
    for (mark, is) in std::mem::take(marks) {
        let list = lists.get_mut(&(mark.0, mark.1.clone()));
        let place = match (is, &list) {
            (false, _) => 0,
            (true, Some(list)) if !list.contains(&mark.2) => 1,
            (true, _) => 2,
        };
        match list {
            Some(list) if is => drop(list.insert(mark.2.clone())),
            Some(list) => drop(list.remove(&mark.2)),
            None => {}
        }
        sorted[place].1.push(mark);
    }
    for (sql, marks) in sorted {
        if marks.is_empty() {
            continue;
        }
        let mut keys = Keys::default();
        let (mut on, mut ids) = (Vec::with_capacity(marks.len()), Vec::with_capacity(marks.len()));
        for (integration, what, id) in marks {
            keys.push(integration);
            on.push(what.to_string());
            ids.push(id.to_string());
        }
        changes.push(Change::rows(sql, params![keys.practices, keys.integrations, on, ids]));
    }
}

impl Pending {
    pub(super) fn take_timers(&mut self, changes: &mut Vec<Change>) {
        const PUT: &str = "INSERT INTO timer (practice, integration, source_id, due_at)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING";
        const TAKE_OFF: &str = "DELETE FROM timer t
            USING unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) AS u (practice, integration, source_id, due_at)
            WHERE t.practice = u.practice AND t.integration = u.integration AND t.source_id = u.source_id AND t.due_at = u.due_at";
        for (there, sql) in [(false, TAKE_OFF), (true, PUT)] {
            let mut keys = Keys::default();
            let (mut ids, mut dues) = (Vec::new(), Vec::new());
            for (key, due_at) in self.timers.iter().filter(|(_, is)| **is == there).map(|(timer, _)| timer) {
                keys.push(key.integration);
                ids.push(key.source_id.to_string());
                dues.push(due_at.micros());
            }
            if !ids.is_empty() {
                changes.push(Change::rows(sql, params![keys.practices, keys.integrations, ids, dues]));
            }
        }
        self.timers.clear();
    }

    pub(super) fn take_outbox(&mut self, changes: &mut Vec<Change>) {
        const TAKE_OFF: &str = "DELETE FROM outbox o
            USING unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (practice, integration, visible_at, entry)
            WHERE o.practice = u.practice AND o.integration = u.integration
              AND o.visible_at = u.visible_at AND o.entry = u.entry";
        // Nothing stands yet under an entry that came to be in this batch.
        const PUT_NEW: &str = "INSERT INTO outbox (practice, integration, visible_at, entry, version, since, source_id)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])";
        const PUT: &str = "INSERT INTO outbox (practice, integration, visible_at, entry, version, since, source_id)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
            ON CONFLICT (practice, visible_at, entry) DO UPDATE SET integration = excluded.integration,
              version = excluded.version, since = excluded.since, source_id = excluded.source_id";
        let mut gone = Keys::default();
        let (mut gone_at, mut gone_entries) = (Vec::new(), Vec::new());
        let (mut new, mut other) = (Vec::new(), Vec::new());
        for ((integration, visible_at, entry), row) in std::mem::take(&mut self.outbox) {
            match row {
                Some(row) if self.born.remove(&entry) => new.push(row),
                Some(row) => other.push(row),
                None => {
                    gone.push(integration);
                    gone_at.push(visible_at.micros());
                    gone_entries.push(id_column(entry.0));
                }
            }
        }
        if !gone_at.is_empty() {
            changes.push(Change::rows(TAKE_OFF, params![gone.practices, gone.integrations, gone_at, gone_entries]));
        }
        for (sql, rows) in [(PUT_NEW, new), (PUT, other)] {
            if rows.is_empty() {
                continue;
            }
            let mut keys = Keys::default();
            let (mut visible, mut entries, mut versions) = (Vec::new(), Vec::new(), Vec::new());
            let (mut since, mut ids) = (Vec::new(), Vec::new());
            for row in rows {
                keys.push(row.key.integration);
                visible.push(row.visible_at.micros());
                entries.push(id_column(row.entry.0));
                versions.push(i64::from(row.version));
                since.push(row.since.micros());
                ids.push(row.key.source_id.to_string());
            }
            let params = params![keys.practices, keys.integrations, visible, entries, versions, since, ids];
            changes.push(Change::rows(sql, params));
        }
    }

    pub(super) fn take_fired(&mut self, changes: &mut Vec<Change>) {
        let mut keys = Keys::default();
        let (mut wake_keys, mut scopes, mut whys, mut ats) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for fact in std::mem::take(&mut self.fired) {
            keys.push(fact.integration);
            wake_keys.push(fact.wake_key.to_string());
            scopes.push(i16::from(fact.scope.number()));
            whys.push(fact.why);
            ats.push(fact.at.micros());
        }
        if !whys.is_empty() {
            changes.push(Change::rows(
                "INSERT INTO fired (practice, integration, wake_key, scope, why, at)
                      SELECT practice, integration, wake_key, scope, why, at
                      FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::smallint[], $5::text[], $6::bigint[])
                        WITH ORDINALITY AS u (practice, integration, wake_key, scope, why, at, place) ORDER BY place",
                params![keys.practices, keys.integrations, wake_keys, scopes, whys, ats],
            ));
        }
    }

    pub(super) fn take_tallies(&mut self, slot: i16, changes: &mut Vec<Change>) {
        let mut keys = Keys::default();
        let (mut verdicts, mut by) = (Vec::new(), Vec::new());
        for ((integration, verdict), count) in std::mem::take(&mut self.tallies) {
            if count != 0 {
                keys.push(integration);
                verdicts.push(i16::from(verdict));
                by.push(count);
            }
        }
        if !by.is_empty() {
            changes.push(Change::rows("INSERT INTO tally (practice, integration, verdict, count, slot)
                      SELECT practice, integration, verdict, count, $5
                      FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[]) AS u (practice, integration, verdict, count)
                      ON CONFLICT (practice, integration, verdict, slot) DO UPDATE SET count = tally.count + excluded.count", params![keys.practices, keys.integrations, verdicts, by, slot]));
        }
    }

    pub(super) fn take_decided(&mut self, changes: &mut Vec<Change>) {
        const DECIDED: &str = "DELETE FROM undecided n
            USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (practice, subject, envelope)
            WHERE n.practice = u.practice AND n.subject = u.subject AND n.envelope = u.envelope RETURNING 1";
        let (mut practices, mut subjects, mut envelopes) = (Vec::new(), Vec::new(), Vec::new());
        for (practice, subject, envelope) in std::mem::take(&mut self.decided) {
            practices.push(i64::from(practice.0));
            subjects.push(subject);
            envelopes.push(id_column(envelope.0));
        }
        if !subjects.is_empty() {
            let count = i64::try_from(subjects.len()).unwrap_or(i64::MAX);
            changes.push(Change::counted(DECIDED, params![practices, subjects, envelopes], count));
        }
    }

    pub(super) fn take_envelopes(&mut self, changes: &mut Vec<Change>) {
        let mut keys = Keys::default();
        let (mut ids, mut ats, mut channels, mut formats) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut states, mut notes, mut digests, mut bodies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (_, envelope) in std::mem::take(&mut self.envelopes) {
            keys.push(envelope.integration);
            ids.push(id_column(envelope.id.0));
            ats.push(envelope.at.micros());
            channels.push(envelope.channel);
            formats.push(i16::from(envelope.format));
            states.push(i16::from(envelope.state));
            notes.push(envelope.note);
            digests.push(envelope.digest.to_vec());
            bodies.push(envelope.body);
        }
        if !ids.is_empty() {
            changes.push(Change::rows(
                "INSERT INTO envelope (practice, integration, id, at, channel, format, state, note, digest, body)
                      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[],
                                           $6::smallint[], $7::smallint[], $8::text[], $9::bytea[], $10::bytea[])",
                params![
                    keys.practices,
                    keys.integrations,
                    ids,
                    Once(ats),
                    channels,
                    Once(formats),
                    Once(states),
                    notes,
                    digests,
                    bodies
                ],
            ));
        }
    }

    pub(super) fn take_entries(&mut self, changes: &mut Vec<Change>) {
        let mut keys = Keys::default();
        let (mut ids, mut prevs, mut ats) = (Vec::new(), Vec::new(), Vec::new());
        let (mut kinds, mut sources, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        for (id, entry) in std::mem::take(&mut self.entries) {
            keys.push(entry.integration);
            ids.push(id_column(id.0));
            prevs.push(entry.prev.map(|prev| id_column(prev.0)));
            ats.push(entry.at.micros());
            kinds.push(i16::from(entry.kind));
            sources.push(entry.source_id.to_string());
            bodies.push(entry.body);
        }
        if !ids.is_empty() {
            changes.push(Change::rows("INSERT INTO entry (practice, integration, id, prev, at, kind, source_id, body)
                      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::smallint[],
                                           $7::text[], $8::bytea[])", params![keys.practices, keys.integrations, ids, prevs, Once(ats), kinds, sources, bodies]));
        }
    }
}
