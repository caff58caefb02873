//! The porter: keeps a message that comes alone and has it acknowledged; the scribe decides on it behind (ADR 0036).
//!
//! Where a commit is a journey over the network, a sender who waits for each answer waits for two of them and for all
//! questions between, while the machine has little to do. So such a message is kept by one statement and acknowledged,
//! and decided on a moment later, together with those that came meanwhile. Where many come at a time this would only be
//! more work: while the porter is busy, or the scribe is behind, a message is kept and decided on in one batch.

use crate::Result;
use crate::ids::IdSource;
use crate::ingest::Content;
use crate::ingest::left_behind::LeftBehind;
use crate::ingest::subjects::subjects_of;
use crate::ingest::take_in::{Kept, TakeIn};
use crate::ingest::under_way::{Awaited, InHand, UnderWay};
use crate::ports::Clock;
use crate::scribe::Scribe;
use std::sync::Arc;
use store::Keeping;
use tokio::sync::Mutex;

/// With more than this undecided, the scribe is busy enough to take messages in batches.
const ENOUGH_BEHIND: usize = 16;
/// With so many senders waiting for the scribe it is, too: a statement for each message costs more than its share of a
/// batch.
const CROWD: usize = 8;

/// What the porter works with.
pub(crate) struct Porter {
    pub(crate) safe: Box<dyn store::Porter>,
    pub(crate) ids: IdSource,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The door at which the porter stands: one message at a time.
pub(crate) struct Door(Mutex<Porter>);

impl Door {
    /// A door with its porter.
    pub(crate) fn of(porter: Porter) -> Door {
        Door(Mutex::new(porter))
    }

    /// Sees a message in: when this returns it has its place behind all of its line that came in before it, and behind
    /// all that was acknowledged of what it speaks of.
    pub(super) async fn see_in(&self, scribe: &Scribe, left_behind: &LeftBehind, mut work: TakeIn) -> Result<()> {
        let under_way = &left_behind.under_way;
        let free = under_way.count() < ENOUGH_BEHIND && under_way.awaited() < CROWD;
        let kept = match self.0.try_lock() {
            Ok(mut porter) if work.message.line.alone && free => porter.keep(&work, under_way).await?,
            _ => None,
        };
        let Some(kept) = kept else {
            work.is_awaited(Awaited::new(under_way.clone()));
            return scribe.submit_in_line(work.message.line, Box::new(work)).await;
        };
        let acknowledgement = work.is_kept(kept);
        // First into the queue: whoever hears of it may send the scribe something else at once.
        scribe.submit(Box::new(work)).await?;
        acknowledgement.give();
        Ok(())
    }
}

impl Porter {
    /// Keeps a message. `None`: it is to be handed on as it is, which also finds out what became of it if the
    /// connection was lost.
    ///
    /// # Errors
    ///
    /// When the store said nothing for as long as anybody may wait: whoever sent it shall not wait as long again.
    async fn keep(&mut self, work: &TakeIn, under_way: &Arc<UnderWay>) -> Result<Option<Kept>> {
        let message = &work.message;
        let (Content::Records(records), None) = (&message.content, &message.note) else { return Ok(None) };
        let (integration, at) = (message.integration, self.clock.now());
        let subjects = subjects_of(integration, records);
        if subjects.is_empty() {
            return Ok(None);
        }
        let envelope = self.ids.envelope(at);
        let control = work.control(envelope);
        let keeping = Keeping {
            envelope: work.envelope(envelope, at),
            control: message.control_id.as_ref().map(|id| (id, &control)),
            subjects: &subjects,
        };
        let in_hand = InHand::new(under_way.clone(), envelope);
        match self.safe.keep(&keeping).await {
            Ok(before) => {
                // Also when this process has them in hand: it may fail to decide on them.
                let not_first = !before.is_empty();
                Ok(Some(Kept { envelope, at, subjects, not_first, tried: false, _in_hand: in_hand }))
            }
            Err(error @ store::Error::OutcomeUnknown(_)) => Err(error.into()),
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "not kept by itself");
                Ok(None)
            }
        }
    }
}
