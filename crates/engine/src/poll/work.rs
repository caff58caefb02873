//! Making what came back from the source durable: bytes, records, cursor, coverage and what follows, in one commit.
//!
//! A commit counts only while the process holds the integration; one that lost its lease is told so, and whoever holds
//! it now reads the same page.

use crate::ingest::given_up_fact;
use crate::poll::claim::{extend, held, release};
use crate::poll::sheets::{Poison, Tally};
use crate::scribe::{Batch, Scribe, Work};
use crate::{Error, Result};
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::model::Record;
use domain::text::Text;
use std::sync::Arc;
use store::{Hints, PollRow};
use tokio::sync::oneshot;

use crate::poll::Sheet;
use crate::setup::Integration;

/// So many records of one page are set aside one by one; with more, the page itself is what is wrong.
const MOST_POISON: usize = 32;

/// What is done with a page once its records are in.
pub(crate) trait Step: Send + 'static {
    /// Takes the sheets in and moves the state on.
    fn run(
        &self,
        batch: &mut Batch<'_>,
        integration: &Arc<Integration>,
        row: &mut PollRow,
        take: &mut dyn FnMut(&mut Batch<'_>, &crate::poll::sheets::Storing<'_>) -> Result<Tally>,
        poison: &Poison,
    ) -> Result<()>;
}

/// Whether a reader still holds the integration.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It does; this is the row now, which may have been released because nothing more is due.
    Still(Box<PollRow>),
    /// Another one does: what was read is forgotten.
    Lost,
}

/// Hands a page in and waits until it is durable.
pub(crate) async fn keep_page<S: Step>(
    scribe: &Scribe,
    key: IntegrationKey,
    fence: u64,
    sheets: Vec<Sheet>,
    step: S,
) -> Result<Kept> {
    keep(scribe, key, Some(fence), sheets, step).await
}

/// The same for a read on demand, which nobody holds the integration for.
pub(crate) async fn keep_beside<S: Step>(
    scribe: &Scribe,
    key: IntegrationKey,
    sheets: Vec<Sheet>,
    step: S,
) -> Result<()> {
    keep(scribe, key, None, sheets, step).await.map(drop)
}

async fn keep<S: Step>(
    scribe: &Scribe,
    key: IntegrationKey,
    fence: Option<u64>,
    sheets: Vec<Sheet>,
    step: S,
) -> Result<Kept> {
    let (reply, answer) = oneshot::channel();
    let work = KeepPage { key, fence, sheets, step, poison: Poison::new(), at: None, done: None, reply };
    scribe.submit(Box::new(work)).await?;
    answer.await.map_err(|_| Error::Stopped)?
}

struct KeepPage<S> {
    key: IntegrationKey,
    /// `None`: on demand, beside whoever holds it.
    fence: Option<u64>,
    sheets: Vec<Sheet>,
    step: S,
    poison: Poison,
    /// The record that is being applied.
    at: Option<(usize, usize)>,
    done: Option<Kept>,
    reply: oneshot::Sender<Result<Kept>>,
}

impl<S: Step> Work for KeepPage<S> {
    fn hints(&self, hints: &mut Hints) {
        let integration = self.key;
        for record in self.sheets.iter().flat_map(|sheet| &sheet.records) {
            match record {
                Record::Appointment(record, patients) => {
                    hints.appointments.push(AppointmentKey { integration, source_id: record.source_id.clone() });
                    for patient in patients {
                        hints.patients.push((integration, patient.source_id.clone()));
                        hints.facts.push((integration, given_up_fact(&patient.source_id).into()));
                    }
                }
                Record::Patient(patient) => hints.patients.push((integration, patient.source_id.clone())),
                Record::Merge(merge) => hints.patients.push((integration, merge.survivor.clone())),
            }
        }
    }

    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()> {
        self.at = None;
        let row = match self.fence {
            Some(fence) => held(batch, self.key, fence)?,
            None => batch.reader().poll(self.key)?,
        };
        let Some(mut row) = row else {
            self.done = Some(Kept::Lost);
            return Ok(());
        };
        let integration = batch.integration(self.key)?;
        let (sheets, poison, at) = (&self.sheets, &self.poison, &mut self.at);
        let mut take = |batch: &mut Batch<'_>, storing: &crate::poll::sheets::Storing<'_>| {
            crate::poll::sheets::take_sheets(batch, storing, sheets, at)
        };
        self.step.run(batch, &integration, &mut row, &mut take, poison)?;
        if self.fence.is_some() {
            settle(batch, &mut row)?;
        } else {
            if row.state.leased_until.is_none_or(|until| until <= batch.now) {
                row.due_at = row.state.wakes_at().unwrap_or(PollRow::NEVER);
            }
            batch.writer().put_poll(&row)?;
        }
        self.done = Some(Kept::Still(Box::new(row)));
        Ok(())
    }

    fn set_aside(&mut self, why: &str) -> bool {
        // One record that cannot be applied must not stop the feed for ever: it is set aside, the rest passes.
        match self.at.take() {
            Some(place) if self.poison.len() < MOST_POISON && !self.poison.iter().any(|(known, _)| *known == place) => {
                self.poison.push((place, Text::from(why)));
                true
            }
            _ => false,
        }
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let answer = match (outcome, self.done) {
            (Ok(()), Some(done)) => Ok(done),
            (Ok(()), None) => Err(Error::Stopped),
            (Err(error), _) => Err(error),
        };
        drop(self.reply.send(answer));
    }
}

/// Writes a row that is held: for another lease when more is due now, else it is let go.
pub(crate) fn settle(batch: &mut Batch<'_>, row: &mut PollRow) -> Result<()> {
    let now = batch.now;
    if row.state.wakes_at().is_some_and(|wakes| wakes <= now) {
        extend(row, now);
    } else {
        release(row);
    }
    batch.writer().put_poll(row)?;
    row.revision += 1;
    Ok(())
}

/// Changes a row that is held.
pub(crate) async fn change_held(
    scribe: &Scribe,
    key: IntegrationKey,
    fence: u64,
    change: impl Fn(&mut Batch<'_>, &Arc<Integration>, &mut PollRow) -> Result<()> + Send + 'static,
) -> Result<Kept> {
    let done = scribe.run(move |batch| {
        let Some(mut row) = held(batch, key, fence)? else { return Ok(Kept::Lost) };
        let integration = batch.integration(key)?;
        change(batch, &integration, &mut row)?;
        settle(batch, &mut row)?;
        Ok(Kept::Still(Box::new(row)))
    });
    done.await
}
