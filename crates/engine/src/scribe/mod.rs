//! The scribe: the one place where anything is changed.
//!
//! Whoever wants a change hands the scribe a piece of work and waits. The scribe takes all that is waiting, does it in
//! one batch, makes the batch durable, and only then tells everybody: natural group commit. A message is acknowledged,
//! a card handed to the courier, a link reported as made only after the commit.
//!
//! When a batch fails for a reason that lies in one piece of work (a poison record), each piece is tried alone: the
//! rest passes, and only the poison gets the error.

mod batch;
mod effects;
mod work;

pub use batch::Batch;
pub use effects::{Effects, News};
pub use work::Work;

use crate::deliver::CourierHandle;
use crate::ids::IdSource;
use crate::ports::Clock;
use crate::setup::SetupRegistry;
use crate::{Error, Result, Threads};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use store::{Hints, Retry, Writer};
use tokio::sync::{mpsc, oneshot};
use work::Job;

/// So many pieces of work may wait; whoever comes then waits to be let in.
const QUEUE: usize = 4096;
/// So many are done in one batch at most, which bounds the memory and the time of a commit.
const LARGEST_BATCH: usize = 512;

/// Hands work to the scribe.
#[derive(Clone)]
pub struct Scribe {
    queue: mpsc::Sender<Box<dyn Work>>,
}

impl Scribe {
    /// Has `work` done and waits until it is durable. `work` may be run more than once, each time from the beginning,
    /// when a batch has to be repeated; only the last run counts.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Batch<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(Job::new(Hints::default(), work, reply))).await?;
        answer.await.map_err(|_| Error::Stopped)?
    }

    /// The same, with rows named that the work is going to look at.
    pub async fn run_with<T, F>(&self, hints: Hints, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Batch<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(Job::new(hints, work, reply))).await?;
        answer.await.map_err(|_| Error::Stopped)?
    }

    /// Hands work in without waiting for it to be done.
    pub async fn submit(&self, work: Box<dyn Work>) -> Result<()> {
        self.queue.send(work).await.map_err(|_| Error::Stopped)
    }
}

/// What the scribe works with.
pub(crate) struct Desk {
    pub(crate) writer: Box<dyn Writer>,
    pub(crate) ids: IdSource,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) registry: Arc<SetupRegistry>,
    pub(crate) courier: CourierHandle,
    pub(crate) node: u32,
}

/// Where the scribe works; awaited to see it end.
pub(crate) enum Workplace {
    /// On a thread of its own.
    Thread(std::thread::JoinHandle<()>),
    /// On the runtime, as a task.
    Task(tokio::task::JoinHandle<()>),
}

impl Workplace {
    /// Waits until the scribe has ended; whether it ended well.
    pub(crate) async fn ended(self) -> bool {
        match self {
            Workplace::Thread(thread) => {
                matches!(tokio::task::spawn_blocking(move || thread.join()).await, Ok(Ok(())))
            }
            Workplace::Task(task) => task.await.is_ok(),
        }
    }
}

/// Starts the scribe. It ends when every handle is gone and all work is done.
pub(crate) fn start(mut desk: Desk, threads: Threads) -> std::io::Result<(Scribe, Workplace)> {
    let (queue, mut waiting) = mpsc::channel::<Box<dyn Work>>(QUEUE);
    let mut pieces = Vec::with_capacity(LARGEST_BATCH);
    let workplace = match threads {
        Threads::Own => {
            let thread = std::thread::Builder::new().name("scribe".to_owned()).spawn(move || {
                while waiting.blocking_recv_many(&mut pieces, LARGEST_BATCH) > 0 {
                    desk.do_all(&mut pieces);
                }
            })?;
            Workplace::Thread(thread)
        }
        Threads::None => Workplace::Task(tokio::spawn(async move {
            while waiting.recv_many(&mut pieces, LARGEST_BATCH).await > 0 {
                desk.do_all(&mut pieces);
            }
        })),
    };
    Ok((Scribe { queue }, workplace))
}

/// Why a batch did not come to be.
enum Failure {
    /// The store itself failed: nobody's work can be done now.
    Store(Error),
    /// Something in the work: worth trying each piece alone.
    Work(Error),
}

impl Desk {
    fn do_all(&mut self, pieces: &mut Vec<Box<dyn Work>>) {
        match self.attempt(pieces) {
            Ok(effects) => {
                for piece in pieces.drain(..) {
                    piece.finish(Ok(()));
                }
                effects.take_effect(&self.courier);
            }
            Err(Failure::Work(error)) if pieces.len() == 1 => self.give_up(pieces, error),
            Err(Failure::Work(error)) => {
                tracing::warn!(%error, pieces = pieces.len(), "a batch failed; trying each piece of work alone");
                for piece in pieces.drain(..) {
                    self.do_all(&mut vec![piece]);
                }
            }
            Err(Failure::Store(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, pieces = pieces.len(), "the store failed");
                for piece in pieces.drain(..) {
                    piece.finish(Err(Error::Store(store::Error::Unavailable("the store failed; see the log".into()))));
                }
            }
        }
    }

    /// A single piece of work failed: let it set aside what it was about, else give it the error.
    fn give_up(&mut self, pieces: &mut Vec<Box<dyn Work>>, error: Error) {
        for mut piece in pieces.drain(..) {
            if piece.set_aside(&error.to_string()) {
                self.do_all(&mut vec![piece]);
            } else {
                piece.finish(Err(match &error {
                    Error::Store(_) => Error::Store(store::Error::Unavailable(error.to_string().into())),
                    other => Error::Invalid(other.to_string()),
                }));
            }
        }
    }

    fn attempt(&mut self, pieces: &mut [Box<dyn Work>]) -> std::result::Result<Effects, Failure> {
        let mut hints = Hints::default();
        for piece in pieces.iter() {
            piece.hints(&mut hints);
        }
        self.writer.begin(&hints).map_err(|error| Failure::Store(error.into()))?;
        let outcome = self.work_through(pieces);
        if outcome.is_err() {
            self.writer.rollback();
        }
        outcome
    }

    fn work_through(&mut self, pieces: &mut [Box<dyn Work>]) -> std::result::Result<Effects, Failure> {
        // Another process may have changed the set-up; a batch sees one state of it.
        self.registry.refresh(&mut *self.writer).map_err(sort)?;
        let mut batch =
            Batch::new(&mut *self.writer, &mut self.ids, &self.registry, &self.courier, self.clock.now(), self.node);
        for piece in pieces {
            batch.begin_work();
            let done = catch_unwind(AssertUnwindSafe(|| piece.run(&mut batch)));
            match done {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    batch.into_effects().0.undo(&self.courier);
                    return Err(sort(error));
                }
                // The message of a panic may quote data: only that it happened is told.
                Err(_) => {
                    batch.into_effects().0.undo(&self.courier);
                    return Err(Failure::Work(Error::Invalid("the work panicked".to_owned())));
                }
            }
        }
        let (effects, new_book) = batch.into_effects();
        match self.writer.commit() {
            Ok(()) => {
                if let Some(book) = new_book {
                    self.registry.install(book);
                }
                Ok(effects)
            }
            Err(error) => {
                effects.undo(&self.courier);
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
