//! Whether the store takes changes: what monitoring is told, and what ends the process.

use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Why no change was taken the last time, in words that hold no data and no place.
const FULL: &str = "the disk is full";
const FAILED: &str = "the store failed; its log says how";
const BROKEN: &str = "the disk failed to keep what was written; the service has to be started again";

/// What the scribe and the keeper met last. Shared with whoever asks.
#[derive(Debug)]
pub(crate) struct Health {
    failing: Mutex<Failing>,
    broken: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Failing {
    why: Option<&'static str>,
    /// How often the store has failed so far.
    times: u64,
}

impl Default for Health {
    fn default() -> Health {
        Health { failing: Mutex::default(), broken: watch::Sender::new(false) }
    }
}

impl Health {
    fn failing(&self) -> MutexGuard<'_, Failing> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often the store has failed so far.
    pub(super) fn failures(&self) -> u64 {
        self.failing().times
    }

    /// A batch was stored that began after so many failures. Of what failed meanwhile, at another desk, it says
    /// nothing.
    pub(super) fn went_well(&self, failures: u64) {
        let mut failing = self.failing();
        if failing.times == failures {
            failing.why = None;
        }
    }

    /// The store failed to take a batch.
    pub(super) fn failed(&self, error: &crate::Error) {
        let full = matches!(error, crate::Error::Store(store::Error::Full(_)));
        let mut failing = self.failing();
        failing.why = Some(if full { FULL } else { FAILED });
        failing.times += 1;
    }

    /// A sync failed: what the disk holds is not known until the store is opened anew.
    pub(super) fn broke(&self) {
        self.broken.send_replace(true);
    }

    /// Whether a sync has failed.
    pub(super) fn is_broken(&self) -> bool {
        *self.broken.borrow()
    }

    /// Why no change is taken, as far as is known.
    pub(crate) fn trouble(&self) -> Option<&'static str> {
        if self.is_broken() { Some(BROKEN) } else { self.failing().why }
    }

    /// Waits until a sync fails.
    pub(crate) async fn broken(&self) {
        // The sender lives as long as this value.
        drop(self.broken.subscribe().wait_for(|broken| *broken).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_began_before_the_store_failed_does_not_say_that_it_is_well() {
        let health = Health::default();
        let before = health.failures();
        health.failed(&crate::Error::Stopped);
        health.went_well(before);
        assert_eq!(health.trouble(), Some(FAILED));
        health.went_well(health.failures());
        assert_eq!(health.trouble(), None);
    }
}
