//! Handing a message to the scribe and waiting until it is durable.

use crate::ingest::left_behind::LeftBehind;
use crate::ingest::message::digest;
use crate::ingest::subjects::subjects_of;
use crate::ingest::under_way::{Awaited, InHand};
use crate::ingest::{Content, Heard, Incoming, Receipt, apply_appointment, apply_patient, given_up_fact};
use crate::scribe::{Batch, Work};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::ids::{AppointmentKey, EnvelopeId, IntegrationKey};
use domain::ledger::Cause;
use domain::merge::Arrival;
use domain::model::{PatientRecord, Record};
use domain::setup::fold_email;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use store::{ControlRow, EnvelopeState, Hints, NewEnvelope, Subject};
use tokio::sync::oneshot;

/// A message that was handed in and is not durable yet.
pub struct HandedIn(oneshot::Receiver<Result<Receipt>>);

impl HandedIn {
    /// Waits until the message is durable. When this returns `Ok`, its envelope is on disk, and it is decided on or is
    /// going to be.
    pub async fn receipt(self) -> Result<Receipt> {
        self.0.await.map_err(|_| Error::Stopped)?
    }
}

/// Hands a message in without waiting for it to be durable. Messages of one line, handed in one after another, are
/// applied in that order.
pub async fn hand_in(engine: &Engine, message: Incoming) -> Result<HandedIn> {
    let (reply, answer) = oneshot::channel();
    let digest = digest(&message.body);
    let left_behind = engine.left_behind.clone();
    let work = TakeIn {
        message,
        digest,
        left_behind,
        poison: None,
        kept: None,
        _awaited: None,
        done: None,
        reply: Some(reply),
    };
    match &engine.door {
        Some(door) => door.see_in(&engine.scribe, &engine.left_behind, work).await?,
        None => engine.scribe.submit(Box::new(work)).await?,
    }
    Ok(HandedIn(answer))
}

/// A message to be taken in.
pub(super) struct TakeIn {
    pub(super) message: Incoming,
    digest: [u8; 16],
    left_behind: Arc<LeftBehind>,
    /// Applying it failed; it is only kept, with why.
    poison: Option<Text>,
    /// It is kept and acknowledged; what is left is to decide.
    kept: Option<Kept>,
    /// Whoever sent it waits until it is decided on.
    _awaited: Option<Awaited>,
    done: Option<Receipt>,
    reply: Option<oneshot::Sender<Result<Receipt>>>,
}

/// What whoever handed a message in is waiting for.
pub(super) struct Acknowledgement {
    envelope: EnvelopeId,
    reply: Option<oneshot::Sender<Result<Receipt>>>,
}

impl Acknowledgement {
    pub(super) fn give(self) {
        let receipt = Receipt { envelope: self.envelope, repeated: None, id_reused: false, set_aside: None };
        if let Some(reply) = self.reply {
            // The connection may have gone; the message stays stored, and a repetition gets its answer.
            drop(reply.send(Ok(receipt)));
        }
    }
}

/// A message that is kept and not decided on.
pub(super) struct Kept {
    pub(super) envelope: EnvelopeId,
    pub(super) at: Moment,
    /// What it speaks of.
    pub(super) subjects: Vec<Subject>,
    /// Something about the same was kept before it, and perhaps not decided on.
    pub(super) not_first: bool,
    /// It was tried to decide on it before: somebody else may have been faster.
    pub(super) tried: bool,
    /// Until it is decided on.
    pub(super) _in_hand: InHand,
}

impl Work for TakeIn {
    fn hints(&self, hints: &mut Hints) {
        let integration = self.message.integration;
        if self.kept.is_none() {
            hints.controls.extend(self.message.control_id.clone().map(|id| (integration, id)));
            hints.subjects.extend(self.subjects().into_iter().map(|subject| (integration.practice, subject)));
        }
        let (Content::Records(records), None) = (&self.message.content, &self.poison) else { return };
        for record in records {
            match record {
                Record::Appointment(record, patients) => {
                    hints.appointments.push(AppointmentKey { integration, source_id: record.source_id.clone() });
                    for patient in patients {
                        name_person(hints, integration, patient);
                        hints.facts.push((integration, given_up_fact(&patient.source_id).into()));
                    }
                }
                Record::Patient(patient) => name_person(hints, integration, patient),
                Record::Merge(merge) => hints.patients.push((integration, merge.survivor.clone())),
            }
        }
    }

    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()> {
        let receipt = match &mut self.kept {
            Some(kept) => {
                let tried = std::mem::replace(&mut kept.tried, true);
                self.decide_on_kept(batch, tried)?
            }
            None => self.apply(batch)?,
        };
        self.done = Some(receipt);
        Ok(())
    }

    fn set_aside(&mut self, why: &str) -> bool {
        // A poison record is kept with its reason, and the rest of the batch passes. Once only: keeping it must not
        // fail for the same reason again.
        let first = self.poison.is_none();
        self.poison = Some(Text::from(format!("could not be applied: {why}")));
        first
    }

    fn nobody_waits(&self) -> bool {
        self.kept.is_some()
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let answer = match (outcome, self.done) {
            (Ok(()), Some(receipt)) => Ok(receipt),
            (Ok(()), None) => Err(Error::Stopped),
            (Err(error), _) => Err(error),
        };
        if let (Some(_), Err(error)) = (&self.kept, &answer) {
            let error = error as &dyn std::error::Error;
            tracing::warn!(error, "a message that is kept could not be decided on; it is tried again");
        }
        if let Some(reply) = self.reply {
            // The connection may have gone; the message stays stored, and a repetition gets its answer.
            drop(reply.send(answer));
        }
    }
}

fn name_person(hints: &mut Hints, integration: IntegrationKey, patient: &PatientRecord) {
    hints.patients.push((integration, patient.source_id.clone()));
    let address = patient.email.value().map(|email| fold_email(email.open())).filter(|address| !address.is_empty());
    hints.addresses.extend(address.map(|address| (integration, address)));
}

impl TakeIn {
    /// It is kept, and is to be decided on; whoever waits can be told.
    pub(super) fn is_kept(&mut self, kept: Kept) -> Acknowledgement {
        let envelope = kept.envelope;
        self.kept = Some(kept);
        Acknowledgement { envelope, reply: self.reply.take() }
    }

    /// It is handed on as it is.
    pub(super) fn is_awaited(&mut self, awaited: Awaited) {
        self._awaited = Some(awaited);
    }

    /// Its envelope, when it can be applied as far as is known.
    pub(super) fn envelope(&self, id: EnvelopeId, at: Moment) -> NewEnvelope<'_> {
        NewEnvelope {
            id,
            integration: self.message.integration,
            at,
            channel: &self.message.channel,
            format: self.message.format,
            state: EnvelopeState::Applied,
            note: self.message.note.as_deref(),
            digest: &self.digest,
            body: &self.message.body,
        }
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Receipt> {
        let message = &self.message;
        let mut id_reused = false;
        if let Some(id) = &message.control_id
            && let Some(known) = batch.reader().control(message.integration, id)?
        {
            if batch.reader().envelope_digest(known.envelope)? == Some(self.digest) {
                return Ok(Receipt {
                    envelope: known.envelope,
                    repeated: Some(known.answer),
                    id_reused,
                    set_aside: None,
                });
            }
            id_reused = true;
        }
        let envelope = batch.envelope_id();
        let state = match (&message.content, &self.poison) {
            (Content::Refused, _) => EnvelopeState::Refused,
            (Content::SetAside, _) | (Content::Records(_), Some(_)) => EnvelopeState::SetAside,
            (Content::Records(_), None) => EnvelopeState::Applied,
        };
        let now = batch.now;
        batch.writer().put_envelope(&NewEnvelope {
            id: envelope,
            integration: message.integration,
            at: now,
            channel: &message.channel,
            format: message.format,
            state,
            note: self.poison.as_deref().or(message.note.as_deref()),
            digest: &self.digest,
            body: &message.body,
        })?;
        if self.poison.is_none()
            && let Some(id) = &message.control_id
        {
            batch.writer().put_control(message.integration, id, &self.control(envelope))?;
        }
        if let (Content::Records(records), None) = (&message.content, &self.poison) {
            self.left_behind.decide_first(batch, message.integration.practice, &self.subjects(), None)?;
            let integration = batch.integration(message.integration)?;
            let arrival = Arrival { at: now, envelope, control_id: message.control_id.clone() };
            apply_records(batch, &integration, records, &arrival)?;
        }
        Ok(Receipt { envelope, repeated: None, id_reused, set_aside: self.poison.clone() })
    }

    /// What its message id stands for from now on.
    pub(super) fn control(&self, envelope: EnvelopeId) -> ControlRow {
        let source_id = match &self.message.content {
            Content::Records(records) => records.iter().find_map(|record| match record {
                Record::Appointment(record, _) => Some(record.source_id.clone()),
                Record::Patient(_) | Record::Merge(_) => None,
            }),
            Content::Refused | Content::SetAside => None,
        };
        ControlRow { envelope, answer: self.message.answer.clone(), source_id }
    }

    /// What must be decided on in the order in which it was acknowledged; nothing where one process decides on all.
    fn subjects(&self) -> Vec<Subject> {
        match &self.message.content {
            Content::Records(records) if self.left_behind.is_possible() => {
                subjects_of(self.message.integration, records)
            }
            _ => Vec::new(),
        }
    }

    /// Decides on what is stored and acknowledged.
    fn decide_on_kept(&self, batch: &mut Batch<'_>, tried: bool) -> Result<Receipt> {
        let gone = || Error::Invalid("a message that is not kept cannot be decided on as if it were".to_owned());
        let Kept { envelope, at, subjects, not_first, .. } = self.kept.as_ref().ok_or_else(gone)?;
        let (envelope, at, integration) = (*envelope, *at, self.message.integration);
        let practice = integration.practice;
        let receipt = Receipt { envelope, repeated: None, id_reused: false, set_aside: self.poison.clone() };
        if *not_first {
            self.left_behind.decide_first(batch, practice, subjects, Some(envelope))?;
        }
        if tried || self.poison.is_some() {
            if batch.writer().take_over(practice, envelope)?.is_none() {
                return Ok(receipt);
            }
        } else {
            batch.writer().decided(practice, envelope, subjects)?;
        }
        match (&self.message.content, &self.poison) {
            (Content::Records(records), None) => {
                let arrival = Arrival { at, envelope, control_id: self.message.control_id.clone() };
                apply_records(batch, &batch.integration(integration)?, records, &arrival)?;
            }
            (_, why) => {
                let why = why.as_deref().unwrap_or("it was kept, and cannot be applied");
                batch.writer().set_aside(practice, envelope, why)?;
            }
        }
        Ok(receipt)
    }
}

/// Applies what a message says.
pub(super) fn apply_records(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    records: &[Record],
    arrival: &Arrival,
) -> Result<()> {
    for record in records {
        match record {
            Record::Appointment(record, patients) => {
                let mut news = Vec::new();
                let mut known = false;
                for patient in patients {
                    let heard = apply_patient(batch, integration, patient.clone(), arrival)?;
                    known |= heard.known;
                    if heard.changed {
                        news.push(patient.source_id.clone());
                    }
                }
                let event = record.event;
                let cause = Cause::Envelope {
                    id: arrival.envelope,
                    control_id: arrival.control_id.clone(),
                    event,
                    reach: None,
                };
                let heard = Heard { patient_changed: !news.is_empty(), patient_known: known };
                apply_appointment(batch, integration, record, arrival, cause, heard)?;
                let source_id = &record.source_id;
                for patient in news {
                    super::patient::wake_visits_of(
                        batch,
                        integration,
                        &patient,
                        Some(source_id),
                        "the patient's record changed",
                    )?;
                }
            }
            Record::Patient(patient) => {
                let id = patient.source_id.clone();
                if apply_patient(batch, integration, (**patient).clone(), arrival)?.changed {
                    super::patient::wake_visits_of(batch, integration, &id, None, "the patient's record changed")?;
                }
            }
            Record::Merge(merge) => super::patient::apply_merge(batch, integration, merge, arrival)?,
        }
    }
    Ok(())
}
