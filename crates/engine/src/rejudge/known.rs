//! What was known before the first message that is judged again: carried over as it was then, for the visits and
//! patients that the messages speak of, so that messages of any range meet the world that they met.
//!
//! A visit stands in its newest decision of that time, and is decided on at once under today's rules. A patient's
//! record is kept as it is now: it is carried over when it has not changed since, else only the link is.

use crate::decide::{Before, commit_decision};
use crate::rejudge::scratch::Scratch;
use crate::scribe::Batch;
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::decide::{Decision, Delivery, DeliveryState, Wish};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::ledger::{Cause, Entry};
use domain::model::{Card, Patient, Record, Roster, RosterRecord};
use domain::setup::fold_email;
use domain::text::Text;
use domain::time::Moment;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use store::{AppointmentRow, PatientRow, Reader};

/// Entries of a visit that are read at a time, newest first.
const ENTRIES: usize = 50;
/// Other visits of one patient that are carried over: pairs are looked for among so many.
const VISITS: usize = 32;
/// Merges are followed so far.
const MERGES: usize = 8;

/// What has been looked at.
#[derive(Debug, Default)]
pub(super) struct Carried {
    patients: HashSet<Text>,
    visits: HashSet<Text>,
    /// Visits that messages spoke of.
    spoken: HashSet<Text>,
}

impl Carried {
    /// It only stands beside those that messages spoke of.
    pub(super) fn is_context(&self, visit: &str) -> bool {
        self.visits.contains(visit) && !self.spoken.contains(visit)
    }
}

/// A visit as it was decided on then.
struct Then {
    row: AppointmentRow,
    decision: Box<Decision>,
    /// The card last asked for.
    card: Option<Card>,
}

impl Scratch {
    /// Carries over what was known of those whom records speak of.
    pub(super) async fn know(&mut self, real: &Engine, key: IntegrationKey, records: &[Record]) -> Result<()> {
        let (visits, people) = spoken_of(records);
        self.carried.spoken.extend(visits.iter().cloned());
        let people = self.carry_people(real, key, people).await?;
        let until = self.known_until;
        let fresh: Vec<Text> = visits.iter().filter(|id| !self.carried.visits.contains(*id)).cloned().collect();
        let looked: HashSet<Text> = self.carried.visits.clone();
        let then = real.read(move |reader| {
            let mut ids: BTreeSet<Text> = fresh.into_iter().collect();
            for person in &people {
                ids.extend(reader.appointments_of_patient(key, person, VISITS)?);
            }
            ids.retain(|id| !looked.contains(id));
            let mut found = Vec::new();
            for id in ids {
                let key = AppointmentKey { integration: key, source_id: id };
                found.push((key.source_id.clone(), stood(reader, &key, until)?));
            }
            Ok(found)
        });
        let (mut known, mut people) = (Vec::new(), BTreeSet::<(Text, Option<Text>)>::new());
        for (id, stood) in then.await? {
            self.carried.visits.insert(id);
            if let Some(stood) = stood {
                let members = stood.decision.appointment.participants.members();
                people.extend(members.map(|member| (member.source_id.clone(), None)));
                known.push(stood);
            }
        }
        if known.is_empty() {
            return Ok(());
        }
        self.carry_people(real, key, people).await?;
        let integration = self.integration().clone();
        let put =
            self.engine().scribe().run(move |batch| known.iter().try_for_each(|then| stand(batch, &integration, then)));
        put.await?;
        self.settle().await
    }

    /// Carries patients over with whoever holds the same address; returns those who had not been looked at.
    async fn carry_people(
        &mut self,
        real: &Engine,
        key: IntegrationKey,
        named: BTreeSet<(Text, Option<Text>)>,
    ) -> Result<Vec<Text>> {
        let named: Vec<_> = named.into_iter().filter(|(id, _)| !self.carried.patients.contains(id)).collect();
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let people: Vec<Text> = named.iter().map(|(id, _)| id.clone()).collect();
        let until = self.known_until;
        let rows = real.read(move |reader| rows_of(reader, key, &named, until)).await?;
        let looked = std::mem::take(&mut self.carried.patients);
        let here = self.integration().key();
        let fresh: Vec<PatientRow> = rows.into_iter().filter(|row| !looked.contains(&row.patient.source_id)).collect();
        self.carried.patients = looked;
        self.carried.patients.extend(people.iter().cloned());
        self.carried.patients.extend(fresh.iter().map(|row| row.patient.source_id.clone()));
        if !fresh.is_empty() {
            let put = self.engine().scribe().run(move |batch| {
                fresh.iter().try_for_each(|row| {
                    // Whom a message told of as somebody's double stands there already.
                    let known = batch.reader().patient(here, &row.patient.source_id)?;
                    if known.is_none() { Ok(batch.writer().put_patient(here, None, row)?) } else { Ok(()) }
                })
            });
            put.await?;
        }
        Ok(people)
    }
}

/// Visits and patients that records speak of, the latter with the address that is told of them.
fn spoken_of(records: &[Record]) -> (BTreeSet<Text>, BTreeSet<(Text, Option<Text>)>) {
    let (mut visits, mut people) = (BTreeSet::new(), BTreeSet::new());
    let told = |patient: &domain::model::PatientRecord| {
        let address = patient.email.value().map(|email| fold_email(email.open()));
        (patient.source_id.clone(), address.filter(|address| !address.is_empty()))
    };
    for record in records {
        match record {
            Record::Appointment(visit, patients) => {
                visits.insert(visit.source_id.clone());
                visits.extend(visit.replaces.clone());
                people.extend(patients.iter().map(told));
                if let RosterRecord::All(named) | RosterRecord::Changes { put: named, .. } = &visit.participants {
                    people.extend(named.iter().map(|person| (person.source_id.clone(), None)));
                }
            }
            Record::Patient(patient) => drop(people.insert(told(patient))),
            Record::Merge(merge) => people.extend([(merge.survivor.clone(), None), (merge.gone.clone(), None)]),
        }
    }
    (visits, people)
}

/// The rows of patients as they were known up to a moment, of those whom they were merged into, and of those who hold
/// their address.
fn rows_of(
    reader: &mut dyn Reader,
    key: IntegrationKey,
    named: &[(Text, Option<Text>)],
    until: Moment,
) -> Result<Vec<PatientRow>> {
    let (mut rows, mut seen) = (Vec::new(), HashSet::new());
    for (id, address) in named {
        let mut next = Some(id.clone());
        for _ in 0..MERGES {
            let Some(id) = next.take().filter(|id| seen.insert(id.clone())) else { break };
            let Some(row) = reader.patient(key, &id)? else { break };
            let row = as_then(row, until);
            next = row.patient.merged_into.clone();
            let addresses: BTreeSet<Text> = row.email_key().into_iter().chain(address.clone()).collect();
            rows.push(row);
            for address in addresses {
                for holder in reader.email_holders(key, &address, &id)? {
                    if seen.insert(holder.clone())
                        && let Some(row) = reader.patient(key, &holder)?
                    {
                        rows.push(as_then(row, until));
                    }
                }
            }
        }
    }
    Ok(rows)
}

/// A patient who has changed since is known by the link alone: whoever has an account today has it from the beginning.
fn as_then(row: PatientRow, until: Moment) -> PatientRow {
    if row.patient.read_at <= until {
        return row;
    }
    PatientRow { patient: Patient::unknown(row.patient.source_id), link: row.link }
}

/// How a visit stood at a moment; `None`: nobody had heard of it.
fn stood(reader: &mut dyn Reader, key: &AppointmentKey, until: Moment) -> Result<Option<Then>> {
    let Some(row) = reader.appointment(key)? else { return Ok(None) };
    let newest = reader.entry(row.decided)?.map(|stored| stored.entry);
    if let Some(Entry::Decided { decision, .. }) = &newest
        && decision.appointment.first_received > until
    {
        return Ok(None);
    }
    let mut found: Option<Box<Decision>> = None;
    let mut from = row.last;
    loop {
        let entries = reader.entries(key, from, ENTRIES)?;
        let oldest = entries.last().and_then(|entry| entry.prev);
        for stored in entries {
            let (true, Entry::Decided { decision, .. }) = (stored.at <= until, stored.entry) else { continue };
            // The card last asked for stands in the decision that asked for it.
            let card = match &decision.wish {
                Wish::Show(card) => Some((**card).clone()),
                Wish::Nothing | Wish::Keep => None,
            };
            let is_end = card.is_some() || decision.wish == Wish::Nothing;
            let decision = found.take().unwrap_or(decision);
            if is_end {
                return Ok(Some(Then { row, decision, card }));
            }
            found = Some(decision);
        }
        match oldest {
            Some(older) if older != EntryId(0) => from = older,
            _ => return Ok(found.map(|decision| Then { row, decision, card: None })),
        }
    }
}

/// Puts a visit as it stood, with its card shown, and decides on it under the rules of today.
fn stand(batch: &mut Batch<'_>, integration: &Arc<Integration>, then: &Then) -> Result<()> {
    let key = AppointmentKey { integration: integration.key(), source_id: then.decision.appointment.source_id.clone() };
    if batch.reader().appointment(&key)?.is_some() {
        return Ok(());
    }
    let appointment = then.decision.appointment.clone();
    let mut decision = (*then.decision).clone();
    // What it waited for and who took part is noted with the decision that follows.
    decision.findings.clear();
    (decision.appointment.participants, decision.appointment.series) = (Roster::default(), None);
    decision.wish = then.card.clone().map_or(Wish::Nothing, |card| Wish::Show(Box::new(card)));
    let entry = batch.entry_id_after(None);
    let version = decision.version;
    let shown = then.card.as_ref().map(|_| entry);
    let delivery = match shown {
        Some(_) => {
            Delivery { state: DeliveryState::Confirmed, wanted: version, accepted: version, ..Delivery::default() }
        }
        None => Delivery::default(),
    };
    let row = AppointmentRow {
        start: appointment.start(),
        judgement: decision.judgement,
        primary: decision.primary,
        version,
        decided: entry,
        last: entry,
        wished: shown,
        shown,
        delivery,
        lease: None,
        fence: 0,
        booked_at: appointment.booked_at,
        outbox_at: None,
        portal: None,
        ..then.row.clone()
    };
    let cause = Cause::Wake { key: Text::literal("integration"), why: Text::literal("judged again") };
    let now = batch.now;
    let decided = Entry::Decided { cause: cause.clone(), decision: Box::new(decision.clone()) };
    batch.writer().put_entry(&key, entry, None, now, &decided)?;
    batch.writer().put_appointment(&key, None, &row)?;
    let before = Before { row, decision: Box::new(decision) };
    commit_decision(batch, integration, &key, Some(before), &appointment, true, cause).map(drop)
}
