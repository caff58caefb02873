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
    failing: Mutex<Option<&'static str>>,
    broken: watch::Sender<bool>,
}

impl Default for Health {
    fn default() -> Health {
        Health { failing: Mutex::default(), broken: watch::Sender::new(false) }
    }
}

impl Health {
    fn failing(&self) -> MutexGuard<'_, Option<&'static str>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A batch was stored.
    pub(super) fn went_well(&self) {
        *self.failing() = None;
    }

    /// The store failed to take a batch.
    pub(super) fn failed(&self, error: &crate::Error) {
        let full = matches!(error, crate::Error::Store(store::Error::Full(_)));
        *self.failing() = Some(if full { FULL } else { FAILED });
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
        if self.is_broken() { Some(BROKEN) } else { *self.failing() }
    }

    /// Waits until a sync fails.
    pub(crate) async fn broken(&self) {
        // The sender lives as long as this value.
        drop(self.broken.subscribe().wait_for(|broken| *broken).await);
    }
}
