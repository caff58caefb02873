//! How many pieces are done at a time, and how soon after those before.

use crate::scribe::Work;
use std::time::{Duration, Instant};

/// So many are done in one batch at most, which bounds the memory and the time of a commit.
const LARGEST_BATCH: usize = 512;
/// So many are done in one batch if they are there: a batch has costs of its own.
const SMALLEST_BATCH: usize = 32;

/// Messages that are acknowledged already wait for each other: one batch for several costs less than one for each.
#[derive(Default)]
pub(super) struct Unhurried {
    last: Option<Instant>,
}

/// So long after one batch of such messages the next begins.
const PACE: Duration = Duration::from_millis(4);

impl Unhurried {
    /// Lets a moment pass when nobody waits for these pieces and the batch before was just now; whether it did.
    pub(super) fn may_wait(&mut self, pieces: &[Box<dyn Work>]) -> bool {
        if pieces.len() >= SMALLEST_BATCH || !pieces.iter().all(|piece| piece.nobody_waits()) {
            self.last = None;
            return false;
        }
        let left = self.last.and_then(|last| PACE.checked_sub(last.elapsed())).filter(|left| !left.is_zero());
        if let Some(left) = left {
            std::thread::sleep(left);
        }
        self.last = Some(Instant::now());
        left.is_some()
    }
}

/// Half of what is waiting: while the disk is at one half, the scribe is at the other. All of it where a commit waits
/// for the disk itself.
pub(super) fn batch_size(waiting: usize, commit_waits: bool) -> usize {
    let share = if commit_waits { waiting } else { waiting / 2 };
    share.clamp(SMALLEST_BATCH, LARGEST_BATCH)
}
