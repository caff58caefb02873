//! Moving the write-ahead log into the database beside the writer.
//!
//! SQLite's automatic checkpoint runs inside a commit, and everybody who waits for that commit waits for thousands of
//! pages to be copied. Here a thread of its own copies them while the writer goes on: little by little, because a disk
//! that is given much at once lets the writer's next sync wait until all of it is written.
//!
//! Once the log is long, it is to begin anew, which it can when all of it is copied. What the writer adds meanwhile the
//! thread copies in further passes, and while it does, the writer pauses a little before each batch, so that every pass
//! has less to do than the one before. The last few pages the writer copies itself between two batches.
//!
//! On a disk that is nearly full the log begins anew much sooner and gives its room back, see [`Room`].

use crate::sqlite::SqliteOptions;
use crate::sqlite::room::Room;
use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// So many pages are copied at once.
const PORTION: u32 = 4000;
/// Passes of the thread before the writer does the rest, whatever it is.
const PASSES: usize = 12;
/// A rest of so many pages the writer copies in less time than one durable commit takes.
const SMALL_REST: u32 = 200;
/// So many pages are copied, and the log begins anew, where the disk has little room.
const SHORT: u32 = 256;
/// How long the writer waits for readers before the log gives its room back: they are as short of it.
const FOR_READERS: Duration = Duration::from_millis(100);
/// What the writer waits before a batch while the thread catches up. Those who wait for the batch gather meanwhile.
const PAUSE: Duration = Duration::from_millis(2);

/// The log is short enough.
const IDLE: u8 = 0;
/// The thread copies what is in the log.
const COPYING: u8 = 1;
/// The thread copies what was added while it copied.
const CATCHING_UP: u8 = 2;
/// Only little is left: it is the writer's turn.
const FINISHING: u8 = 3;

/// What writer and thread tell each other.
pub(super) struct Checkpoints {
    /// Pages in the log at which it shall begin anew, where there is room.
    threshold: u32,
    room: Room,
    /// What the writer's connection waits for others otherwise.
    patience: Duration,
    /// Pages of the log that are copied.
    copied: AtomicU32,
    /// Pages in the log after the last commit.
    in_log: AtomicU32,
    /// How far the round has come.
    stage: AtomicU8,
    orders: Mutex<Orders>,
    called: Condvar,
}

#[derive(Default)]
struct Orders {
    due: bool,
    stop: bool,
}

impl Checkpoints {
    fn new(threshold: u32, room: Room, patience: Duration) -> Checkpoints {
        Checkpoints {
            threshold,
            room,
            patience,
            copied: AtomicU32::new(0),
            in_log: AtomicU32::new(0),
            stage: AtomicU8::new(IDLE),
            orders: Mutex::default(),
            called: Condvar::new(),
        }
    }

    /// Pages in the log at which it shall begin anew.
    fn longest(&self) -> u32 {
        if self.room.is_short() { SHORT.min(self.threshold) } else { self.threshold }
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A commit left the log with so many pages.
    pub(super) fn grown(&self, pages: u32) {
        if pages < self.in_log.swap(pages, Ordering::AcqRel) {
            self.copied.store(0, Ordering::Release);
        }
        self.room.log_has(pages);
        let rest = pages.saturating_sub(self.copied.load(Ordering::Acquire));
        if rest >= PORTION.min(self.longest()) && self.stage.load(Ordering::Acquire) == IDLE {
            self.stage.store(COPYING, Ordering::Release);
            self.orders().due = true;
            self.called.notify_one();
        }
    }

    /// Between two batches of the writer: gives the thread time, or copies the rest that it left.
    pub(super) fn before_batch(&self, connection: &Connection) {
        match self.stage.load(Ordering::Acquire) {
            CATCHING_UP => std::thread::sleep(PAUSE),
            FINISHING => {
                if self.room.is_short() {
                    self.give_back(connection);
                } else {
                    copy(connection);
                }
                self.stage.store(IDLE, Ordering::Release);
            }
            _ => {}
        }
    }

    /// The disk had no room for a batch: gives back what the log has of it.
    pub(super) fn make_room(&self, connection: &Connection) {
        self.room.look();
        self.give_back(connection);
    }

    /// Moves all of the log and makes its file empty, unless somebody reads from it for longer than is waited.
    fn give_back(&self, connection: &Connection) {
        let moved = connection
            .busy_timeout(FOR_READERS)
            .and_then(|()| connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::TRUNCATE));
        let patient = connection.busy_timeout(self.patience);
        if let Err(error) = moved.and(patient) {
            // Nothing is lost: the log keeps the pages, and there is a next time.
            tracing::debug!(%error, "the write-ahead log could not give its room back yet");
        }
    }

    /// The thread's part of a round; the stage that comes then.
    fn move_log(&self, connection: &Connection) -> u8 {
        for pass in 1..=PASSES {
            let Some(copied) = copy(connection) else { return IDLE };
            self.copied.store(copied, Ordering::Release);
            // SQLite tells what was in the log when it began to copy; the writer has gone on since.
            let in_log = self.in_log.load(Ordering::Acquire);
            let rest = in_log.saturating_sub(copied);
            tracing::trace!(pass, copied, rest, "moved the write-ahead log");
            if in_log < self.longest() {
                return IDLE;
            }
            if rest <= SMALL_REST {
                break;
            }
            self.stage.store(CATCHING_UP, Ordering::Release);
        }
        FINISHING
    }
}

/// Copies what can be copied without waiting for anybody; how many pages of the log are copied by now, if all is well.
fn copy(connection: &Connection) -> Option<u32> {
    match connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE) {
        Ok((_, copied)) => u32::try_from(copied).ok(),
        Err(error) => {
            // Nothing is lost: the log keeps the pages, and a later commit calls again.
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
    pub(super) fn start(connection: Connection, options: &SqliteOptions, room: Room) -> std::io::Result<Checkpointer> {
        let shared = Arc::new(Checkpoints::new(options.checkpoint_pages, room, options.busy_timeout));
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
        orders.due = false;
        drop(orders);
        let next = shared.move_log(connection);
        shared.stage.store(next, Ordering::Release);
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
