//! What this process has acknowledged and not decided on yet.

use domain::ids::EnvelopeId;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Messages between their acknowledgement and their decision. Empty nearly always.
#[derive(Debug)]
pub(crate) struct UnderWay {
    kept: Mutex<BTreeSet<EnvelopeId>>,
    /// Messages whose senders wait until they are decided on.
    awaited: AtomicUsize,
    changed: watch::Sender<()>,
}

impl Default for UnderWay {
    fn default() -> UnderWay {
        UnderWay { kept: Mutex::default(), awaited: AtomicUsize::new(0), changed: watch::Sender::new(()) }
    }
}

impl UnderWay {
    fn kept(&self) -> MutexGuard<'_, BTreeSet<EnvelopeId>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, envelope: EnvelopeId) {
        self.kept().insert(envelope);
    }

    fn end(&self, envelope: EnvelopeId) {
        self.kept().remove(&envelope);
        self.changed.send_replace(());
    }

    /// How many messages there are whose senders wait until they are decided on.
    pub(super) fn awaited(&self) -> usize {
        self.awaited.load(Ordering::Relaxed)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.kept().len()
    }

    /// Whether it is in this process's hands.
    pub(super) fn has(&self, envelope: EnvelopeId) -> bool {
        self.kept().contains(&envelope)
    }

    /// Waits until all that is acknowledged by now is decided on.
    pub(crate) async fn settled(&self) {
        let Some(last) = self.kept().last().copied() else { return };
        let mut changed = self.changed.subscribe();
        while self.kept().first().is_some_and(|first| *first <= last) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }
}

/// A message that this process has in hand: from before it is kept until it is decided on, or until whoever handed it
/// in is gone and it is left to whoever looks for what was left behind.
pub(super) struct InHand {
    under_way: Arc<UnderWay>,
    envelope: EnvelopeId,
}

impl InHand {
    pub(super) fn new(under_way: Arc<UnderWay>, envelope: EnvelopeId) -> InHand {
        under_way.begin(envelope);
        InHand { under_way, envelope }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.under_way.end(self.envelope);
    }
}

/// Somebody waits until a message is decided on.
pub(super) struct Awaited(Arc<UnderWay>);

impl Awaited {
    pub(super) fn new(under_way: Arc<UnderWay>) -> Awaited {
        under_way.awaited.fetch_add(1, Ordering::Relaxed);
        Awaited(under_way)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.awaited.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_waits_for_what_was_there_and_not_for_what_comes_later() {
        let under_way = Arc::new(UnderWay::default());
        under_way.settled().await;
        let [first, second] = [1, 2].map(|id| InHand::new(under_way.clone(), EnvelopeId(id)));
        let waiting = tokio::spawn({
            let under_way = under_way.clone();
            async move { under_way.settled().await }
        });
        tokio::task::yield_now().await;
        let third = InHand::new(under_way.clone(), EnvelopeId(3));
        drop(second);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished(), "the first is still undecided");
        drop(first);
        waiting.await.unwrap();
        assert!(under_way.has(EnvelopeId(3)));
        assert_eq!(under_way.count(), 1);
        drop(third);
        assert_eq!(under_way.count(), 0);
    }
}
