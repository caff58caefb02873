//! The stores that scenarios run on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Store;
use store::sqlite::SqliteStore;

/// One kind of store.
#[derive(Clone, Copy)]
pub struct Backend {
    /// As it appears in the names of tests.
    pub name: &'static str,
    /// Opens an empty one.
    pub open: fn() -> store::Result<Arc<dyn Store>>,
}

/// Every kind that scenarios run on: a line each.
pub const BACKENDS: &[Backend] = &[Backend { name: "sqlite-memory", open: sqlite_in_memory }];

fn sqlite_in_memory() -> store::Result<Arc<dyn Store>> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let name = format!("scenario-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    Ok(Arc::new(SqliteStore::in_memory(&name)?))
}
