//! The scribe: the one place where anything is changed.
//!
//! Whoever wants a change hands the scribe a piece of work and waits. The scribe takes all that is waiting, does it in
//! one batch and has the keeper make the batch durable and then tell everybody: natural group commit. A message is
//! acknowledged, a card handed to the courier, a link reported as made only when it is durable.
//!
//! When a batch fails for a reason that lies in one piece of work (a poison record), each piece is tried alone: the
//! rest passes, and only the poison gets the error.

mod batch;
mod desk;
mod effects;
mod health;
mod keeper;
mod work;

pub use batch::Batch;
pub(crate) use desk::Tools;
pub use effects::{Effects, News};
pub(crate) use health::Health;
pub use work::Work;

use crate::{Error, Result, Threads};
use desk::{Desk, Untold};
use keeper::Keeper;
use std::time::{Duration, Instant};
use store::{Hints, Syncer};
use tokio::sync::{mpsc, oneshot};
use work::Job;

/// So many pieces of work may wait; whoever comes then waits to be let in.
const QUEUE: usize = 4096;
/// So many are done in one batch at most, which bounds the memory and the time of a commit.
const LARGEST_BATCH: usize = 512;
/// So many are done in one batch if they are there: a batch has costs of its own.
const SMALLEST_BATCH: usize = 32;

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
pub(crate) fn start(tools: Tools, syncer: Box<dyn Syncer>, threads: Threads) -> std::io::Result<(Scribe, Workplace)> {
    let (queue, mut waiting) = mpsc::channel::<Box<dyn Work>>(QUEUE);
    let (courier, health) = (tools.courier.clone(), tools.health.clone());
    // The databases that processes share answer a commit when it is on their disk.
    let commit_waits = tools.shared;
    let workplace = match threads {
        Threads::Own => {
            let (keeper, keeping) = Keeper::beside(syncer, courier, health)?;
            let mut desk = Desk { tools, keeper, untold: Untold::default() };
            let thread = std::thread::Builder::new().name("scribe".to_owned()).spawn(move || {
                let (mut pieces, mut unhurried) = (Vec::new(), Unhurried::default());
                while waiting.blocking_recv_many(&mut pieces, batch_size(waiting.len(), commit_waits)) > 0 {
                    if commit_waits && unhurried.may_wait(&pieces) {
                        let more = batch_size(waiting.len(), commit_waits).saturating_sub(pieces.len());
                        pieces.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(more));
                    }
                    desk.do_all(std::mem::take(&mut pieces), &|| waiting.is_empty());
                }
                drop(desk);
                if keeping.join().is_err() {
                    tracing::error!("the keeper panicked");
                }
            })?;
            Workplace::Thread(thread)
        }
        Threads::None => {
            let keeper = Keeper::inline(syncer, courier, health);
            let mut desk = Desk { tools, keeper, untold: Untold::default() };
            Workplace::Task(tokio::spawn(async move {
                let mut pieces = Vec::new();
                while waiting.recv_many(&mut pieces, batch_size(waiting.len(), commit_waits)).await > 0 {
                    desk.do_all(std::mem::take(&mut pieces), &|| true);
                }
            }))
        }
    };
    Ok((Scribe { queue }, workplace))
}

/// Messages that are acknowledged already wait for each other: one batch for several costs less than one for each.
#[derive(Default)]
struct Unhurried {
    last: Option<Instant>,
}

/// So long after one batch of such messages the next begins.
const PACE: Duration = Duration::from_millis(4);

impl Unhurried {
    /// Lets a moment pass when nobody waits for these pieces and the batch before was just now; whether it did.
    fn may_wait(&mut self, pieces: &[Box<dyn Work>]) -> bool {
        if pieces.len() >= SMALLEST_BATCH || !pieces.iter().all(|piece| piece.nobody_waits()) {
            self.last = None;
            return false;
        }
        let left = self.last.and_then(|last| PACE.checked_sub(last.elapsed())).filter(|left| !left.is_zero());
        if let Some(left) = left {
            std::thread::sleep(left);
        }
        self.last = Some(Instant::now());
        left.is_some()
    }
}

/// Half of what is waiting: while the disk is at one half, the scribe is at the other. All of it where a commit waits
/// for the disk itself.
fn batch_size(waiting: usize, commit_waits: bool) -> usize {
    let share = if commit_waits { waiting } else { waiting / 2 };
    share.clamp(SMALLEST_BATCH, LARGEST_BATCH)
}
