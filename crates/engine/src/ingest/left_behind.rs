//! Messages that were kept and acknowledged by a process that has not decided on them: whoever meets one does.
//!
//! It is met by a later message about the same visit or patient, which must not be decided on before it, and by whoever
//! looks now and then.

use crate::ingest::take_in::apply_records;
use crate::ingest::{Content, UnderWay, subjects};
use crate::ports::{Reread, Rereader};
use crate::scribe::Batch;
use crate::tasks::{Stop, rest_after};
use crate::{Engine, Error, Result};
use domain::ids::{AppointmentKey, EnvelopeId, PracticeNo};
use domain::merge::Arrival;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{Reader, Subject};

/// A message is left to the process that keeps it for so long, in seconds.
const PATIENCE_SECS: i64 = 2;
/// So many are looked for at a time.
const PAGE: usize = 32;

/// What is needed to decide on messages that are kept already.
pub(crate) struct LeftBehind {
    /// What this process has in hand.
    pub(crate) under_way: Arc<UnderWay>,
    pub(crate) reader: Arc<dyn Rereader>,
    /// Other processes work on the store, or one before this has left something.
    pub(crate) possible: AtomicBool,
}

impl LeftBehind {
    /// Whether there can be any.
    pub(super) fn is_possible(&self) -> bool {
        self.possible.load(Ordering::Relaxed)
    }

    /// Decides on everything about `subjects` that was acknowledged before, by whomever; of what is kept, before
    /// `behind`. What this process has in hand itself is decided on by then, unless that failed.
    pub(super) fn decide_first(
        &self,
        batch: &mut Batch<'_>,
        practice: PracticeNo,
        about: &[Subject],
        behind: Option<EnvelopeId>,
    ) -> Result<()> {
        for envelope in batch.reader().undecided_about(practice, about)? {
            if Some(envelope) == behind {
                break;
            }
            self.decide(batch, practice, envelope)?;
        }
        Ok(())
    }

    /// Decides on a message, behind all that were acknowledged before it about the same.
    fn decide(&self, batch: &mut Batch<'_>, practice: PracticeNo, envelope: EnvelopeId) -> Result<()> {
        for next in batch.reader().undecided_up_to(practice, envelope)? {
            self.decide_one(batch, practice, next)?;
        }
        Ok(())
    }

    /// Decides on one message, unless somebody else was faster.
    fn decide_one(&self, batch: &mut Batch<'_>, practice: PracticeNo, envelope: EnvelopeId) -> Result<()> {
        let Some(row) = batch.writer().take_over(practice, envelope)? else { return Ok(()) };
        // Retention removes messages; this one was not worth keeping so long.
        let Some(kept) = batch.reader().envelope(envelope)? else { return Ok(()) };
        let integration = batch.book().get(kept.integration).cloned();
        let reread = integration.as_ref().map(|integration| self.reader.reread(integration, &kept, None));
        match (integration, reread) {
            (Some(integration), Some(Reread::Message(Content::Records(records)))) => {
                let arrival = Arrival { at: row.at, envelope, control_id: row.control_id };
                apply_records(batch, &integration, &records, &arrival)
            }
            _ => Ok(batch.writer().set_aside(practice, envelope, "it was kept, and cannot be read any more")?),
        }
    }
}

/// Runs until told to stop; where nobody keeps anything before deciding, until nothing of a former process is left.
pub(crate) async fn decide_left_behind(engine: Engine, mut stop: Stop, look: Duration) {
    // A process that decides before it acknowledges leaves nothing behind.
    let shared = engine.store.lanes() > 1 || engine.door.is_some();
    loop {
        let now = engine.clock.now();
        let before = if shared { now.plus_secs(-PATIENCE_SECS) } else { now.plus_secs(1) };
        match rest_after("left behind", engine.decide_kept_before(before).await).await {
            Some(true) => continue,
            Some(false) if !shared => {
                engine.left_behind.possible.store(false, Ordering::Relaxed);
                return;
            }
            _ => {}
        }
        tokio::select! {
            () = tokio::time::sleep(look) => {}
            () = stop.requested() => return,
        }
    }
}

impl Engine {
    /// Decides on what other processes keep about a visit, before anybody is told of it.
    pub(crate) async fn decide_kept_about(&self, key: &AppointmentKey) -> Result<()> {
        if !self.left_behind.is_possible() {
            return Ok(());
        }
        let practice = key.integration.practice;
        let about = [subjects::visit(key.integration, &key.source_id)];
        let kept = self.read(move |reader| Ok(reader.undecided_about(practice, &about)?)).await?;
        for envelope in kept {
            self.decide_kept(practice, envelope).await?;
        }
        Ok(())
    }

    /// The same about anything, before it is said that something was not received.
    pub(crate) async fn decide_all_kept(&self) -> Result<()> {
        let now = self.clock.now();
        self.left_behind.under_way.settled().await;
        while self.left_behind.is_possible() && self.decide_kept_before(now.plus_secs(1)).await? {}
        Ok(())
    }

    /// Decides on some that arrived before; `true` when there may be more.
    async fn decide_kept_before(&self, before: Moment) -> Result<bool> {
        let left_behind = self.left_behind.clone();
        let look = move |reader: &mut dyn Reader| {
            let mut rows = reader.undecided(before, PAGE)?;
            let full = rows.len() == PAGE;
            rows.retain(|row| !left_behind.under_way.has(row.envelope));
            Ok((rows, full))
        };
        let (rows, full) = self.read_at_once(look).await?;
        for row in &rows {
            self.decide_kept(row.integration.practice, row.envelope).await?;
        }
        Ok(full && !rows.is_empty())
    }

    async fn decide_kept(&self, practice: PracticeNo, envelope: EnvelopeId) -> Result<()> {
        tracing::info!("a message that another process kept is decided on");
        let left_behind = self.left_behind.clone();
        let decided = self.scribe.run(move |batch| left_behind.decide(batch, practice, envelope)).await;
        let Err(Error::Invalid(why)) = decided else { return decided };
        let why = Text::from(format!("it was kept, and could not be applied: {why}"));
        let set_aside = move |batch: &mut Batch<'_>| {
            if batch.writer().take_over(practice, envelope)?.is_some() {
                batch.writer().set_aside(practice, envelope, &why)?;
            }
            Ok(())
        };
        self.scribe.run(set_aside).await
    }
}
