//! Time: one true time for the world, and a clock for each process that may be wrong.

use domain::time::Moment;
use engine::ports::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The world's own time, in whole milliseconds since its beginning. It goes with the runtime's paused time, except for
/// what passes there while everything that is ready is worked off.
pub struct WorldTime {
    began: Instant,
    base: Moment,
    outside_us: AtomicI64,
}

impl WorldTime {
    /// Time that begins at `base`.
    pub fn from(base: Moment) -> Arc<WorldTime> {
        Arc::new(WorldTime { began: Instant::now(), base, outside_us: AtomicI64::new(0) })
    }

    /// Microseconds since the beginning.
    fn passed_us(&self) -> i64 {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        passed - self.outside_us.load(Ordering::Relaxed)
    }

    /// Milliseconds since the beginning.
    pub fn millis(&self) -> u64 {
        u64::try_from(self.passed_us() / 1000).unwrap_or(0)
    }

    /// The true time.
    pub fn now(&self) -> Moment {
        Moment::from_micros(self.base.micros() + self.passed_us())
    }

    /// The true time at so many milliseconds.
    pub fn at(&self, millis: u64) -> Moment {
        self.base.plus_millis(i64::try_from(millis).unwrap_or(i64::MAX / 2000))
    }

    /// Works off everything that is ready: the paused runtime lets its time pass only when nobody has anything left to
    /// do. In the world no time passes.
    pub async fn settle(&self) {
        let before = Instant::now();
        tokio::time::sleep(Duration::from_millis(1)).await;
        let passed = i64::try_from(before.elapsed().as_micros()).unwrap_or(0);
        self.outside_us.fetch_add(passed, Ordering::Relaxed);
    }

    /// Lets time pass up to so many milliseconds since the beginning.
    pub async fn pass_until(&self, millis: u64) {
        let wait = millis.saturating_sub(self.millis());
        if wait > 0 {
            tokio::time::advance(Duration::from_millis(wait)).await;
        }
    }
}

/// The clock of one process: true time, and how wrong it is.
pub struct ProcessClock {
    time: Arc<WorldTime>,
    wrong_ms: AtomicI64,
}

impl ProcessClock {
    /// A clock that is right.
    pub fn right(time: Arc<WorldTime>) -> Arc<ProcessClock> {
        Arc::new(ProcessClock { time, wrong_ms: AtomicI64::new(0) })
    }

    /// Somebody sets it forward or back by so much.
    pub fn jump(&self, by_ms: i64) {
        self.wrong_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// Somebody sets it right.
    pub fn set_right(&self) {
        self.wrong_ms.store(0, Ordering::Relaxed);
    }

    /// How far it is ahead of the true time.
    pub fn ahead_ms(&self) -> i64 {
        self.wrong_ms.load(Ordering::Relaxed)
    }
}

impl Clock for ProcessClock {
    fn now(&self) -> Moment {
        self.time.now().plus_millis(self.ahead_ms())
    }
}
