//! Visits that follow one another: moved under a new number, given up and booked anew, left behind by a change of the
//! provider. A visit names the other one of its pair; nothing is concluded from likeness alone beyond what the source's
//! profile allows (`lineage` in docs/profiles.md).

use crate::Result;
use crate::decide::{Before, Decided, commit_decision, load_before};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::ids::AppointmentKey;
use domain::ledger::Cause;
use domain::merge::{Arrival, merge_appointment};
use domain::model::{Appointment, AppointmentRecord, Event, Lineage, Relation, Stamp, StatusSaid};
use domain::status::Status;
use domain::text::Text;
use std::sync::Arc;

/// Visits of one patient that are looked at for a pair at most.
const VISITS: usize = 32;
/// Patients of a visit under whom a pair is looked for: more are a group, which is not moved by booking it anew.
const PATIENTS: usize = 2;

/// A pair that a new visit makes with another one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pairing {
    other: Text,
    relation: Relation,
    /// The source said so itself: the other visit is over, whatever it last said of it.
    told: bool,
}

/// The fact under which the visits of a series are found.
pub(crate) fn series_fact(id: &str) -> String {
    format!("series:{id}")
}

/// The fact under which visits of a patient that were given up a moment ago are found.
pub(crate) fn given_up_fact(patient: &str) -> String {
    format!("given-up:{patient}")
}

/// The fact under which visits that perhaps double another one are found.
fn doubles_fact(other: &str) -> String {
    format!("doubles:{other}")
}

/// A visit as a record leaves it, before it is decided on.
pub(crate) struct Fresh<'a> {
    /// What is held of it now.
    pub(crate) appointment: Appointment,
    /// The record that made it so.
    pub(crate) record: &'a AppointmentRecord,
    /// Nobody had heard of it.
    pub(crate) first: bool,
    /// It is not as it was.
    pub(crate) changed: bool,
    /// A patient of it was known before, and may have other visits.
    pub(crate) patient_known: bool,
}

/// Decides on a visit, and pairs it with the one it takes the place of, or that takes its place.
pub(crate) fn commit_paired(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    key: &AppointmentKey,
    before: Option<Before>,
    fresh: Fresh<'_>,
    arrival: &Arrival,
    cause: &Cause,
) -> Result<Decided> {
    let Fresh { mut appointment, record, first, changed, patient_known } = fresh;
    let pairing = if first || record.replaces.is_some() {
        pair_new(batch, integration, key, record, patient_known, &mut appointment)?
    } else {
        None
    };
    let was_ended = before.as_ref().is_some_and(|before| before.decision.status.is_ended());
    let decided = commit_decision(batch, integration, key, before, &appointment, changed, cause.clone())?;
    if let Some(pairing) = pairing {
        settle_other(batch, integration, key, &pairing, arrival, cause.clone())?;
    }
    if decided.status.is_ended() && !was_ended {
        ended_under(batch, integration, key, &appointment, decided.status, arrival, cause)?;
    }
    Ok(decided)
}

/// Looks for the visit that a new one belongs with, and notes it on the new one.
fn pair_new(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    record: &AppointmentRecord,
    patient_known: bool,
    appointment: &mut Appointment,
) -> Result<Option<Pairing>> {
    let pairing = match &record.replaces {
        Some(other) if *other != key.source_id => {
            Some(Pairing { other: other.clone(), relation: Relation::Replaces, told: true })
        }
        _ if patient_known => find(batch, integration, key, appointment)?,
        _ => None,
    };
    if let Some(pairing) = &pairing {
        relate(appointment, pairing.relation, &pairing.other);
        if pairing.relation == Relation::Doubles {
            batch.writer().put_wait(key, &doubles_fact(&pairing.other))?;
        }
    }
    Ok(pairing)
}

fn find(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    appointment: &Appointment,
) -> Result<Option<Pairing>> {
    let rules = integration.rules.source.lineage;
    let patients: Vec<Text> =
        appointment.participants.members().map(|member| member.source_id.clone()).take(PATIENTS + 1).collect();
    if patients.len() > PATIENTS {
        return Ok(None);
    }
    if rules.pair_within_minutes > 0 {
        for patient in &patients {
            let fact = given_up_fact(patient);
            for other in batch.reader().waiting(key.integration, &fact, None, VISITS)? {
                let other_key = AppointmentKey { integration: key.integration, source_id: other.clone() };
                let Some(before) = load_before(batch, &other_key)? else { continue };
                let theirs = &before.decision.appointment;
                let since = theirs.status.as_ref().map_or(theirs.stamp, |said| said.stamp);
                if !within(since, appointment.stamp, rules.pair_within_minutes) {
                    // It stands here no longer than it may be of use.
                    batch.writer().delete_wait(&other_key, &fact)?;
                } else if goes_with(&before, appointment) {
                    batch.writer().delete_wait(&other_key, &fact)?;
                    return Ok(Some(Pairing { other, relation: Relation::Replaces, told: false }));
                }
            }
        }
    }
    if rules.provider_change_splits {
        for (other, before) in visits_of(batch, key, &patients)? {
            let theirs = &before.decision.appointment;
            let same_time = theirs.start().is_some() && theirs.start() == appointment.start();
            let other_provider = provider(theirs) != provider(appointment);
            if same_time && other_provider && !before.decision.status.is_ended() {
                return Ok(Some(Pairing { other, relation: Relation::Doubles, told: false }));
            }
        }
    }
    Ok(None)
}

fn provider(appointment: &Appointment) -> Option<&Text> {
    appointment.provider().map(|provider| &provider.source_id)
}

fn kind(appointment: &Appointment) -> Option<&Text> {
    appointment.visit_type.as_ref().map(|said| &said.value.name)
}

/// A visit that was given up may be the one that another visit takes the place of: nothing did yet, and provider or
/// type are the same.
fn goes_with(given_up: &Before, fresh: &Appointment) -> bool {
    let theirs = &given_up.decision.appointment;
    let over = given_up.decision.status.is_cancelled() || given_up.decision.status.is_gone();
    let alike = provider(theirs) == provider(fresh) || kind(theirs) == kind(fresh);
    over && alike && theirs.related(Relation::ReplacedBy).is_none()
}

fn within(a: Stamp, b: Stamp, minutes: u32) -> bool {
    a.at.secs_since(b.at).abs() <= i64::from(minutes) * 60
}

fn relate(appointment: &mut Appointment, relation: Relation, other: &Text) {
    let known = appointment.lineage.iter().any(|pair| pair.relation == relation && pair.source_id == *other);
    if !known {
        appointment.lineage.push(Lineage { relation, source_id: other.clone() });
    }
}

fn visits_of(batch: &mut Batch<'_>, key: &AppointmentKey, patients: &[Text]) -> Result<Vec<(Text, Before)>> {
    let mut visits = Vec::new();
    for patient in patients {
        for other in batch.reader().appointments_of_patient(key.integration, patient, VISITS)? {
            if other == key.source_id || visits.iter().any(|(known, _)| *known == other) {
                continue;
            }
            let other_key = AppointmentKey { integration: key.integration, source_id: other.clone() };
            if let Some(before) = load_before(batch, &other_key)? {
                visits.push((other, before));
            }
        }
    }
    Ok(visits)
}

/// Notes the pair on the other visit too. What the source told to be replaced is over.
fn settle_other(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    key: &AppointmentKey,
    pairing: &Pairing,
    arrival: &Arrival,
    cause: Cause,
) -> Result<()> {
    if pairing.relation != Relation::Replaces {
        return Ok(());
    }
    let other = AppointmentKey { integration: key.integration, source_id: pairing.other.clone() };
    if pairing.told {
        let stamp = Stamp { at: arrival.at, sequence: 0 };
        return replaced(batch, integration, &other, &key.source_id, stamp, arrival, cause);
    }
    let Some(before) = load_before(batch, &other)? else { return Ok(()) };
    let mut appointment = before.decision.appointment.clone();
    relate(&mut appointment, Relation::ReplacedBy, &key.source_id);
    commit_decision(batch, integration, &other, Some(before), &appointment, false, cause)?;
    Ok(())
}

/// A person said that `key` took the place of the visit that it doubles: that one is over.
pub(crate) fn retire(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    key: &AppointmentKey,
    appointment: &mut Appointment,
    cause: Cause,
) -> Result<()> {
    let Some(other) = appointment.related(Relation::Doubles).cloned() else { return Ok(()) };
    appointment.lineage.retain(|pair| pair.relation != Relation::Doubles);
    relate(appointment, Relation::Replaces, &other);
    batch.writer().delete_wait(key, &doubles_fact(&other))?;
    let arrival = Arrival { at: batch.now, envelope: appointment.envelope, control_id: None };
    let stamp = Stamp { at: batch.now, sequence: 0 };
    let other = AppointmentKey { integration: key.integration, source_id: other };
    replaced(batch, integration, &other, &key.source_id, stamp, &arrival, cause)
}

fn replaced(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    other: &AppointmentKey,
    by: &Text,
    stamp: Stamp,
    arrival: &Arrival,
    cause: Cause,
) -> Result<()> {
    let before = load_before(batch, other)?;
    let ended = before.as_ref().is_some_and(|before| before.decision.status.is_ended());
    let held = before.as_ref().map(|before| &before.decision.appointment);
    let record = AppointmentRecord::about(other.source_id.clone(), stamp, Event::Replaced);
    let mut appointment = match held {
        Some(held) if ended => held.clone(),
        _ => {
            let status = Some(StatusSaid::by(Event::Replaced));
            merge_appointment(held, AppointmentRecord { status, ..record }, arrival).appointment
        }
    };
    relate(&mut appointment, Relation::ReplacedBy, by);
    commit_decision(batch, integration, other, before, &appointment, !ended, cause)?;
    Ok(())
}

/// A visit has ended: it is remembered as given up for a while, a visit booked in its place a moment ago is paired with
/// it, and one that seemed to double it stands alone from now on.
fn ended_under(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    key: &AppointmentKey,
    appointment: &Appointment,
    status: Status,
    arrival: &Arrival,
    cause: &Cause,
) -> Result<()> {
    let rules = integration.rules.source.lineage;
    if rules.provider_change_splits {
        for other in batch.reader().waiting(key.integration, &doubles_fact(&key.source_id), None, VISITS)? {
            let other_key = AppointmentKey { integration: key.integration, source_id: other };
            batch.writer().delete_wait(&other_key, &doubles_fact(&key.source_id))?;
            let Some(before) = load_before(batch, &other_key)? else { continue };
            let mut alone = before.decision.appointment.clone();
            alone.lineage.retain(|pair| pair.relation != Relation::Doubles);
            relate(&mut alone, Relation::Replaces, &key.source_id);
            commit_decision(batch, integration, &other_key, Some(before), &alone, false, cause.clone())?;
            let pairing = Pairing { other: key.source_id.clone(), relation: Relation::Replaces, told: false };
            settle_other(batch, integration, &other_key, &pairing, arrival, cause.clone())?;
            return Ok(());
        }
    }
    let given_up = status.is_cancelled() || status.is_gone();
    if rules.pair_within_minutes == 0 || !given_up || appointment.related(Relation::ReplacedBy).is_some() {
        return Ok(());
    }
    let patients: Vec<Text> =
        appointment.participants.members().map(|member| member.source_id.clone()).take(PATIENTS + 1).collect();
    if patients.is_empty() || patients.len() > PATIENTS {
        return Ok(());
    }
    let since = appointment.status.as_ref().map_or(appointment.stamp, |said| said.stamp);
    let Some(mine) = load_before(batch, key)? else { return Ok(()) };
    for (other, before) in visits_of(batch, key, &patients)? {
        let theirs = &before.decision.appointment;
        let booked = Stamp { at: theirs.booked_at, sequence: 0 };
        // A visit that was there before this one was cannot have taken its place.
        let later = theirs.booked_at > appointment.booked_at && within(booked, since, rules.pair_within_minutes);
        let free = theirs.related(Relation::Replaces).is_none() && !before.decision.status.is_ended();
        if later && free && goes_with(&mine, theirs) {
            let mut fresh = theirs.clone();
            relate(&mut fresh, Relation::Replaces, &key.source_id);
            let other_key = AppointmentKey { integration: key.integration, source_id: other };
            commit_decision(batch, integration, &other_key, Some(before), &fresh, false, cause.clone())?;
            let pairing = Pairing { other: key.source_id.clone(), relation: Relation::Replaces, told: false };
            return settle_other(batch, integration, &other_key, &pairing, arrival, cause.clone());
        }
    }
    for patient in &patients {
        batch.writer().put_wait(key, &given_up_fact(patient))?;
    }
    Ok(())
}
