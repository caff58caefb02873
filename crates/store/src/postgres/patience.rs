//! Patience with a server that takes questions and does not answer them.
//!
//! A network that loses everything is noticed by the system, which hears no acknowledgement. A server that stands
//! still, or something on the way that goes on acknowledging for it, is noticed by nobody but whoever waits for the
//! answer. A session says which connection it is going to wait for; when the answer takes too long, the connection is
//! cut, and waiting ends with that.

use std::cell::RefCell;
use std::time::{Duration, Instant};
use tokio::task::AbortHandle;

thread_local! {
    /// The connection that this thread waits for, if its patience has an end.
    static ATTENDED: RefCell<Option<Patience>> = const { RefCell::new(None) };
}

/// How long answers of one connection are waited for.
#[derive(Clone)]
pub(super) struct Patience {
    /// The task that moves the connection's bytes.
    driver: AbortHandle,
    limit: Duration,
}

impl Patience {
    pub(super) fn new(driver: AbortHandle, limit: Duration) -> Patience {
        Patience { driver, limit }
    }

    /// From now on this thread waits for this connection.
    pub(super) fn attend(&self) {
        ATTENDED.set(Some(self.clone()));
    }

    /// From now on this thread waits as long as it takes: for changes of the schema, say.
    pub(super) fn attend_nobody() {
        ATTENDED.set(None);
    }
}

/// One wait for an answer.
pub(super) struct Wait {
    began: Instant,
    patience: Option<Patience>,
}

impl Wait {
    pub(super) fn begin() -> Wait {
        Wait { began: Instant::now(), patience: ATTENDED.with_borrow(Clone::clone) }
    }

    /// Parks this thread until something happens, or cuts the connection when that took too long.
    pub(super) fn park(&mut self) {
        let Some(patience) = &self.patience else { return std::thread::park() };
        let left = patience.limit.saturating_sub(self.began.elapsed());
        if !left.is_zero() {
            return std::thread::park_timeout(left);
        }
        tracing::warn!(seconds = patience.limit.as_secs(), "the database did not answer; the connection is cut");
        // Whoever waits for an answer of this connection hears that it is closed.
        patience.driver.abort();
        self.patience = None;
    }
}
