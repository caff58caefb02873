//! The scribe: the one place where anything is changed.
//!
//! Whoever wants a change hands the scribe a piece of work and waits. The scribe takes all that is waiting, does it in
//! one batch and has the keeper make the batch durable and then tell everybody: natural group commit. A message is
//! acknowledged, a card handed to the courier, a link reported as made only when it is durable.
//!
//! On a store that several processes may change, the scribe has a second desk, which takes messages whose senders wait:
//! while the database is at one desk's batch, a decision is made at the other. The desks are to each other what two
//! processes on the store are, and meet in its locks.
//!
//! When a batch fails for a reason that lies in one piece of work (a poison record), each piece is tried alone: the
//! rest passes, and only the poison gets the error.

mod batch;
mod desk;
mod effects;
mod health;
mod keeper;
mod pace;
mod work;

pub use batch::Batch;
pub(crate) use desk::Tools;
pub use effects::{Effects, News};
pub(crate) use health::Health;
pub use work::Work;

use crate::ingest::Line;
use crate::{Error, Result, Threads};
use desk::Desk;
use std::sync::Arc;
use store::{Hints, Syncer};
use tokio::sync::{mpsc, oneshot};
use work::Job;

/// So many pieces of work may wait at a desk; whoever comes then waits to be let in.
const QUEUE: usize = 4096;

/// Work that waits at a desk.
type Waiting = mpsc::Receiver<Box<dyn Work>>;

/// Hands work to the scribe.
#[derive(Clone)]
pub struct Scribe {
    desks: Arc<[mpsc::Sender<Box<dyn Work>>]>,
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

    /// Hands work in without waiting for it to be done. Pieces handed in one after another are done in that order.
    pub async fn submit(&self, work: Box<dyn Work>) -> Result<()> {
        self.submit_to(0, work).await
    }

    /// The same of a message whose sender waits: in the order of its line only.
    pub(crate) async fn submit_in_line(&self, line: Line, work: Box<dyn Work>) -> Result<()> {
        self.submit_to(line.number as usize % self.desks.len(), work).await
    }

    async fn submit_to(&self, desk: usize, work: Box<dyn Work>) -> Result<()> {
        let desk = self.desks.get(desk).ok_or(Error::Stopped)?;
        desk.send(work).await.map_err(|_| Error::Stopped)
    }
}

/// Where the scribe works; awaited to see it end.
pub(crate) enum Workplace {
    /// On threads of its own, one for each desk.
    Threads(Vec<std::thread::JoinHandle<()>>),
    /// On the runtime, as a task.
    Task(tokio::task::JoinHandle<()>),
}

impl Workplace {
    /// Waits until the scribe has ended; whether it ended well.
    pub(crate) async fn ended(self) -> bool {
        match self {
            Workplace::Threads(threads) => {
                let all =
                    move || threads.into_iter().map(|thread| thread.join().is_ok()).fold(true, |all, one| all & one);
                matches!(tokio::task::spawn_blocking(all).await, Ok(true))
            }
            Workplace::Task(task) => task.await.is_ok(),
        }
    }
}

/// Starts the scribe with the tools for each desk: `first`, and one more where that helps. It ends when every handle is
/// gone and all work is done.
pub(crate) fn start(
    first: (Tools, Box<dyn Syncer>),
    second: Option<(Tools, Box<dyn Syncer>)>,
    threads: Threads,
) -> std::io::Result<(Scribe, Workplace)> {
    if threads == Threads::None {
        let (tools, syncer) = first;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(Desk::inline(tools, syncer).work_as_task(waiting));
        return Ok((Scribe { desks: Arc::new([queue]) }, Workplace::Task(task)));
    }
    let (mut desks, mut places) = (Vec::new(), Vec::new());
    let names = ["scribe", "scribe-2"];
    for (name, (tools, syncer)) in names.into_iter().zip([Some(first), second].into_iter().flatten()) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        desks.push(queue);
        places.push(Desk::seated(name, tools, syncer, waiting)?);
    }
    Ok((Scribe { desks: desks.into() }, Workplace::Threads(places)))
}
