//! Worlds in which kept messages are judged again.

use connectors::ReadAgain;
use engine::rejudge::{ScratchWorld, ScratchWorlds};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::sqlite::SqliteStore;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Stores in memory.
pub(crate) struct Worlds;

impl ScratchWorlds for Worlds {
    fn begin(&self) -> engine::Result<ScratchWorld> {
        let name = format!("web-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Ok(ScratchWorld { store: Arc::new(SqliteStore::in_memory(&name)?), reader: Arc::new(ReadAgain) })
    }
}

/// There is no room for one.
pub(crate) struct NoRoom;

impl ScratchWorlds for NoRoom {
    fn begin(&self) -> engine::Result<ScratchWorld> {
        Err(engine::Error::Stopped)
    }
}
