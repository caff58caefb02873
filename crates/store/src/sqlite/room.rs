//! Whether the disk has room for a long write-ahead log.
//!
//! The log is let grow, because beginning it anew costs time. But moving it into the database takes room of its own,
//! and a log that has taken the last of it could not be moved any more: the disk would stay full of what is needed no
//! longer. So where room is short, the log is kept short.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Bytes that whoever writes the log can still have before room is called short: half of the longest log.
const ENOUGH: u64 = 64 << 20;
/// The disk is looked at each time that the log has grown by so many pages.
const EVERY: u32 = 64;

/// The room on the disk of a store.
pub(super) struct Room {
    folder: PathBuf,
    short: AtomicBool,
    /// Pages that were in the log when the disk was last looked at.
    looked_at: AtomicU32,
}

impl Room {
    /// The room beside the file of a store.
    pub(super) fn beside(file: &Path) -> Room {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Room { folder: folder.to_owned(), short: AtomicBool::new(false), looked_at: AtomicU32::new(0) }
    }

    /// The log has so many pages now.
    pub(super) fn log_has(&self, pages: u32) {
        let looked_at = self.looked_at.load(Ordering::Relaxed);
        if pages < looked_at || pages - looked_at >= EVERY {
            self.looked_at.store(pages, Ordering::Relaxed);
            self.look();
        }
    }

    /// Looks at the disk. A file system that does not tell has room.
    pub(super) fn look(&self) {
        let free = rustix::fs::statvfs(&self.folder).ok().map(|told| told.f_bavail.saturating_mul(told.f_frsize));
        let short = free.is_some_and(|free| free < ENOUGH);
        if short != self.short.swap(short, Ordering::Relaxed) {
            tracing::info!(free, short, "the write-ahead log is kept short while the disk has little room");
        }
    }

    /// Whether it is short.
    pub(super) fn is_short(&self) -> bool {
        self.short.load(Ordering::Relaxed)
    }
}
