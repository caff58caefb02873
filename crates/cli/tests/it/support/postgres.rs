//! A place in a PostgreSQL database, and a way to it that can be closed.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A schema of its own, on the server that the environment names; gone with this value.
pub(crate) struct Database {
    server: String,
    name: String,
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
        let database = Database { server, name };
        database.administer(&format!("CREATE SCHEMA {}", database.name));
        database
    }

    /// The address of the store.
    pub(crate) fn address(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{joint}sslmode=disable&options=-c%20search_path%3D{}", self.server, self.name)
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

impl Drop for Database {
    fn drop(&mut self) {
        self.administer(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}

/// A way to the database. While it is closed nobody gets through, and who was through is thrown out.
pub(crate) struct Way {
    address: String,
    open: Arc<AtomicBool>,
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
            through: Arc::default(),
        };
        let (host, open, through) = (host.to_owned(), way.open.clone(), way.through.clone());
        // The thread ends with the test's process.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten().filter(|_| open.load(Ordering::SeqCst)) {
                let Ok(server) = TcpStream::connect(&host) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let clones = from.try_clone().and_then(|from| Ok((from, to.try_clone()?)));
                    let (mut from, mut to) = clones.expect("a socket can be cloned");
                    std::thread::spawn(move || {
                        // However it ends, both sides hear of it.
                        drop(copy(&mut from, &mut to));
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
