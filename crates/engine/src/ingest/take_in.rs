//! Handing a message to the scribe and waiting until it is durable.

use crate::ingest::message::digest;
use crate::ingest::{Content, Heard, Incoming, Receipt, apply_appointment, apply_patient};
use crate::scribe::{Batch, Scribe, Work};
use crate::{Error, Result};
use domain::ids::{AppointmentKey, EnvelopeId, IntegrationKey};
use domain::ledger::Cause;
use domain::merge::Arrival;
use domain::model::{PatientRecord, Record};
use domain::setup::fold_email;
use domain::text::Text;
use store::{ControlRow, EnvelopeState, Hints, NewEnvelope};
use tokio::sync::oneshot;

/// A message that was handed in and is not durable yet.
pub struct HandedIn(oneshot::Receiver<Result<Receipt>>);

impl HandedIn {
    /// Waits until the message is durable and decided on. When this returns `Ok`, its envelope is on disk.
    pub async fn receipt(self) -> Result<Receipt> {
        self.0.await.map_err(|_| Error::Stopped)?
    }
}

/// Hands a message in without waiting for it to be durable. Messages handed in one after another are applied in that
/// order.
pub async fn hand_in(scribe: &Scribe, message: Incoming) -> Result<HandedIn> {
    let (reply, answer) = oneshot::channel();
    let digest = digest(&message.body);
    scribe.submit(Box::new(TakeIn { message, digest, poison: None, done: None, reply })).await?;
    Ok(HandedIn(answer))
}

struct TakeIn {
    message: Incoming,
    digest: [u8; 16],
    /// Applying it failed; it is only kept, with why.
    poison: Option<Text>,
    done: Option<Receipt>,
    reply: oneshot::Sender<Result<Receipt>>,
}

impl Work for TakeIn {
    fn hints(&self, hints: &mut Hints) {
        let integration = self.message.integration;
        if let Some(id) = &self.message.control_id {
            hints.controls.push((integration, id.clone()));
        }
        let (Content::Records(records), None) = (&self.message.content, &self.poison) else { return };
        for record in records {
            match record {
                Record::Appointment(record, patients) => {
                    hints.appointments.push(AppointmentKey { integration, source_id: record.source_id.clone() });
                    patients.iter().for_each(|patient| name_person(hints, integration, patient));
                }
                Record::Patient(patient) => name_person(hints, integration, patient),
                Record::Merge(merge) => hints.patients.push((integration, merge.survivor.clone())),
            }
        }
    }

    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()> {
        self.done = Some(self.apply(batch)?);
        Ok(())
    }

    fn set_aside(&mut self, why: &str) -> bool {
        // A poison record is kept with its reason, and the rest of the batch passes. Once only: keeping it must not
        // fail for the same reason again.
        let first = self.poison.is_none();
        self.poison = Some(Text::from(format!("could not be applied: {why}")));
        first
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let answer = match (outcome, self.done) {
            (Ok(()), Some(receipt)) => Ok(receipt),
            (Ok(()), None) => Err(Error::Stopped),
            (Err(error), _) => Err(error),
        };
        // The connection may have gone; the message stays stored, and a repetition gets its answer.
        drop(self.reply.send(answer));
    }
}

fn name_person(hints: &mut Hints, integration: IntegrationKey, patient: &PatientRecord) {
    hints.patients.push((integration, patient.source_id.clone()));
    let address = patient.email.value().map(|email| fold_email(email.open())).filter(|address| !address.is_empty());
    hints.addresses.extend(address.map(|address| (integration, address)));
}

impl TakeIn {
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
            let source_id = match &message.content {
                Content::Records(records) => records.iter().find_map(|record| match record {
                    Record::Appointment(record, _) => Some(record.source_id.clone()),
                    Record::Patient(_) | Record::Merge(_) => None,
                }),
                Content::Refused | Content::SetAside => None,
            };
            let row = ControlRow { envelope, answer: message.answer.clone(), source_id };
            batch.writer().put_control(message.integration, id, &row)?;
        }
        if let (Content::Records(records), None) = (&message.content, &self.poison) {
            self.apply_records(batch, envelope, records)?;
        }
        Ok(Receipt { envelope, repeated: None, id_reused, set_aside: self.poison.clone() })
    }

    fn apply_records(&self, batch: &mut Batch<'_>, envelope: EnvelopeId, records: &[Record]) -> Result<()> {
        let integration = batch.integration(self.message.integration)?;
        let arrival = Arrival { at: batch.now, envelope, control_id: self.message.control_id.clone() };
        for record in records {
            match record {
                Record::Appointment(record, patients) => {
                    let mut news = Vec::new();
                    let mut known = false;
                    for patient in patients {
                        let heard = apply_patient(batch, &integration, patient.clone(), &arrival)?;
                        known |= heard.known;
                        if heard.changed {
                            news.push(patient.source_id.clone());
                        }
                    }
                    let event = record.event;
                    let cause =
                        Cause::Envelope { id: envelope, control_id: arrival.control_id.clone(), event, reach: None };
                    let heard = Heard { patient_changed: !news.is_empty(), patient_known: known };
                    apply_appointment(batch, &integration, record, &arrival, cause, heard)?;
                    let source_id = &record.source_id;
                    for patient in news {
                        super::patient::wake_visits_of(
                            batch,
                            &integration,
                            &patient,
                            Some(source_id),
                            "the patient's record changed",
                        )?;
                    }
                }
                Record::Patient(patient) => {
                    let id = patient.source_id.clone();
                    if apply_patient(batch, &integration, (**patient).clone(), &arrival)?.changed {
                        super::patient::wake_visits_of(batch, &integration, &id, None, "the patient's record changed")?;
                    }
                }
                Record::Merge(merge) => super::patient::apply_merge(batch, &integration, merge, &arrival)?,
            }
        }
        Ok(())
    }
}
