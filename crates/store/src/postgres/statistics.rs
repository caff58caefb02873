//! The planner's statistics of a new database.
//!
//! Statements keep the plan they were first given. Where the tables were empty then, an index that leads to the row and
//! one that leads to all rows of the practice look the same to the planner, and the wrong one costs more with every
//! row. The server gathers statistics by itself, a minute later; a backfill has written a hundred thousand rows by
//! then. So the first process to fill a new database has them gathered as soon as there is something to see.

use crate::postgres::connection::Way;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// After so many changes of visits statistics are gathered, if there were none when the store was opened: one look
/// suffices for the plans, the second one is for the sizes.
const AFTER: [u64; 2] = [1_000, 30_000];

/// Whether there are none yet.
pub(super) const NONE_YET: &str = "SELECT reltuples < 1000 FROM pg_class WHERE oid = to_regclass('appointment')::oid";

const GATHER: &str = "ANALYZE appointment, participant, patient, account, entry, envelope, control, wait, timer, stop, \
    cause, outbox, tally";

/// Counts what is written to a new database.
#[derive(Default)]
pub(super) struct Statistics {
    /// Changes of visits since the store was opened.
    changes: AtomicU64,
    wanted: AtomicBool,
}

impl Statistics {
    /// There are none yet.
    pub(super) fn want(&self) {
        self.wanted.store(true, Ordering::Relaxed);
    }

    /// So many visits were changed; whether it is time to gather.
    pub(super) fn count(&self, changes: u64) -> bool {
        if !self.wanted.load(Ordering::Relaxed) {
            return false;
        }
        let before = self.changes.fetch_add(changes, Ordering::Relaxed);
        AFTER.iter().any(|mark| before < *mark && before + changes >= *mark)
    }
}

/// Gathers statistics, on a connection of its own.
pub(super) async fn gather(way: Way) {
    let gathering = async {
        let (client, connection) = way.open(None).await?;
        let asking = async {
            client.batch_execute(GATHER).await?;
            drop(client);
            Ok::<(), tokio_postgres::Error>(())
        };
        futures_util::future::join(connection, asking).await.1
    };
    if let Err(error) = gathering.await {
        // The server will do it by itself.
        tracing::debug!(error = %crate::postgres::error::store_error(error), "no statistics were gathered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_passed_once() {
        let statistics = Statistics::default();
        assert!(!statistics.count(2_000), "there are some");
        statistics.want();
        let passed: Vec<bool> = [999, 1, 0, 5, 40_000, 40_000].map(|changes| statistics.count(changes)).into();
        assert_eq!(passed, [false, true, false, false, true, false]);
    }
}
