//! Opening a SQLite store, bringing it up to date, copying it.

use crate::schema::{HALF_COPIED, OLDEST, Schema, suits};
use crate::sqlite::checkpoint::Checkpointer;
use crate::sqlite::room::Room;
use crate::sqlite::session::Session;
use crate::sqlite::statements::tell_of_statements;
use crate::sqlite::sync::LogSyncer;
use crate::{Error, Reader, Result, Store, Syncer, Writer};
use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A log that a long reader made longer is cut back to so many bytes when it begins again.
const LONGEST_LOG: u32 = 256 << 20;
/// Whoever wants a file alone asks for it so often.
const TRIES_AGAIN: Duration = Duration::from_millis(10);
/// Memory for pages of a connection that reads none, in KiB.
const SMALL_CACHE_KIB: u32 = 64;

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Memory for pages of the writer, in KiB.
    pub writer_cache_kib: u32,
    /// Memory for pages of each reader, in KiB.
    pub reader_cache_kib: u32,
    /// The write-ahead log begins anew when it has so many pages.
    pub checkpoint_pages: u32,
    /// How long to wait for another process.
    pub busy_timeout: Duration,
    /// Bodies of messages and decisions are packed; what is packed is read either way.
    pub pack_bodies: bool,
}

impl Default for SqliteOptions {
    fn default() -> SqliteOptions {
        SqliteOptions {
            writer_cache_kib: 16_384,
            reader_cache_kib: 2048,
            checkpoint_pages: 32_000,
            busy_timeout: Duration::from_secs(10),
            pack_bodies: true,
        }
    }
}

/// A store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    options: SqliteOptions,
    /// Keeps an in-memory database alive while no session is open.
    anchor: Option<std::sync::Mutex<Connection>>,
    /// Moves the write-ahead log of a file into it.
    checkpointer: Option<Checkpointer>,
}

impl SqliteStore {
    /// Opens (or makes) the store at `path` and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`Error::Migration`] when it belongs to a newer version, or is half a copy.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<SqliteStore> {
        let store = SqliteStore::open_even_half_copied(path, options)?;
        let marked = "SELECT 1 FROM sqlite_schema WHERE name = 'copying'";
        let connection = store.connect(SMALL_CACHE_KIB)?;
        let marked = connection.query_row(marked, (), |_| Ok(())).optional().map_err(session_error)?;
        match marked {
            None => Ok(store),
            Some(()) => Err(Error::Migration(HALF_COPIED.to_owned())),
        }
    }

    /// The same, for whoever completes the copy.
    pub(crate) fn open_even_half_copied(path: &Path, options: SqliteOptions) -> Result<SqliteStore> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| Error::Unavailable(error.into()))?;
        }
        let mut store = SqliteStore { path: path.to_owned(), options, anchor: None, checkpointer: None };
        store.migrate()?;
        let checkpointer = Checkpointer::start(store.connect(SMALL_CACHE_KIB)?, &store.options, Room::beside(path));
        store.checkpointer = Some(checkpointer.map_err(|error| Error::Unavailable(error.into()))?);
        Ok(store)
    }

    /// Opens a store that lives in memory and is gone with this value. For simulation and tests of logic; nothing in it
    /// is durable.
    pub fn in_memory(name: &str) -> Result<SqliteStore> {
        let path = PathBuf::from(format!("file:/{name}?vfs=memdb"));
        let anchor = Connection::open_with_flags(&path, Self::flags()).map_err(session_error)?;
        let anchor = Some(std::sync::Mutex::new(anchor));
        let store = SqliteStore { path, options: SqliteOptions::default(), anchor, checkpointer: None };
        store.migrate()?;
        Ok(store)
    }

    fn flags() -> OpenFlags {
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
    }

    /// A connection that only reads.
    pub(super) fn reading(&self) -> Result<Connection> {
        let connection = self.connect(self.options.reader_cache_kib)?;
        connection.execute_batch("PRAGMA query_only=ON").map_err(session_error)?;
        Ok(connection)
    }

    fn connect(&self, cache_kib: u32) -> Result<Connection> {
        let mut connection = Connection::open_with_flags(&self.path, Self::flags()).map_err(session_error)?;
        connection.busy_timeout(self.options.busy_timeout).map_err(session_error)?;
        connection.set_prepared_statement_cache_capacity(128);
        // Without this the planner looks at the values bound to LIMIT and parses such a statement anew each time.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(session_error)?;
        if self.anchor.is_none() {
            let mode: String =
                connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0)).map_err(session_error)?;
            if mode != "wal" {
                return Err(Error::Migration(format!(
                    "the file system does not allow write-ahead logging (mode {mode})"
                )));
            }
        }
        connection
            .execute_batch(&format!(
                "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-{cache_kib}; \
                 PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit={LONGEST_LOG};",
            ))
            .map_err(session_error)?;
        tell_of_statements(&mut connection)?;
        Ok(connection)
    }

    fn migrate(&self) -> Result<()> {
        let mut connection = self.connect(self.options.reader_cache_kib)?;
        let runner = migrations::migrations::runner();
        let known = runner.get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0);
        if suits(found(&connection)?, known, || one_number(&connection, OLDEST))? == Schema::GoOn {
            return Ok(());
        }
        runner.run(&mut connection).map(|_| ()).map_err(|error| Error::Migration(error.to_string()))
    }

    /// Moves the log of the store at `path` into its file, so that the file alone is the whole store and may be copied
    /// or bear another name. Waits until nobody else has it open.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when somebody still has it open after `patience`.
    pub fn into_one_file(path: &Path, patience: Duration) -> Result<()> {
        let began = Instant::now();
        loop {
            let connection = Connection::open(path).map_err(session_error)?;
            // It asks for the file alone, and does not wait for it.
            match connection.execute_batch("PRAGMA journal_mode=DELETE").map_err(session_error) {
                Err(Error::Busy(_)) if began.elapsed() < patience => std::thread::sleep(TRIES_AGAIN),
                ended => return ended,
            }
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The schema that a database has; `None`: it is new.
fn found(connection: &Connection) -> Result<Option<i64>> {
    let history = "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    match one_number(connection, history)? {
        Some(0) | None => Ok(None),
        Some(_) => one_number(connection, "SELECT max(version) FROM refinery_schema_history"),
    }
}

fn one_number(connection: &Connection, sql: &str) -> Result<Option<i64>> {
    let asked = connection.query_row(sql, (), |row| row.get::<_, Option<i64>>(0)).optional();
    asked.map(Option::flatten).map_err(session_error)
}

pub(crate) fn session_error(error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy(error.into()),
        Some(ErrorCode::ConstraintViolation) => Error::Conflict(error.into()),
        Some(ErrorCode::DiskFull) => Error::Full(error.into()),
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory
            | ErrorCode::NotADatabase
            | ErrorCode::DatabaseCorrupt,
        ) => Error::Unavailable(error.into()),
        _ => Error::Refused(error.into()),
    }
}

impl Store for SqliteStore {
    fn writer(&self) -> Result<Box<dyn Writer>> {
        let mut connection = self.connect(self.options.writer_cache_kib)?;
        let checkpoints = self.checkpointer.as_ref().map(|checkpointer| checkpointer.shared.clone());
        if let Some(checkpoints) = checkpoints.clone() {
            let told = move |_: &mut Wal, pages| {
                checkpoints.grown(u32::try_from(pages).unwrap_or(0));
                Ok(())
            };
            connection.wal_hook(Some(told)).map_err(session_error)?;
            // The log is synced by a `LogSyncer` before anybody hears of a batch.
            connection.execute_batch("PRAGMA synchronous=NORMAL").map_err(session_error)?;
        }
        Ok(Box::new(Session::new(connection, checkpoints, self.options.pack_bodies)))
    }

    fn reader(&self) -> Result<Box<dyn Reader>> {
        Ok(Box::new(Session::new(self.reading()?, None, false)))
    }

    fn syncer(&self) -> Result<Box<dyn Syncer>> {
        Ok(match &self.anchor {
            None => Box::new(LogSyncer::of(&self.path)),
            // Nothing that lives in memory is durable.
            Some(_) => Box::new(LogSyncer::none()),
        })
    }

    fn settle(&self) -> Result<()> {
        if self.anchor.is_some() {
            return Ok(());
        }
        let connection = self.connect(self.options.reader_cache_kib)?;
        // Copies everything that the log shows into the database and syncs that: each page is written once more.
        let told: (i64, i64, i64) = connection
            .query_row("PRAGMA wal_checkpoint(FULL)", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_err(session_error)?;
        if told.0 != 0 {
            // Only after a disk that failed would it matter, and the service shall not stand still for a reader.
            tracing::warn!("another process uses the store; its log was not moved into it before serving");
        }
        Ok(())
    }

    fn lanes(&self) -> usize {
        1
    }

    fn backup(&self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
        let source = self.connect(self.options.reader_cache_kib)?;
        let mut target = Connection::open(to).map_err(session_error)?;
        let backup = rusqlite::backup::Backup::new(&source, &mut target).map_err(session_error)?;
        loop {
            let step = backup.step(256).map_err(session_error)?;
            let state = backup.progress();
            let total = u64::try_from(state.pagecount).unwrap_or(0);
            progress(total - u64::try_from(state.remaining).unwrap_or(0), total);
            match step {
                rusqlite::backup::StepResult::Done => break,
                rusqlite::backup::StepResult::More => {}
                // The writer is at work; let it finish its batch.
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        drop(backup);
        target.execute_batch("PRAGMA journal_mode=DELETE;").map_err(session_error)
    }

    fn describe(&self) -> String {
        format!("SQLite at {}", self.path.display())
    }
}
