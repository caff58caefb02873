//! What can go wrong with a store, each once and at a foreseen place.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Something that goes wrong with one process's store, or with the process while it uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// Somebody else holds it: a batch cannot begin.
    Busy,
    /// The disk is full: a change in the middle of a batch fails.
    Full,
    /// A commit fails; nothing of the batch is there.
    CommitFails,
    /// Another process changed the same rows first: a commit fails, and trying again at once helps.
    Overtaken,
    /// A commit happens and its answer is lost.
    AnswerLost,
    /// The disk fails to sync.
    SyncFails,
    /// The process dies in the middle of a batch.
    CrashInBatch,
    /// It dies right before a commit.
    CrashBeforeCommit,
    /// It dies after a commit and before the sync, and the machine keeps what was written.
    CrashBeforeSync,
    /// The same, and the machine loses its power: what was not synced is gone.
    PowerLossBeforeSync,
    /// It dies right after a sync, before anybody hears of it.
    CrashAfterSync,
}

/// Where a process is when a fault may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Begin,
    Change,
    Commit,
    AfterCommit,
    Sync,
    AfterSync,
}

impl StoreFault {
    /// All of them.
    pub const ALL: [StoreFault; 11] = [
        StoreFault::Busy,
        StoreFault::Full,
        StoreFault::CommitFails,
        StoreFault::Overtaken,
        StoreFault::AnswerLost,
        StoreFault::SyncFails,
        StoreFault::CrashInBatch,
        StoreFault::CrashBeforeCommit,
        StoreFault::CrashBeforeSync,
        StoreFault::PowerLossBeforeSync,
        StoreFault::CrashAfterSync,
    ];

    const fn place(self) -> Place {
        match self {
            StoreFault::Busy => Place::Begin,
            StoreFault::Full | StoreFault::CrashInBatch => Place::Change,
            StoreFault::CommitFails | StoreFault::Overtaken | StoreFault::CrashBeforeCommit => Place::Commit,
            StoreFault::AnswerLost | StoreFault::CrashBeforeSync | StoreFault::PowerLossBeforeSync => {
                Place::AfterCommit
            }
            StoreFault::SyncFails => Place::Sync,
            StoreFault::CrashAfterSync => Place::AfterSync,
        }
    }

    /// What was written may be lost with it.
    pub const fn may_lose(self) -> bool {
        matches!(self, StoreFault::PowerLossBeforeSync | StoreFault::SyncFails)
    }

    /// The process dies of it.
    pub const fn kills(self) -> bool {
        matches!(
            self,
            StoreFault::CrashInBatch
                | StoreFault::CrashBeforeCommit
                | StoreFault::CrashBeforeSync
                | StoreFault::PowerLossBeforeSync
                | StoreFault::CrashAfterSync
        )
    }
}

/// Faults that wait for their place.
#[derive(Default)]
pub struct Arms(Mutex<Vec<(StoreFault, u32)>>);

impl Arms {
    fn waiting(&self) -> MutexGuard<'_, Vec<(StoreFault, u32)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault strikes when its place has been passed so many times.
    pub fn arm(&self, fault: StoreFault, after: u32) {
        self.waiting().push((fault, after));
    }

    /// Nothing more goes wrong.
    pub fn disarm(&self) {
        self.waiting().clear();
    }

    /// The process is at a place: what strikes, if anything.
    pub(super) fn strike(&self, place: Place) -> Option<StoreFault> {
        let mut waiting = self.waiting();
        let mut struck = None;
        for (at, (fault, after)) in waiting.iter_mut().enumerate().filter(|(_, (fault, _))| fault.place() == place) {
            if *after > 0 {
                *after -= 1;
            } else if struck.is_none() {
                struck = Some((at, *fault));
            }
        }
        let (at, fault) = struck?;
        waiting.remove(at);
        Some(fault)
    }
}
