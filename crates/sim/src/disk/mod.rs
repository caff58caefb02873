//! The machine's disk: a real SQLite database in memory, which forgets at a crash what was never synced.

mod faults;
mod handle;
mod reads;
mod store;
mod writes;

pub use faults::{Arms, StoreFault};
pub use handle::Handle;
pub use store::SimStore;

use ::store::Store;
use ::store::sqlite::SqliteStore;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the world came to; the error is what a person needs to see.
pub type Told<T = ()> = Result<T, String>;

/// The disk under all processes of one world.
pub struct Disk(Mutex<Held>);

struct Held {
    store: Arc<SqliteStore>,
    /// A connection of our own, to look at everything and to copy.
    probe: Connection,
    /// What is on the platters; `None`: nobody is going to lose anything.
    durable: Option<Vec<u8>>,
    /// Batches that are committed and not synced.
    unsynced: u32,
    /// How often anything was lost.
    losses: i64,
}

fn words(error: impl std::fmt::Display) -> String {
    format!("the simulated disk: {error}")
}

fn connect(name: &str) -> Told<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(format!("file:/{name}?vfs=memdb"), flags).map_err(words)
}

fn fresh() -> Told<(Arc<SqliteStore>, Connection)> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let name = format!("sim-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let store = SqliteStore::in_memory(&name).map_err(words)?;
    Ok((Arc::new(store), connect(&name)?))
}

impl Disk {
    /// An empty disk. `remembers`: what is durable has to be known exactly, because somebody is going to crash.
    pub fn new(remembers: bool) -> Told<Arc<Disk>> {
        let (store, mut probe) = fresh()?;
        let durable = if remembers { Some(copy_of(&mut probe)?) } else { None };
        Ok(Arc::new(Disk(Mutex::new(Held { store, probe, durable, unsynced: 0, losses: 0 }))))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn engine(&self) -> Arc<SqliteStore> {
        self.held().store.clone()
    }

    /// A batch was committed that changed so many rows.
    pub(crate) fn committed(&self, changes: u64) {
        let mut held = self.held();
        held.unsynced += u32::from(changes > 0);
    }

    /// The disk made everything durable.
    pub(crate) fn synced(&self) -> ::store::Result<()> {
        let mut held = self.held();
        if held.unsynced > 0 {
            held.unsynced = 0;
            if held.durable.is_some() {
                let copy = copy_of(&mut held.probe).map_err(|why| ::store::Error::Unavailable(why.into()))?;
                held.durable = Some(copy);
            }
        }
        Ok(())
    }

    /// The machine lost its power: what was not synced is gone. Whether anything was.
    pub fn lose_unsynced(&self) -> Told<bool> {
        let held = &mut *self.held();
        let Some(durable) = held.durable.as_ref().filter(|_| held.unsynced > 0) else { return Ok(false) };
        let (store, mut probe) = fresh()?;
        let mut image = Connection::open_in_memory().map_err(words)?;
        image.deserialize_read_exact("main", durable.as_slice(), durable.len(), false).map_err(words)?;
        Backup::new(&image, &mut probe)
            .and_then(|backup| backup.run_to_completion(1 << 20, std::time::Duration::ZERO, None))
            .map_err(words)?;
        (held.store, held.probe, held.unsynced) = (store, probe, 0);
        held.losses += 1;
        Ok(true)
    }

    /// Nobody is going to crash any more.
    pub fn stop_remembering(&self) {
        self.held().durable = None;
    }

    /// Numbers that move whenever something is not as it was.
    pub fn state(&self) -> Told<(i64, i64)> {
        let losses = self.held().losses;
        self.look(|probe| Ok((losses, probe.query_row("PRAGMA data_version", (), |row| row.get(0))?)))
    }

    /// Looks at the tables themselves.
    pub fn look<T>(&self, look: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Told<T> {
        look(&self.held().probe).map_err(words)
    }

    /// A reader that no fault touches.
    pub fn reader(&self) -> Told<Box<dyn ::store::Reader>> {
        self.engine().reader().map_err(words)
    }

    /// Everything that is stored, as one digest.
    pub fn digest(&self) -> Told<blake3::Hash> {
        self.look(|probe| {
            let mut hasher = blake3::Hasher::new();
            let mut tables = probe.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
            let names: Vec<String> = tables.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            // The schema history tells when it was made, by the machine's clock.
            for name in names.iter().filter(|name| !name.starts_with("refinery")) {
                hasher.update(name.as_bytes());
                let mut rows = probe.prepare(&format!("SELECT * FROM \"{name}\""))?;
                let columns = rows.column_count();
                let mut lines: Vec<Vec<u8>> = Vec::new();
                let mut found = rows.query(())?;
                while let Some(row) = found.next()? {
                    let mut line = Vec::new();
                    for column in 0..columns {
                        line.extend_from_slice(format!("{:?}|", row.get_ref(column)?).as_bytes());
                    }
                    lines.push(line);
                }
                lines.sort_unstable();
                lines.iter().for_each(|line| {
                    hasher.update(line);
                });
            }
            Ok(hasher.finalize())
        })
    }
}

fn copy_of(probe: &mut Connection) -> Told<Vec<u8>> {
    probe.serialize("main").map(|data| data.to_vec()).map_err(words)
}
