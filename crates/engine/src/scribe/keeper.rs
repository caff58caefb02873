//! The keeper: makes batches durable beside the scribe and only then tells everybody.
//!
//! While the disk is at one batch, the scribe works at the next. When nothing else waits, the scribe lets the disk work
//! at once instead, which spares a lone message the way over another thread.

use crate::deliver::CourierHandle;
use crate::scribe::{Effects, Health, Work};
use crate::{Error, Result};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use store::Syncer;

/// So many batches may wait for the disk; then the scribe waits for it.
const BACKLOG: usize = 16;

/// A batch of so few pieces, with nothing behind it, is not worth the way over the thread.
const FEW: usize = 2;

/// A batch that is committed and not yet told of.
pub(super) struct Committed {
    pub(super) pieces: Vec<Box<dyn Work>>,
    pub(super) effects: Effects,
}

/// The scribe's side.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    /// To the thread; none where everything happens on one.
    queue: Option<mpsc::SyncSender<Committed>>,
}

struct Shared {
    courier: CourierHandle,
    /// Batches handed to the thread and not yet told of.
    under_way: AtomicUsize,
    syncer: Mutex<Box<dyn Syncer>>,
    /// Once the disk has failed, what it holds is not known until the store is opened anew.
    health: Arc<Health>,
}

/// The keeper's thread, to see it end.
pub(super) type KeeperThread = std::thread::JoinHandle<()>;

impl Keeper {
    /// A keeper that works on the scribe's own thread.
    pub(super) fn inline(syncer: Box<dyn Syncer>, courier: CourierHandle, health: Arc<Health>) -> Keeper {
        let (under_way, syncer) = (AtomicUsize::new(0), Mutex::new(syncer));
        Keeper { shared: Arc::new(Shared { courier, under_way, syncer, health }), queue: None }
    }

    /// A keeper with a thread of its own. The thread ends with this value, after all batches.
    pub(super) fn beside(
        syncer: Box<dyn Syncer>,
        courier: CourierHandle,
        health: Arc<Health>,
    ) -> std::io::Result<(Keeper, KeeperThread)> {
        let mut keeper = Keeper::inline(syncer, courier, health);
        let (queue, waiting) = mpsc::sync_channel(BACKLOG);
        keeper.queue = Some(queue);
        let shared = keeper.shared.clone();
        let thread = std::thread::Builder::new().name("keeper".to_owned()).spawn(move || {
            let mut batches = Vec::with_capacity(BACKLOG);
            while let Ok(first) = waiting.recv() {
                batches.push(first);
                batches.extend(waiting.try_iter().take(BACKLOG));
                let count = batches.len();
                shared.keep(batches.drain(..));
                shared.under_way.fetch_sub(count, Ordering::Release);
            }
        })?;
        Ok((keeper, thread))
    }

    /// An error when the disk has failed before: then nothing may be promised any more.
    pub(super) fn check(&self) -> Result<()> {
        if self.shared.health.is_broken() { Err(broken()) } else { Ok(()) }
    }

    /// Makes a batch durable and tells everybody: here, when it is small, `alone`, and nothing is under way, else
    /// beside.
    pub(super) fn keep(&self, batch: Committed, alone: bool) {
        let alone = alone && batch.pieces.len() <= FEW;
        match &self.queue {
            Some(queue) if !alone || self.shared.under_way.load(Ordering::Acquire) > 0 => {
                self.shared.under_way.fetch_add(1, Ordering::Relaxed);
                if let Err(mpsc::SendError(batch)) = queue.send(batch) {
                    // The thread is gone, which only a panic does.
                    self.shared.keep([batch].into_iter());
                }
            }
            _ => self.shared.keep([batch].into_iter()),
        }
    }
}

impl Shared {
    fn syncer(&self) -> MutexGuard<'_, Box<dyn Syncer>> {
        self.syncer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, batches: impl Iterator<Item = Committed>) {
        let outcome = if self.health.is_broken() { Err(broken()) } else { self.sync() };
        for batch in batches {
            for piece in batch.pieces {
                piece.finish(if outcome.is_ok() { Ok(()) } else { Err(broken()) });
            }
            match outcome {
                Ok(()) => batch.effects.take_effect(&self.courier),
                Err(_) => batch.effects.undo(&self.courier),
            }
        }
    }

    fn sync(&self) -> Result<()> {
        self.syncer().sync().map_err(|error| {
            // A disk that failed to sync may have dropped what it was to write and say nothing the next time.
            self.health.broke();
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the disk failed to keep a batch; nothing is taken any more until the service is started again"
            );
            Error::Store(error)
        })
    }
}

fn broken() -> Error {
    let why = "the disk failed to keep a batch; look at the disk, then start the service again";
    Error::Store(store::Error::Unavailable(why.into()))
}
