//! The backends that the contract is tried on, and how a case gets at a store.
//!
//! A case is a plain `fn(on: &dyn Fixture)`. Each file of `contract/` lists its cases in [`contract!`], which makes one
//! test of every case on every backend: `contract::waits::a_timer_is_due_at_its_instant::sqlite_file`.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use store::{Reader, Result, Retry, Store, Writer};

/// One freshly made, empty place, and the ways into it.
pub(crate) trait Fixture: Sync {
    /// The store.
    fn store(&self) -> &dyn Store;

    /// Opens the same place once more, as another process would: a handle of its own, never a clone.
    fn opened_again(&self) -> Box<dyn Store + '_>;

    /// Whether readers are served while a batch is open. All that serve people must; only the store in memory, which
    /// serves simulations, may make them wait for the batch's end.
    fn reads_beside_a_batch(&self) -> bool;
}

/// Makes tests of cases, one for each backend. A backend joins with one line.
macro_rules! contract {
    ($($case:ident),+ $(,)?) => { $(
        mod $case {
            #[cfg(feature = "sqlite")]
            #[test]
            fn sqlite_file() {
                super::$case(&crate::backends::SqliteFile::fresh());
            }

            #[cfg(feature = "sqlite")]
            #[test]
            fn sqlite_in_memory() {
                super::$case(&crate::backends::SqliteInMemory::fresh());
            }

            #[cfg(feature = "postgres")]
            #[test]
            #[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
            fn postgres() {
                super::$case(&crate::backends::Postgres::fresh());
            }
        }
    )+ };
}
pub(crate) use contract;

/// Does `work` in one batch of a writer of its own. Where several writers work side by side, a batch that met another
/// one is repeated, as the scribe does.
pub(crate) fn write<T>(store: &dyn Store, mut work: impl FnMut(&mut dyn Writer) -> Result<T>) -> T {
    let mut writer = store.writer().unwrap();
    for tries in 1.. {
        let done = writer.begin(&mut |_| {}).and_then(|()| work(&mut *writer));
        match done.and_then(|done| writer.commit().map(|()| done)) {
            Ok(done) => return done,
            Err(error) => {
                writer.rollback();
                assert!(error.retry() == Retry::Now && tries < 100, "a batch failed for good: {error:?}");
            }
        }
    }
    unreachable!("the last try has returned or failed")
}

/// Looks with a reader of its own.
pub(crate) fn look<T>(store: &dyn Store, look: impl FnOnce(&mut dyn Reader) -> Result<T>) -> T {
    look(&mut *store.reader().unwrap()).unwrap()
}

/// Tries `check` on so many values of a strategy, and on ever smaller ones when one fails.
pub(crate) fn for_all<S: Strategy>(cases: u32, values: S, check: impl Fn(S::Value)) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let tried = TestRunner::new(config).run(&values, |value| {
        check(value);
        Ok(())
    });
    if let Err(failure) = tried {
        panic!("{failure}");
    }
}

/// The same for what a batch holds: each value gets an open batch that is taken back afterwards. Cases use integrations
/// of their own ([`crate::rows::somewhere_new`]) where they commit in between.
pub(crate) fn for_all_in_a_batch<S: Strategy>(
    store: &dyn Store,
    cases: u32,
    values: S,
    check: impl Fn(&mut dyn Writer, S::Value),
) {
    let writer = std::cell::RefCell::new(store.writer().unwrap());
    for_all(cases, values, |value| {
        let mut writer = writer.borrow_mut();
        writer.rollback();
        writer.begin(&mut |_| {}).unwrap();
        check(&mut **writer, value);
    });
}

#[cfg(feature = "sqlite")]
pub(crate) use of_sqlite::{SqliteFile, SqliteInMemory};

#[cfg(feature = "sqlite")]
mod of_sqlite {
    use super::Fixture;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU32, Ordering};
    use store::Store;
    use store::sqlite::{SqliteOptions, SqliteStore};

    /// A store in a file of its own.
    pub(crate) struct SqliteFile {
        store: SqliteStore,
        folder: tempfile::TempDir,
    }

    impl SqliteFile {
        pub(crate) fn fresh() -> SqliteFile {
            SqliteFile::opened_with(SqliteOptions::default())
        }

        /// One whose bodies stand there as they were given, as they did once.
        pub(crate) fn unpacked() -> SqliteFile {
            SqliteFile::opened_with(SqliteOptions { pack_bodies: false, ..SqliteOptions::default() })
        }

        fn opened_with(options: SqliteOptions) -> SqliteFile {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(&folder.path().join("punctual.db"), options).unwrap();
            SqliteFile { store, folder }
        }

        /// The file.
        pub(crate) fn path(&self) -> PathBuf {
            self.store.path().to_owned()
        }

        /// The folder, which is removed with this value.
        pub(crate) fn folder(&self) -> PathBuf {
            self.folder.path().to_owned()
        }
    }

    impl Fixture for SqliteFile {
        fn store(&self) -> &dyn Store {
            &self.store
        }

        fn opened_again(&self) -> Box<dyn Store + '_> {
            Box::new(SqliteStore::open(self.store.path(), SqliteOptions::default()).unwrap())
        }

        fn reads_beside_a_batch(&self) -> bool {
            true
        }
    }

    /// A store in memory under a name of its own.
    pub(crate) struct SqliteInMemory {
        store: SqliteStore,
        name: String,
    }

    impl SqliteInMemory {
        pub(crate) fn fresh() -> SqliteInMemory {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let name = format!("contract-{}", NEXT.fetch_add(1, Ordering::Relaxed));
            SqliteInMemory { store: SqliteStore::in_memory(&name).unwrap(), name }
        }
    }

    impl Fixture for SqliteInMemory {
        fn store(&self) -> &dyn Store {
            &self.store
        }

        fn opened_again(&self) -> Box<dyn Store + '_> {
            Box::new(SqliteStore::in_memory(&self.name).unwrap())
        }

        fn reads_beside_a_batch(&self) -> bool {
            false
        }
    }
}

#[cfg(feature = "postgres")]
pub(crate) use of_postgres::{Locked, Postgres, administer, ask_server};

#[cfg(feature = "postgres")]
mod of_postgres {
    use super::Fixture;
    use std::sync::atomic::{AtomicU32, Ordering};
    use store::Store;
    use store::postgres::PostgresStore;

    /// A store in a schema of its own, on the server that the environment names.
    pub(crate) struct Postgres {
        store: Option<PostgresStore>,
        name: String,
    }

    /// The server.
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests names the server in the environment")]
    fn server() -> String {
        std::env::var("PUNCTUAL_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!(
                "this needs a PostgreSQL: run it by scripts/with-postgres, or set PUNCTUAL_TEST_POSTGRES to the \
                 postgres:// address of a database whose user may make schemas"
            )
        })
    }

    /// Has a statement done on the server; how many rows it told of.
    pub(crate) fn administer(sql: &str) -> usize {
        rows_of(sql).len()
    }

    /// What the server answers with, row by row.
    pub(crate) fn ask_server<T: for<'a> tokio_postgres::types::FromSql<'a>>(sql: &str) -> Vec<T> {
        rows_of(sql).iter().map(|row| row.get(0)).collect()
    }

    fn rows_of(sql: &str) -> Vec<tokio_postgres::Row> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&server(), tokio_postgres::NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            let rows = client.query(sql, &[]).await.unwrap();
            drop(client);
            connection.await.unwrap().unwrap();
            rows
        })
    }

    /// A table that somebody holds for himself, until this value goes.
    pub(crate) struct Locked {
        runtime: tokio::runtime::Runtime,
        /// Its transaction ends when it goes.
        client: Option<tokio_postgres::Client>,
        connection: Option<tokio::task::JoinHandle<Result<(), tokio_postgres::Error>>>,
    }

    impl Locked {
        pub(crate) fn hold(table: &str) -> Locked {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let (client, connection) = runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&server(), tokio_postgres::NoTls).await.unwrap();
                let connection = tokio::spawn(connection);
                client.batch_execute(&format!("BEGIN; LOCK TABLE {table}")).await.unwrap();
                (client, connection)
            });
            Locked { runtime, client: Some(client), connection: Some(connection) }
        }
    }

    impl Drop for Locked {
        fn drop(&mut self) {
            drop(self.client.take());
            if let Some(connection) = self.connection.take() {
                self.runtime.block_on(connection).unwrap().unwrap();
            }
        }
    }

    impl Postgres {
        pub(crate) fn fresh() -> Postgres {
            let mut on = Postgres::closed();
            on.store = Some(PostgresStore::open(&on.address()).unwrap());
            on
        }

        /// A place for a store that nobody has opened.
        pub(crate) fn closed() -> Postgres {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let name = format!("contract_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            administer(&format!("CREATE SCHEMA {name}"));
            Postgres { store: None, name }
        }

        /// What the store's connections and its schema are called.
        pub(crate) fn name(&self) -> &str {
            &self.name
        }

        /// Whether one of the store's connections waits for another one's lock.
        pub(crate) fn somebody_waits(&self) -> bool {
            let name = &self.name;
            administer(&format!(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = '{name}' AND wait_event_type = 'Lock'"
            )) > 0
        }

        /// The address of the store.
        pub(crate) fn address(&self) -> String {
            let server = server();
            let joint = if server.contains('?') { '&' } else { '?' };
            let name = &self.name;
            format!("{server}{joint}sslmode=disable&application_name={name}&options=-c%20search_path%3D{name}")
        }
    }

    impl Drop for Postgres {
        fn drop(&mut self) {
            drop(self.store.take());
            administer(&format!("DROP SCHEMA {} CASCADE", self.name));
        }
    }

    impl Fixture for Postgres {
        fn store(&self) -> &dyn Store {
            self.store.as_ref().unwrap()
        }

        fn opened_again(&self) -> Box<dyn Store + '_> {
            Box::new(PostgresStore::open(&self.address()).unwrap())
        }

        fn reads_beside_a_batch(&self) -> bool {
            true
        }
    }
}
