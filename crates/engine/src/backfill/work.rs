//! A chunk as a piece of the scribe's work.

use crate::backfill::same::{is_known_patient, is_known_visit};
use crate::backfill::{Chunk, ChunkLine, ChunkReport, Rejected};
use crate::decide::{commit_decision, load_before};
use crate::ingest::{apply_merge, apply_patient, digest, wake_visits_of};
use crate::scribe::{Batch, Work};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::decide::Verdict;
use domain::gates::Reading;
use domain::ids::{AppointmentKey, EnvelopeId, IntegrationKey};
use domain::ledger::Cause;
use domain::merge::{Arrival, merge_appointment};
use domain::model::{Appointment, AppointmentRecord, PatientRecord, Record, TakenOver};
use domain::setup::Lifecycle;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use store::{ControlRow, EnvelopeState, Hints, NewEnvelope, Reader};
use tokio::sync::oneshot;

/// Takes a diary over.
#[derive(Clone)]
pub struct Backfill {
    engine: Engine,
    /// Nothing is written: every chunk is done and undone.
    dry_run: bool,
}

/// A chunk that was handed in and is not durable yet.
pub struct HandedChunk {
    backfill: Backfill,
    answer: oneshot::Receiver<Answer>,
}

/// What the scribe says of a chunk.
enum Answer {
    Done(Result<ChunkReport>),
    /// Something in it cannot be applied: why, and the chunk.
    Poisoned(String, Box<Chunk>),
}

impl Backfill {
    /// For an engine. `dry_run`: only to see what would come of it.
    pub fn new(engine: Engine, dry_run: bool) -> Backfill {
        Backfill { engine, dry_run }
    }

    /// A chunk of this content was taken in before, by all its lines. Cheap: nothing of it is read.
    pub fn knows(reader: &mut dyn Reader, integration: IntegrationKey, body: &[u8]) -> Result<bool> {
        Ok(reader.control(integration, &mark_of(body))?.is_some())
    }

    /// Hands a chunk in. Chunks handed in one after another are applied in that order.
    pub async fn hand_in(&self, chunk: Chunk) -> Result<HandedChunk> {
        let (reply, answer) = oneshot::channel();
        let work = TakeChunk { chunk, dry_run: self.dry_run, poison: None, done: None, reply };
        self.engine.scribe().submit(Box::new(work)).await?;
        Ok(HandedChunk { backfill: self.clone(), answer })
    }
}

impl HandedChunk {
    /// Waits until the chunk is durable and decided on. When something in it cannot be applied, that line alone is set
    /// aside, and the rest passes.
    pub async fn report(self) -> Result<ChunkReport> {
        let mut report = ChunkReport::default();
        let mut waiting = vec![self];
        while let Some(handed) = waiting.pop() {
            match handed.answer.await.map_err(|_| Error::Stopped)? {
                Answer::Done(done) => report.add(done?),
                Answer::Poisoned(why, chunk) => {
                    for part in narrower(*chunk, &why) {
                        waiting.push(handed.backfill.hand_in(part).await?);
                    }
                }
            }
        }
        report.rejected.sort_by_key(|rejected| rejected.line);
        Ok(report)
    }
}

/// The halves of a chunk; of a single line, the line with why it cannot be applied.
fn narrower(mut chunk: Chunk, why: &str) -> Vec<Chunk> {
    if let [line] = chunk.lines.as_mut_slice() {
        line.content = Err(format!("could not be applied: {why}"));
        return vec![chunk];
    }
    let half = chunk.lines.len() / 2;
    let rest = chunk.lines.split_off(half);
    let part = |lines: Vec<ChunkLine>| {
        let from = lines.first().map_or(0, |line| line.place.start);
        let to = lines.last().map_or(0, |line| line.place.end);
        let moved = |line: ChunkLine| ChunkLine { place: line.place.start - from..line.place.end - from, ..line };
        let body: Arc<[u8]> = chunk.body.get(from..to).unwrap_or_default().into();
        Chunk { body, lines: lines.into_iter().map(moved).collect(), channel: chunk.channel.clone(), ..chunk }
    };
    let first = std::mem::take(&mut chunk.lines);
    vec![part(first), part(rest)]
}

/// What a chunk or a line is recognised by, among the message ids.
fn mark_of(body: &[u8]) -> Text {
    let digest = u128::from_be_bytes(digest(body));
    Text::from(format_args!("backfill:{digest:032x}"))
}

struct TakeChunk {
    chunk: Chunk,
    dry_run: bool,
    poison: Option<String>,
    done: Option<ChunkReport>,
    reply: oneshot::Sender<Answer>,
}

impl Work for TakeChunk {
    fn hints(&self, hints: &mut Hints) {
        let integration = self.chunk.integration;
        hints.controls.push((integration, mark_of(&self.chunk.body)));
        for record in self.chunk.lines.iter().flat_map(|line| line.content.iter().flatten()) {
            match record {
                Record::Appointment(record, patients) => {
                    hints.appointments.push(AppointmentKey { integration, source_id: record.source_id.clone() });
                    hints.patients.extend(record.participants.named().map(|id| (integration, Text::from(id))));
                    hints.patients.extend(patients.iter().map(|patient| (integration, patient.source_id.clone())));
                }
                Record::Patient(patient) => hints.patients.push((integration, patient.source_id.clone())),
                Record::Merge(merge) => hints.patients.push((integration, merge.gone.clone())),
            }
        }
    }

    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()> {
        if self.poison.is_none() {
            self.done = Some(Taking::of(batch, &self.chunk)?.take(batch)?);
        }
        Ok(())
    }

    fn only_looks(&self) -> bool {
        self.dry_run
    }

    fn set_aside(&mut self, why: &str) -> bool {
        let first = self.poison.is_none();
        self.poison = Some(why.to_owned());
        first
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let answer = match (outcome, self.poison, self.done) {
            (Err(error), ..) => Answer::Done(Err(error)),
            (Ok(()), Some(why), _) => Answer::Poisoned(why, Box::new(self.chunk)),
            (Ok(()), None, done) => Answer::Done(done.ok_or(Error::Stopped)),
        };
        // Whoever waits may have gone; the chunk stays taken in.
        drop(self.reply.send(answer));
    }
}

/// A chunk being taken in.
struct Taking<'c> {
    chunk: &'c Chunk,
    integration: Arc<Integration>,
    arrival: Arrival,
    report: ChunkReport,
    /// Something was written of it.
    changed: bool,
}

impl<'c> Taking<'c> {
    fn of(batch: &mut Batch<'_>, chunk: &'c Chunk) -> Result<Taking<'c>> {
        let integration = batch.integration(chunk.integration)?;
        let envelope = batch.envelope_id();
        let arrival = Arrival { at: chunk.received, envelope, control_id: None };
        Ok(Taking { chunk, integration, arrival, report: ChunkReport::default(), changed: false })
    }

    fn take(mut self, batch: &mut Batch<'_>) -> Result<ChunkReport> {
        let chunk = self.chunk;
        self.report.lines = u64::try_from(chunk.lines.len()).unwrap_or(u64::MAX);
        for line in &chunk.lines {
            match &line.content {
                Ok(records) => self.apply(batch, records)?,
                Err(problem) => self.reject(batch, line, problem)?,
            }
        }
        // A chunk that says nothing new leaves no envelope behind, as nothing would point to it.
        if !self.changed {
            return Ok(self.report);
        }
        self.keep(batch, self.arrival.envelope, EnvelopeState::Applied, None, &chunk.body)?;
        // With a line that was rejected it is looked at again the next time: perhaps the line can be applied then.
        if self.report.rejected.is_empty() {
            let mark = mark_of(&chunk.body);
            let row = ControlRow { envelope: self.arrival.envelope, answer: Vec::new(), source_id: None };
            batch.writer().put_control(chunk.integration, &mark, &row)?;
        }
        Ok(self.report)
    }

    fn keep(
        &self,
        batch: &mut Batch<'_>,
        id: EnvelopeId,
        state: EnvelopeState,
        note: Option<&str>,
        body: &[u8],
    ) -> Result<()> {
        let now = batch.now;
        Ok(batch.writer().put_envelope(&NewEnvelope {
            id,
            integration: self.chunk.integration,
            at: now,
            channel: &self.chunk.channel,
            format: self.chunk.format,
            state,
            note,
            digest: &digest(body),
            body,
        })?)
    }

    /// Sets a line aside with its reason, once however often the file is read.
    fn reject(&mut self, batch: &mut Batch<'_>, line: &ChunkLine, problem: &str) -> Result<()> {
        let json = self.chunk.body.get(line.place.clone()).unwrap_or_default();
        let mark = mark_of(json);
        if batch.reader().control(self.chunk.integration, &mark)?.is_none() {
            let envelope = batch.envelope_id();
            let note = format!("line {}: {problem}", line.number);
            self.keep(batch, envelope, EnvelopeState::SetAside, Some(&note), json)?;
            let row = ControlRow { envelope, answer: problem.as_bytes().to_vec(), source_id: None };
            batch.writer().put_control(self.chunk.integration, &mark, &row)?;
        }
        let rejected = Rejected { line: line.number, problem: problem.to_owned(), json: json.to_vec() };
        self.report.rejected.push(rejected);
        Ok(())
    }

    fn apply(&mut self, batch: &mut Batch<'_>, records: &[Record]) -> Result<()> {
        for record in records {
            match record {
                Record::Appointment(record, patients) => {
                    let mut news = false;
                    for patient in patients {
                        news |= self.apply_patient(batch, patient, Some(&record.source_id))?;
                    }
                    self.apply_visit(batch, record, news)?;
                }
                Record::Patient(patient) => {
                    self.apply_patient(batch, patient, None)?;
                }
                Record::Merge(merge) => {
                    let held = batch.reader().patient(self.chunk.integration, &merge.gone)?;
                    if held.is_none_or(|held| held.patient.merged_into.as_ref() != Some(&merge.survivor)) {
                        apply_merge(batch, &self.integration, merge, &self.arrival)?;
                        self.changed = true;
                    }
                }
            }
        }
        Ok(())
    }

    fn apply_patient(&mut self, batch: &mut Batch<'_>, record: &PatientRecord, visit: Option<&Text>) -> Result<bool> {
        if is_known_patient(batch, &self.integration, record, &self.arrival)? {
            self.report.same_patients += 1;
            return Ok(false);
        }
        self.changed = true;
        self.report.patients += 1;
        let news = apply_patient(batch, &self.integration, record.clone(), &self.arrival)?.changed;
        if news {
            let why = "the patient's record changed";
            wake_visits_of(batch, &self.integration, &record.source_id, visit, why)?;
        }
        Ok(news)
    }

    fn apply_visit(&mut self, batch: &mut Batch<'_>, record: &AppointmentRecord, patient_news: bool) -> Result<()> {
        let key = AppointmentKey { integration: self.chunk.integration, source_id: record.source_id.clone() };
        let before = load_before(batch, &key)?;
        let known = before.as_ref().is_some_and(|before| is_known_visit(before, record, &self.arrival));
        if known && !patient_news {
            self.report.same_visits += 1;
            return Ok(());
        }
        let held = before.as_ref().map(|before| &before.decision.appointment);
        let visit = match held {
            Some(held) if known => held.clone(),
            Some(held) => merge_appointment(Some(held), record.clone(), &self.arrival).appointment,
            None => {
                let mut first = merge_appointment(None, record.clone(), &self.arrival).appointment;
                first.taken_over = Some(taken_over(&self.integration, &first, record.booked_at, batch.now));
                first
            }
        };
        let cause = Cause::Envelope { id: self.arrival.envelope, control_id: None, event: record.event, reach: None };
        let decided = commit_decision(batch, &self.integration, &key, before, &visit, !known, cause)?;
        if !decided.stored {
            self.report.same_visits += 1;
            return Ok(());
        }
        self.changed = true;
        self.report.visits += 1;
        *self.report.verdicts.entry(decided.verdict).or_default() += 1;
        let stopped = !matches!(decided.verdict, Verdict::InSync | Verdict::OnTime);
        if let Some(reason) = decided.reason.filter(|_| stopped) {
            *self.report.reasons.entry(reason).or_default() += 1;
        }
        Ok(())
    }
}

/// How a visit that nothing was known of stands when the diary is taken over. New is only what the source itself says
/// was booked since the integration went live: patients were told of everything else by whoever told them before.
fn taken_over(integration: &Integration, visit: &Appointment, booked: Option<Moment>, now: Moment) -> TakenOver {
    let rules = &integration.rules;
    let over = visit.end().or(visit.start()).is_some_and(|end| end <= now);
    if over || Reading::of(rules, visit).status.is_ended() {
        return TakenOver::History;
    }
    let live = rules.lifecycle == Lifecycle::Live;
    if live && booked.is_some_and(|booked| booked >= rules.lifecycle_since) {
        TakenOver::New
    } else {
        TakenOver::Existing
    }
}
