//! What the site, the control plane and the link share.

use crate::clock::Clock;
use crate::practice::queue::{Next, Outcome};
use crate::practice::{Practice, PracticeOptions};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The running system.
pub(super) struct Shared {
    room: Mutex<Room>,
    changes: watch::Sender<u64>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) answer_timeout: Duration,
    pub(super) pause: Duration,
    most_attempts: u32,
}

/// What is behind the lock.
pub(super) struct Room {
    pub(super) practice: Practice,
    pub(super) line: LineState,
}

/// The connection to the other side, for whoever asks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LineState {
    /// Where to.
    pub(super) address: Option<SocketAddr>,
    /// It is open.
    pub(super) is_open: bool,
    /// How often it was opened.
    pub(super) connections: u64,
    /// Answers to something other than what was asked.
    pub(super) late_answers: u64,
}

impl Shared {
    pub(super) fn new(mut practice: Practice, options: PracticeOptions) -> Shared {
        practice.faults = options.faults;
        let line = LineState { address: options.feed, ..LineState::default() };
        Shared {
            room: Mutex::new(Room { practice, line }),
            changes: watch::Sender::new(0),
            clock: options.clock,
            answer_timeout: options.answer_timeout,
            pause: options.pause,
            most_attempts: options.most_attempts,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at everything as it is now.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Room) -> R) -> R {
        look(&self.lock())
    }

    /// Does something at the desk, and lets the link know.
    pub(super) fn act<R>(&self, act: impl FnOnce(&mut Practice, Timestamp) -> R) -> R {
        let now = self.clock.now();
        let result = act(&mut self.lock().practice, now);
        self.changed();
        result
    }

    /// Sends to another address from here on, or nowhere.
    pub(super) fn point_at(&self, address: Option<SocketAddr>) {
        self.lock().line.address = address;
        self.changed();
    }

    /// Tells of changes from here on.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.lock().line.address
    }

    /// What the link is to do next.
    pub(super) fn next(&self, now: Instant) -> Next {
        let mut room = self.lock();
        let Practice { queue, faults, .. } = &mut room.practice;
        let was_settled = queue.is_settled();
        let next = queue.next(faults, now);
        // The last message may just have been lost.
        let is_news = queue.is_settled() != was_settled;
        drop(room);
        if is_news {
            self.changed();
        }
        next
    }

    /// Notes how an attempt ended. True when the message is done with.
    pub(super) fn settle(&self, control_id: &str, outcome: Outcome) -> bool {
        let done = self.lock().practice.queue.settle(control_id, outcome, self.most_attempts);
        self.changed();
        done
    }

    /// The line was opened or closed.
    pub(super) fn note_line(&self, is_open: bool) {
        let mut room = self.lock();
        if room.line.is_open != is_open {
            room.line.is_open = is_open;
            room.line.connections += u64::from(is_open);
            drop(room);
            self.changed();
        }
    }

    /// An answer came to something that nobody waits for any more.
    pub(super) fn note_late_answer(&self) {
        self.lock().line.late_answers += 1;
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}
