//! Where the bytes of a store are, on the disk and in memory.

use crate::Result;
use crate::sqlite::SqliteStore;
use crate::sqlite::open::session_error;
use std::path::Path;

/// What one table or index takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The table's or the index's name.
    pub name: String,
    /// Pages.
    pub pages: u64,
    /// Bytes of these pages.
    pub bytes: u64,
    /// Bytes in them that hold nothing.
    pub unused: u64,
    /// Rows of a table's leaves, or entries of an index.
    pub cells: u64,
}

impl SqliteStore {
    /// What each table and index takes, the largest first. Reads every page of the file.
    pub fn space(&self) -> Result<Vec<Space>> {
        let reader = self.reading()?;
        let mut statement = reader
            .prepare(
                "SELECT name, pageno, pgsize, unused, ncell FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC",
            )
            .map_err(session_error)?;
        let rows = statement.query_map((), |row| {
            let number = |index| row.get::<_, i64>(index).map(|number| number.max(0).unsigned_abs());
            Ok(Space { name: row.get(0)?, pages: number(1)?, bytes: number(2)?, unused: number(3)?, cells: number(4)? })
        });
        rows.and_then(Iterator::collect).map_err(session_error)
    }
}

/// Has the system give up the memory in which it holds pages of a store's file, as if nobody had looked at them for
/// long. For measurements.
///
/// # Errors
///
/// When the file cannot be opened, or the system has no such wish.
pub fn leave_memory(path: &Path) -> std::io::Result<()> {
    let file = std::fs::File::open(path)?;
    // What was written and is not on the disk yet stays.
    file.sync_data()?;
    leave(&file)
}

#[cfg(target_os = "linux")]
fn leave(file: &std::fs::File) -> std::io::Result<()> {
    Ok(rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed)?)
}

#[cfg(not(target_os = "linux"))]
fn leave(_: &std::fs::File) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
