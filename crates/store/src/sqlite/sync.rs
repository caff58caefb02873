//! Making batches durable: syncing the write-ahead log beside the writer.
//!
//! With `synchronous=FULL` SQLite syncs the log inside each commit, and the writer waits for the disk. Here the
//! writer's commits only append to the log, and what stands in the log is synced by a [`LogSyncer`] before anybody
//! hears of the batch. The promise is the same: a batch is told of only when the log holds it for good, and a log is
//! replayed in the order in which it was written, so whatever is durable stands on durable ground. SQLite itself still
//! syncs the log before it copies pages out of it, the database before it begins the log anew, and the head of each new
//! log.

use crate::{Error, Result, Syncer};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Syncs the write-ahead log of one database.
pub(super) struct LogSyncer {
    /// The log's path; none for a database in memory.
    log: Option<PathBuf>,
    file: Option<File>,
}

impl LogSyncer {
    /// Of the database at `path`. The log exists as soon as a writer has committed, and is the same file until the last
    /// connection is closed.
    pub(super) fn of(path: &Path) -> LogSyncer {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        LogSyncer { log: Some(log.into()), file: None }
    }

    /// Of a database without a log.
    pub(super) fn none() -> LogSyncer {
        LogSyncer { log: None, file: None }
    }
}

impl Syncer for LogSyncer {
    fn sync(&mut self) -> Result<()> {
        let unavailable = |error: std::io::Error| Error::Unavailable(error.into());
        let Some(log) = &self.log else { return Ok(()) };
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(File::open(log).map_err(unavailable)?),
        };
        file.sync_data().map_err(unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_is_not_there_is_an_error_and_no_promise() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut syncer = LogSyncer::of(&folder.path().join("punctual.db"));
        assert!(matches!(syncer.sync(), Err(Error::Unavailable(_))));
        std::fs::write(folder.path().join("punctual.db-wal"), b"log").expect("a log");
        assert!(syncer.sync().is_ok());
    }
}
