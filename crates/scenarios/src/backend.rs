//! The stores that scenarios run on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Store;
use store::postgres::PostgresStore;
use store::sqlite::SqliteStore;

/// One kind of store.
#[derive(Clone, Copy)]
pub struct Backend {
    /// As it appears in the names of tests.
    pub name: &'static str,
    /// It needs a server that the environment names; without one its tests are left out.
    pub needs_server: bool,
    /// Opens an empty one. The error says what is missing.
    pub open: fn() -> Result<Arc<dyn Store>, String>,
}

/// Every kind that scenarios run on: a line each.
pub const BACKENDS: &[Backend] = &[
    Backend { name: "sqlite-memory", needs_server: false, open: sqlite_in_memory },
    Backend { name: "postgres", needs_server: true, open: postgres },
];

static NEXT: AtomicU64 = AtomicU64::new(1);

fn sqlite_in_memory() -> Result<Arc<dyn Store>, String> {
    let name = format!("scenario-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let store = SqliteStore::in_memory(&name).map_err(|error| error.to_string())?;
    Ok(Arc::new(store))
}

/// A store in a schema of its own.
fn postgres() -> Result<Arc<dyn Store>, String> {
    let server = server()?;
    let schema = format!("scenario_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let (place, make) = (server.clone(), format!("CREATE SCHEMA {schema}"));
    // The scenario's own runtime has its time paused, so a thread with another one speaks to the server.
    let made = std::thread::spawn(move || administer(&place, &make)).join();
    made.map_err(|_| "making a schema panicked".to_owned())??;
    let mark = if server.contains('?') { '&' } else { '?' };
    let store = PostgresStore::open(&format!("{server}{mark}options=-c%20search_path%3D{schema}"));
    Ok(Arc::new(store.map_err(|error| error.to_string())?.deciding_first()))
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the scenarios names the server in the environment")]
fn server() -> Result<String, String> {
    std::env::var("PUNCTUAL_TEST_POSTGRES").map_err(|_| {
        "this needs a PostgreSQL: run it by scripts/with-postgres, or set PUNCTUAL_TEST_POSTGRES to the postgres:// \
         address of a database whose user may make schemas"
            .to_owned()
    })
}

fn administer(server: &str, statement: &str) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let told = |error: tokio_postgres::Error| error.to_string();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.map_err(told)?;
        let connection = tokio::spawn(connection);
        client.batch_execute(statement).await.map_err(told)?;
        drop(client);
        connection.await.map_err(|error| error.to_string())?.map_err(told)
    })
}
