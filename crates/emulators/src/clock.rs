//! Time as an argument: a twin asks a [`Clock`] what time it is.

use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The instant that is now.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock, for demos.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others are handed")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Debug)]
pub struct SetClock {
    now: Mutex<Timestamp>,
}

impl SetClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> SetClock {
        SetClock { now: Mutex::new(now) }
    }

    /// Makes the clock show `now`.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(*now);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that runs like another, or stands still where it was set, and can be moved: what a twin's control plane
/// works on.
pub struct TwinClock {
    base: Arc<dyn Clock>,
    mode: Mutex<Mode>,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Runs { ahead: jiff::SignedDuration },
    Stands { at: Timestamp },
}

impl TwinClock {
    /// A clock that runs like `base`.
    #[must_use]
    pub fn like(base: Arc<dyn Clock>) -> TwinClock {
        TwinClock { base, mode: Mutex::new(Mode::Runs { ahead: jiff::SignedDuration::ZERO }) }
    }

    fn mode(&self) -> std::sync::MutexGuard<'_, Mode> {
        self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stands still at `now` from here on.
    pub fn stop_at(&self, now: Timestamp) {
        *self.mode() = Mode::Stands { at: now };
    }

    /// Runs on from the time it shows.
    pub fn run(&self) {
        let now = self.now();
        *self.mode() = Mode::Runs { ahead: now.duration_since(self.base.now()) };
    }

    /// Moves on by so many seconds, running or not.
    pub fn advance(&self, seconds: i64) {
        let by = jiff::SignedDuration::from_secs(seconds);
        let mut mode = self.mode();
        *mode = match *mode {
            Mode::Runs { ahead } => Mode::Runs { ahead: ahead.saturating_add(by) },
            Mode::Stands { at } => Mode::Stands { at: at.saturating_add(by).unwrap_or(at) },
        };
    }

    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        matches!(*self.mode(), Mode::Runs { .. })
    }
}

impl Clock for TwinClock {
    fn now(&self) -> Timestamp {
        match *self.mode() {
            Mode::Runs { ahead } => {
                let now = self.base.now();
                now.saturating_add(ahead).unwrap_or(now)
            }
            Mode::Stands { at } => at,
        }
    }
}

impl std::fmt::Debug for TwinClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwinClock").field("mode", &*self.mode()).finish_non_exhaustive()
    }
}
