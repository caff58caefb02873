//! A place in a PostgreSQL database, and a way to it that can be closed.

use crate::support::read_some;
use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A schema of its own, on the server that the environment names; gone with this value.
pub(crate) struct Database {
    server: String,
    name: String,
    /// Where functions are looked for behind it.
    behind: &'static str,
}

impl Database {
    /// An empty place.
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests names the server in the environment")]
    pub(crate) fn fresh() -> Database {
        let server = std::env::var("PUNCTUAL_TEST_POSTGRES").expect(
            "this needs a PostgreSQL: run it by scripts/with-postgres, or set PUNCTUAL_TEST_POSTGRES to the postgres:// \
             address of a database whose user may make schemas",
        );
        let name = format!("nodes_{}_{}", std::process::id(), fastrand::u32(..));
        let database = Database { server, name, behind: "" };
        database.administer(&format!("CREATE SCHEMA {}", database.name));
        database
    }

    /// An empty place in which nobody hears what others notify, as behind a pooler that hands connections around.
    pub(crate) fn without_notifications() -> Database {
        let mut database = Database::fresh();
        database.behind = "%2Cpg_catalog";
        database.administer(&format!(
            "CREATE FUNCTION {}.pg_notify(text, text) RETURNS void LANGUAGE sql AS 'SELECT'",
            database.name
        ));
        database
    }

    /// The address of the store.
    pub(crate) fn address(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{joint}sslmode=disable&options=-c%20search_path%3D{}{}", self.server, self.name, self.behind)
    }

    /// Has a statement done on the server.
    pub(crate) fn administer(&self, sql: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let connected = tokio_postgres::connect(&self.server, tokio_postgres::NoTls).await;
            let (client, connection) = connected.expect("the server can be reached");
            let connection = tokio::spawn(connection);
            client.batch_execute(sql).await.expect("the server does it");
            drop(client);
            connection.await.expect("the connection ends").expect("it ends well");
        });
    }
}

impl Database {
    /// A number that the server tells, of the tables of this place.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let client = self.connect().await;
            client.query_one(sql, &[]).await.expect("the server tells it").get(0)
        })
    }

    /// Does something in a transaction that stays open until what is returned is dropped.
    pub(crate) fn hold(&self, sql: &str) -> Held {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let client = runtime.block_on(async {
            let client = self.connect().await;
            client.batch_execute(&format!("BEGIN; {sql}")).await.expect("the server does it");
            client
        });
        Held { client: Some(client), runtime }
    }

    async fn connect(&self) -> tokio_postgres::Client {
        let connected = tokio_postgres::connect(&self.address(), tokio_postgres::NoTls).await;
        let (client, connection) = connected.expect("the server can be reached");
        // It ends with the client, or with the test.
        tokio::spawn(async { drop(connection.await) });
        client
    }
}

/// A transaction that is open until this is dropped.
pub(crate) struct Held {
    client: Option<tokio_postgres::Client>,
    runtime: tokio::runtime::Runtime,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            self.runtime.block_on(async {
                drop(client.batch_execute("ROLLBACK").await);
            });
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.administer(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}

/// A way to the database. While it is closed nobody gets through, and who was through is thrown out. While it is silent
/// everybody gets in, and nothing gets through.
pub(crate) struct Way {
    address: String,
    open: Arc<AtomicBool>,
    silent: Arc<AtomicBool>,
    through: Arc<Mutex<Vec<TcpStream>>>,
}

impl Way {
    /// To the store at an address of the form `postgres://user:password@host:port/database?options`.
    pub(crate) fn to(store: &str) -> Way {
        let (_, rest) = store.split_once('@').expect("the address names a user");
        let (host, _) = rest.split_once('/').expect("the address names a database");
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let here = listener.local_addr().expect("its address is known").to_string();
        let way = Way {
            address: store.replacen(host, &here, 1),
            open: Arc::new(AtomicBool::new(true)),
            silent: Arc::default(),
            through: Arc::default(),
        };
        let (host, open, through) = (host.to_owned(), way.open.clone(), way.through.clone());
        let silent = way.silent.clone();
        // The thread ends with the test's process.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten().filter(|_| open.load(Ordering::SeqCst)) {
                let Ok(server) = TcpStream::connect(&host) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let clones = from.try_clone().and_then(|from| Ok((from, to.try_clone()?)));
                    let (mut from, mut to) = clones.expect("a socket can be cloned");
                    let silent = silent.clone();
                    std::thread::spawn(move || {
                        // However it ends, both sides hear of it.
                        drop(pass_on(&mut from, &mut to, &silent));
                        drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
                    });
                }
                through.lock().expect("nobody panics here").extend([client, server]);
            }
        });
        way
    }

    /// The store's address by this way.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Keeps everything that comes from either side, or passes it on (again). Nobody is told.
    pub(crate) fn set_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }

    /// Opens or closes it.
    pub(crate) fn set_open(&self, open: bool) {
        self.open.store(open, Ordering::SeqCst);
        if !open {
            for socket in self.through.lock().expect("nobody panics here").drain(..) {
                // It may have ended by itself.
                drop(socket.shutdown(Shutdown::Both));
            }
        }
    }
}

fn pass_on(from: &mut TcpStream, to: &mut TcpStream, silent: &AtomicBool) -> std::io::Result<()> {
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let n = read_some(from, &mut chunk)?;
        while silent.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        if n == 0 {
            return Ok(());
        }
        to.write_all(&chunk[..n])?;
    }
}
