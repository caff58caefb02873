//! Moving the write-ahead log into the database beside the writer.
//!
//! SQLite's automatic checkpoint runs inside a commit, and everybody who waits for that commit waits for thousands of
//! pages to be copied. Here a thread of its own copies them while the writer goes on. What the writer added meanwhile
//! is little; it moves that itself between two batches, upon which the log starts from its beginning again and does not
//! grow.

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Passes of the thread before the writer does the rest; each leaves about a third of the one before.
const PASSES: usize = 4;
/// A rest of so many pages the writer copies in less time than one durable commit takes.
const SMALL_REST: i32 = 200;
/// The log may be so many times longer than wished when the thread falls behind; then the writer waits for it.
const PATIENCE: u32 = 16;

/// What writer and thread tell each other.
#[derive(Default)]
pub(super) struct Checkpoints {
    /// Pages in the log at which copying begins.
    threshold: u32,
    orders: Mutex<Orders>,
    called: Condvar,
    /// Only little is left: the writer shall finish.
    finish: AtomicBool,
}

#[derive(Default)]
struct Orders {
    due: bool,
    stop: bool,
}

impl Checkpoints {
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A commit left the log with so many pages.
    pub(super) fn grown(&self, pages: u32) {
        if pages < self.threshold {
            return;
        }
        if pages >= self.threshold.saturating_mul(PATIENCE) {
            self.finish.store(true, Ordering::Release);
        }
        let mut orders = self.orders();
        if !orders.due {
            orders.due = true;
            self.called.notify_one();
        }
    }

    /// Between two batches of the writer: copies the rest, if the thread left one.
    pub(super) fn finish(&self, connection: &Connection) {
        if self.finish.load(Ordering::Acquire) && self.finish.swap(false, Ordering::AcqRel) {
            copy(connection);
        }
    }
}

/// Copies what can be copied without waiting for anybody; how many pages are left, if that is known.
fn copy(connection: &Connection) -> Option<i32> {
    match connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE) {
        Ok((in_log, copied)) => Some(in_log - copied),
        Err(error) => {
            // Nothing is lost: the log keeps the pages, and the next commit calls again.
            tracing::warn!(%error, "the write-ahead log could not be moved into the database");
            None
        }
    }
}

/// The thread that copies.
pub(super) struct Checkpointer {
    pub(super) shared: Arc<Checkpoints>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread with a connection of its own.
    pub(super) fn start(connection: Connection, threshold: u32) -> std::io::Result<Checkpointer> {
        let shared = Arc::new(Checkpoints { threshold, ..Checkpoints::default() });
        let seen = shared.clone();
        let thread =
            std::thread::Builder::new().name("checkpointer".to_owned()).spawn(move || run(&connection, &seen))?;
        Ok(Checkpointer { shared, thread: Some(thread) })
    }
}

fn run(connection: &Connection, shared: &Checkpoints) {
    loop {
        let mut orders = shared.orders();
        while !orders.due && !orders.stop {
            orders = shared.called.wait(orders).unwrap_or_else(PoisonError::into_inner);
        }
        if orders.stop {
            return;
        }
        drop(orders);
        let rest = (0..PASSES).map_while(|_| copy(connection)).find(|rest| *rest <= SMALL_REST);
        tracing::trace!(?rest, "moved the write-ahead log");
        shared.finish.store(true, Ordering::Release);
        shared.orders().due = false;
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.shared.orders().stop = true;
        self.shared.called.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpointer panicked");
        }
    }
}
