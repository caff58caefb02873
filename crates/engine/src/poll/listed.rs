//! Taking in what a read listed. A read says the same of most visits again and again: what is held already is left as
//! it is, and nothing is written of it.

use crate::Result;
use crate::decide::load_before;
use crate::ingest::{Fresh, Heard, PatientNews, apply_merge, apply_patient, commit_paired, wake_visits_of};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::ids::AppointmentKey;
use domain::ledger::Cause;
use domain::merge::{Arrival, Novelty, merge_appointment, merge_patient};
use domain::model::{Appointment, AppointmentRecord, Event, PatientRecord, Record, RosterRecord, Stamp};
use domain::time::Moment;
use std::sync::Arc;

/// A reading that lists a visit otherwise than newer news told counts against these only when it began so many
/// seconds later: before, a copy of the source's data may lag behind. So it is with a visit that was removed, and with
/// one whose version lies before the one held because the source's clock was put back.
const LAG_SECS: i64 = 600;

/// How a record was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// When the question was asked.
    pub(crate) began: Moment,
    /// The source's own time then, as far as known.
    pub(crate) source_time: Moment,
    /// A file told it: what it says was true then, and may be older than what is held.
    pub(crate) as_of: Option<Moment>,
    /// Its records carry its own version.
    pub(crate) stamps: bool,
    /// It lists what is there now (a window, a single read), and not what once happened.
    pub(crate) lists: bool,
}

/// Takes one record in; `None`: it says nothing of a visit. What is new of a visit is decided on.
pub(crate) fn take_listed(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    record: &Record,
    arrival: &Arrival,
    reading: Reading,
) -> Result<Took> {
    match record {
        Record::Appointment(record, patients) => {
            // Patients who are told of beside their visits may be known.
            let (mut news, mut known) = (Vec::new(), patients.is_empty());
            for patient in patients {
                let heard = take_patient(batch, integration, patient, arrival, reading)?;
                known |= heard.known;
                if heard.changed {
                    news.push(patient.source_id.clone());
                }
            }
            let heard = Heard { patient_changed: !news.is_empty(), patient_known: known };
            let novelty = take_appointment(batch, integration, record, arrival, reading, heard)?;
            for patient in &news {
                wake_visits_of(batch, integration, patient, Some(&record.source_id), "the patient's record changed")?;
            }
            let changed = !news.is_empty() || novelty.is_new();
            Ok(Took { visit: Some(novelty), changed })
        }
        Record::Patient(patient) => {
            let changed = take_patient(batch, integration, patient, arrival, reading)?.changed;
            if changed {
                wake_visits_of(batch, integration, &patient.source_id, None, "the patient's record changed")?;
            }
            Ok(Took { visit: None, changed })
        }
        Record::Merge(merge) => {
            let held = batch.reader().patient(integration.key(), &merge.gone)?;
            let known = held.is_some_and(|row| row.patient.merged_into.as_ref() == Some(&merge.survivor));
            apply_merge(batch, integration, merge, arrival)?;
            Ok(Took { visit: None, changed: !known })
        }
    }
}

/// What a record was worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// Of a visit.
    pub(crate) visit: Option<Worth>,
    /// Anything at all was new.
    pub(crate) changed: bool,
}

/// What a record was worth for a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    /// The visit was not known.
    First,
    /// It changed.
    Changed,
    /// It was known so, or is newer here.
    Known,
}

impl Worth {
    fn is_new(self) -> bool {
        self != Worth::Known
    }
}

fn take_patient(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    record: &PatientRecord,
    arrival: &Arrival,
    reading: Reading,
) -> Result<PatientNews> {
    let mut record = record.clone();
    if !reading.stamps {
        let held = batch.reader().patient(integration.key(), &record.source_id)?;
        // Nobody's version: it counts as said now, unless it says what is held.
        record.stamp = match (held, reading.as_of) {
            (None, _) => now_stamp(reading),
            (Some(held), None) => held.patient.stamp,
            (Some(held), Some(as_of)) => {
                let mut same = held.patient.clone();
                let again = PatientRecord { stamp: same.stamp, ..record.clone() };
                if merge_patient(&mut same, again, arrival) { Stamp { at: as_of, sequence: 0 } } else { same.stamp }
            }
        };
    }
    apply_patient(batch, integration, record, arrival)
}

fn is_deleted(held: Option<&Appointment>) -> bool {
    held.and_then(|held| held.status.as_ref()).is_some_and(|status| status.value.event == Event::Deleted)
}

/// Says a record at a moment, with what it says of single participants.
fn stamp(record: &mut AppointmentRecord, stamp: Stamp) {
    record.stamp = stamp;
    match &mut record.participants {
        RosterRecord::Keep => {}
        RosterRecord::All(people) | RosterRecord::Changes { put: people, .. } => {
            people.iter_mut().filter_map(|person| person.status.as_mut()).for_each(|said| said.stamp = stamp);
        }
    }
}

fn now_stamp(reading: Reading) -> Stamp {
    Stamp { at: reading.source_time, sequence: 0 }
}

fn take_appointment(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    record: &AppointmentRecord,
    arrival: &Arrival,
    reading: Reading,
    heard: Heard,
) -> Result<Worth> {
    let key = AppointmentKey { integration: integration.key(), source_id: record.source_id.clone() };
    let before = load_before(batch, &key)?;
    let held = before.as_ref().map(|before| &before.decision.appointment);
    let mut record = record.clone();
    let put_back = held.is_some_and(|held| {
        reading.lists && record.stamp < held.stamp && reading.began.secs_since(held.received) > LAG_SECS
    });
    let nobodys = !reading.stamps || (put_back && !is_deleted(held));
    if nobodys {
        stamp(&mut record, held.map_or_else(|| now_stamp(reading), |held| held.stamp));
    }
    if let Some(held) = held
        && let Some(status) = &held.status
        && is_deleted(Some(held))
        && record.event != Event::Deleted
        && record.stamp <= status.stamp
    {
        // It was taken off. Old news does not bring it back; a list of what is there does, once it cannot be a copy
        // that lags behind.
        if !(reading.lists && reading.began.secs_since(status.stamp.at) > LAG_SECS) {
            return Ok(Worth::Known);
        }
        stamp(&mut record, Stamp { at: reading.source_time.max(status.stamp.at.plus_millis(1)), sequence: 0 });
    }
    let mut merged = merge_appointment(held, record.clone(), arrival);
    if nobodys && merged.novelty == Novelty::Changed {
        // It says something else than what is held: said now, or when the file was written.
        let at = reading.as_of.unwrap_or(reading.source_time.max(record.stamp.at.plus_millis(1)));
        stamp(&mut record, Stamp { at, sequence: 0 });
        merged = merge_appointment(held, record.clone(), arrival);
    }
    let worth = match merged.novelty {
        Novelty::First => Worth::First,
        Novelty::Changed => Worth::Changed,
        Novelty::Repeated | Novelty::Stale => Worth::Known,
    };
    if worth.is_new() || heard.patient_changed {
        let cause = Cause::Envelope { id: arrival.envelope, control_id: None, event: record.event, reach: None };
        let fresh = Fresh {
            appointment: merged.appointment,
            record: &record,
            first: worth == Worth::First,
            changed: worth.is_new(),
            patient_known: heard.patient_known,
        };
        commit_paired(batch, integration, &key, before, fresh, arrival, &cause)?;
    }
    Ok(worth)
}
