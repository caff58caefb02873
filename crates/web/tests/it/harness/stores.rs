//! The stores that a world stands on: a file, and for tests that are named again a PostgreSQL.
//!
//! Those that ask the store are named in `on_postgres!` at the end of their file: each runs once more, on PostgreSQL,
//! where there is one: scripts/with-postgres cargo nextest run -p punctual-web --run-ignored all

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Store;
use store::postgres::PostgresStore;
use store::sqlite::{SqliteOptions, SqliteStore};

thread_local! {
    /// A test and the world that it starts are of one thread.
    static ON_POSTGRES: Cell<bool> = const { Cell::new(false) };
}

/// Runs a test whose world stands on PostgreSQL.
pub(crate) fn stand_on_postgres(test: fn()) {
    struct Again;
    impl Drop for Again {
        fn drop(&mut self) {
            ON_POSTGRES.set(false);
        }
    }
    let _again = Again;
    ON_POSTGRES.set(true);
    test();
}

/// Names tests of the same file that run on PostgreSQL, too.
macro_rules! on_postgres {
    ($($test:ident),+ $(,)?) => {
        mod on_postgres {
            $(
                #[test]
                #[ignore = "needs PostgreSQL: scripts/with-postgres"]
                fn $test() {
                    crate::harness::stores::stand_on_postgres(super::$test);
                }
            )+
        }
    };
}
pub(crate) use on_postgres;

/// An empty store of the kind that this test is for.
pub(crate) fn empty_store(folder: &Path) -> Arc<dyn Store> {
    if ON_POSTGRES.get() {
        return Arc::new(postgres());
    }
    Arc::new(SqliteStore::open(&folder.join("punctual.db"), SqliteOptions::default()).unwrap())
}

/// A store in a schema of its own.
fn postgres() -> PostgresStore {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let server = server();
    let schema = format!("web_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let (place, make) = (server.clone(), format!("CREATE SCHEMA {schema}"));
    std::thread::spawn(move || administer(&place, &make)).join().unwrap();
    let mark = if server.contains('?') { '&' } else { '?' };
    PostgresStore::open(&format!("{server}{mark}options=-c%20search_path%3D{schema}")).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests names the server in the environment")]
fn server() -> String {
    std::env::var("PUNCTUAL_TEST_POSTGRES").expect("a PostgreSQL: run this by scripts/with-postgres")
}

fn administer(server: &str, statement: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(statement).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    });
}
