//! Worlds in which kept messages are judged again: stores in memory, which end with whoever holds them.

use connectors::ReadAgain;
use engine::rejudge::{ScratchWorld, ScratchWorlds};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::sqlite::SqliteStore;

/// Worlds of one process have names of their own.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Makes them: nothing of one can be taken for the store.
pub(crate) struct WorldsInMemory;

impl ScratchWorlds for WorldsInMemory {
    fn begin(&self) -> engine::Result<ScratchWorld> {
        let name = format!("rejudge-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let store = SqliteStore::in_memory(&name)?;
        Ok(ScratchWorld { store: Arc::new(store), reader: Arc::new(ReadAgain) })
    }
}
