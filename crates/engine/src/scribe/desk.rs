//! The scribe's desk: does the pieces of work that are waiting in one batch.

use crate::Error;
use crate::deliver::CourierHandle;
use crate::ids::IdSource;
use crate::ports::Clock;
use crate::scribe::keeper::{Committed, Keeper};
use crate::scribe::pace::{Unhurried, batch_size};
use crate::scribe::{Batch, Effects, Health, News, Waiting, Work};
use crate::setup::SetupRegistry;
use domain::ids::IntegrationKey;
use domain::time::Moment;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use store::{Bells, Hints, Retry, Syncer, Writer};

/// What the scribe works with.
pub(crate) struct Tools {
    pub(crate) writer: Box<dyn Writer>,
    pub(crate) ids: IdSource,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) registry: Arc<SetupRegistry>,
    pub(crate) courier: CourierHandle,
    pub(crate) node: u32,
    pub(crate) health: Arc<Health>,
    /// Other processes write to the same store.
    pub(crate) shared: bool,
}

/// The desk.
pub(super) struct Desk {
    tools: Tools,
    keeper: Keeper,
    untold: Untold,
}

/// What other processes have not been told yet.
#[derive(Default)]
struct Untold {
    visits: BTreeSet<IntegrationKey>,
    told_at: Option<Moment>,
}

/// Open pages at other processes are told of changes at most so often: the database commits one batch at a time that
/// tells others something.
const TOLD_EVERY_SECS: i64 = 1;

impl Untold {
    /// What is told with a batch that does this.
    fn bells(&mut self, effects: &Effects, new_set_up: bool, now: Moment) -> Bells {
        let keys = effects.news.iter().filter_map(|news| match news {
            News::Appointment(key) => Some(key.integration),
            News::Elsewhere(_) => None,
        });
        self.visits.extend(keys);
        let mut bells =
            Bells { facts: effects.fired || new_set_up, outbox: effects.left_to_others, ..Bells::default() };
        if !self.visits.is_empty() && self.told_at.is_none_or(|at| at.plus_secs(TOLD_EVERY_SECS) <= now) {
            self.told_at = Some(now);
            bells.visits = std::mem::take(&mut self.visits);
        }
        bells
    }
}

/// A batch that met another process's on the same rows is repeated as it is so many times before its pieces are tried
/// one by one.
const MEETINGS: usize = 8;

/// Why a batch did not come to be.
enum Failure {
    /// The store itself failed: nobody's work can be done now.
    Store(Error),
    /// Something in the work: worth trying each piece alone.
    Work(Error),
}

impl Desk {
    /// A desk on the runtime's own thread.
    pub(super) fn inline(tools: Tools, syncer: Box<dyn Syncer>) -> Desk {
        let keeper = Keeper::inline(syncer, tools.courier.clone(), tools.health.clone());
        Desk { tools, keeper, untold: Untold::default() }
    }

    /// Works on a thread of its own at what comes, until nobody can hand in anything any more.
    pub(super) fn seated(
        name: &str,
        tools: Tools,
        syncer: Box<dyn Syncer>,
        mut waiting: Waiting,
    ) -> std::io::Result<JoinHandle<()>> {
        let (keeper, keeping) = Keeper::beside(syncer, tools.courier.clone(), tools.health.clone())?;
        let mut desk = Desk { tools, keeper, untold: Untold::default() };
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            desk.work(&mut waiting);
            drop(desk);
            if keeping.join().is_err() {
                tracing::error!("the keeper panicked");
            }
        })
    }

    fn work(&mut self, waiting: &mut Waiting) {
        // The databases that processes share answer a commit when it is on their disk.
        let commit_waits = self.tools.shared;
        let (mut pieces, mut unhurried) = (Vec::new(), Unhurried::default());
        while waiting.blocking_recv_many(&mut pieces, batch_size(waiting.len(), commit_waits)) > 0 {
            if commit_waits && unhurried.may_wait(&pieces) {
                let more = batch_size(waiting.len(), commit_waits).saturating_sub(pieces.len());
                pieces.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(more));
            }
            self.do_all(std::mem::take(&mut pieces), &|| waiting.is_empty());
        }
    }

    /// The same as a task.
    pub(super) async fn work_as_task(mut self, mut waiting: Waiting) {
        let mut pieces = Vec::new();
        while waiting.recv_many(&mut pieces, batch_size(waiting.len(), self.tools.shared)).await > 0 {
            self.do_all(std::mem::take(&mut pieces), &|| true);
        }
    }

    /// Does all pieces, in one batch if that goes well. `alone` tells whether nothing else
    /// is waiting by then.
    fn do_all(&mut self, mut pieces: Vec<Box<dyn Work>>, alone: &dyn Fn() -> bool) {
        if pieces.len() > 1 && pieces.iter().any(|piece| piece.only_looks()) {
            // What is undone must take nobody's work with it.
            for piece in pieces {
                self.do_all(vec![piece], alone);
            }
            return;
        }
        let failures = self.tools.health.failures();
        match self.attempt_among_others(&mut pieces) {
            Ok(effects) => {
                self.tools.health.went_well(failures);
                self.keeper.keep(Committed { pieces, effects }, alone());
            }
            Err(Failure::Work(error)) if pieces.len() == 1 => self.give_up(pieces, &error, alone),
            Err(Failure::Work(error)) => {
                tracing::warn!(%error, pieces = pieces.len(), "a batch failed; trying each piece of work alone");
                for piece in pieces {
                    self.do_all(vec![piece], alone);
                }
            }
            Err(Failure::Store(error)) => {
                self.tools.health.failed(&error);
                tracing::error!(error = &error as &dyn std::error::Error, pieces = pieces.len(), "the store failed");
                for piece in pieces {
                    piece.finish(Err(Error::Store(store::Error::Unavailable("the store failed; see the log".into()))));
                }
            }
        }
    }

    /// A single piece of work failed: let it set aside what it was about, else give it the error.
    fn give_up(&mut self, pieces: Vec<Box<dyn Work>>, error: &Error, alone: &dyn Fn() -> bool) {
        for mut piece in pieces {
            if piece.set_aside(&error.to_string()) {
                self.do_all(vec![piece], alone);
            } else {
                piece.finish(Err(match error {
                    Error::Store(_) => Error::Store(store::Error::Unavailable(error.to_string().into())),
                    other => Error::Invalid(other.to_string()),
                }));
            }
        }
    }

    /// Tries again, on what the other has made of it, when another process was faster.
    fn attempt_among_others(&mut self, pieces: &mut [Box<dyn Work>]) -> std::result::Result<Effects, Failure> {
        for _ in 0..MEETINGS {
            let outcome = self.keeper.check().map_err(Failure::Store).and_then(|()| self.attempt(pieces));
            match &outcome {
                Err(Failure::Work(Error::Store(error))) if self.tools.shared && error.retry() == Retry::Now => {
                    tracing::debug!(%error, "another process was faster; the batch is repeated");
                    // Perhaps because its clock is ahead, and so are its ids.
                    if let Ok(greatest) = self.tools.writer.greatest_id() {
                        self.tools.ids.rise_above(greatest);
                    }
                }
                _ => return outcome,
            }
        }
        self.attempt(pieces)
    }

    fn attempt(&mut self, pieces: &mut [Box<dyn Work>]) -> std::result::Result<Effects, Failure> {
        let mut hints = |hints: &mut Hints| pieces.iter().for_each(|piece| piece.hints(hints));
        self.tools.writer.begin(&mut hints).map_err(|error| Failure::Store(error.into()))?;
        let outcome = self.work_through(pieces);
        if outcome.is_err() {
            self.tools.writer.rollback();
        }
        outcome
    }

    fn work_through(&mut self, pieces: &mut [Box<dyn Work>]) -> std::result::Result<Effects, Failure> {
        // Another process may have changed the set-up; a batch sees one state of it.
        self.tools.registry.refresh(&mut *self.tools.writer).map_err(sort)?;
        let Tools { writer, ids, registry, courier, clock, node, .. } = &mut self.tools;
        let now = clock.now();
        let mut batch = Batch::new(&mut **writer, ids, registry, courier, now, *node);
        for piece in pieces.iter_mut() {
            batch.begin_work();
            let done = catch_unwind(AssertUnwindSafe(|| piece.run(&mut batch)));
            match done {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    batch.into_effects().0.undo(courier);
                    return Err(sort(error));
                }
                // The message of a panic may quote data: only that it happened is told.
                Err(_) => {
                    batch.into_effects().0.undo(courier);
                    return Err(Failure::Work(Error::Invalid("the work panicked".to_owned())));
                }
            }
        }
        let (effects, new_book) = batch.into_effects();
        if pieces.iter().any(|piece| piece.only_looks()) {
            effects.undo(courier);
            self.tools.writer.rollback();
            return Ok(Effects::default());
        }
        let mut committed = Ok(());
        if self.tools.shared {
            let bells = self.untold.bells(&effects, new_book.is_some(), now);
            if !bells.is_empty() {
                committed = self.tools.writer.ring(bells);
            }
        }
        match committed.and_then(|()| self.tools.writer.commit()) {
            Ok(()) => {
                if let Some(book) = new_book {
                    self.tools.registry.install(book);
                }
                Ok(effects)
            }
            Err(error) => {
                effects.undo(&self.tools.courier);
                Err(sort(error.into()))
            }
        }
    }
}

fn sort(error: Error) -> Failure {
    match &error {
        Error::Store(inner) if !matches!(inner.retry(), Retry::Never | Retry::Now) => Failure::Store(error),
        _ => Failure::Work(error),
    }
}
