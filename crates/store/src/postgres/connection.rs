//! Connections, and the thread on which their sockets are read and written.
//!
//! The store's calls are synchronous and may come from threads of a runtime; then they wait for their answer by
//! parking, while a thread of the store's own moves the bytes. A writer on a thread of its own moves them itself.

use crate::postgres::error::store_error;
use crate::postgres::here::Here;
use crate::postgres::latest_batch;
use crate::postgres::locks::Locks;
use crate::postgres::merged::Merged;
use crate::postgres::patience::Patience;
pub(crate) use crate::postgres::patience::wait;
use crate::postgres::session::Value;
use crate::postgres::shape::Shapes;
use crate::postgres::statistics::{self, Statistics};
use crate::{Error, Result};
use std::collections::{HashMap, HashSet};
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::config::SslMode;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Notification, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What every connection is set to. Each query of this store goes by an index; a plan made while a table was small and
/// kept must not say otherwise. A process that is gone without a word is noticed within a minute, and its locks come
/// free.
pub(super) const SETTINGS: &str = "SET synchronous_commit = on; SET lock_timeout = '15s'; \
    SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; \
    SET idle_in_transaction_session_timeout = '60s'; SET jit = off; \
    SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; \
    SET enable_mergejoin = off; SET client_min_messages = warning";

/// A process that hears nothing from the database for so long takes the connection for lost, unless the store's address
/// says otherwise.
pub(super) const SILENCE: Duration = Duration::from_secs(15);

/// The server lets go of what a process held a moment after that process has gone: so often, and with such pauses, it
/// is looked again before somebody is taken to be there.
const LEAVING_TRIES: u32 = 20;
const LEAVING: Duration = Duration::from_millis(50);

/// Where the database is, and the thread that speaks with it.
pub(crate) struct Server {
    way: Way,
    runtime: Handle,
    /// Whether connections have names: a program of before the schema had a place for them gives none.
    names: bool,
    pub(super) statistics: Statistics,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How to get to the database, and which connections are this process's.
#[derive(Clone)]
pub(super) struct Way {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    ours: Arc<Mutex<HashSet<i32>>>,
}

impl Way {
    /// Opens a connection; whoever drives it makes it work. What is notified is sent on.
    pub(super) async fn open(&self, heard: Option<mpsc::UnboundedSender<Notification>>) -> Told<(Client, Driven)> {
        match self.tls.clone() {
            Some(tls) => self.config.connect(tls).await.map(|(client, link)| (client, drive(link, heard))),
            None => self.config.connect(NoTls).await.map(|(client, link)| (client, drive(link, heard))),
        }
    }

    /// The same, for so long at most.
    pub(super) async fn open_within(&self, limit: Duration) -> Result<(Client, Driven)> {
        match tokio::time::timeout(limit, self.open(None)).await {
            Ok(Ok(opened)) => Ok(opened),
            Ok(Err(error)) => Err(Error::Unavailable(store_error(error).into())),
            Err(_) => Err(Error::Unavailable("the database took the connection and said nothing".into())),
        }
    }

    /// So long an answer is waited for.
    pub(super) fn patience(&self) -> Duration {
        answer_limit(&self.config)
    }

    fn ours(&self) -> MutexGuard<'_, HashSet<i32>> {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a process of the server works for this one.
    pub(super) fn is_ours(&self, process: i32) -> bool {
        self.ours().contains(&process)
    }
}

/// A task that ends with this value.
pub(super) struct Task(tokio::task::JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    /// Starts the thread, for a program that knows the schemas up to one.
    pub(super) fn start(config: Config, known: i32) -> Result<Server> {
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(MakeRustlsConnect::new(tls_config()?)),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(unavailable)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || drop(runtime.block_on(stopped)))
            .map_err(unavailable)?;
        let way = Way { config, tls, ours: Arc::default() };
        let names = known >= latest_batch::SINCE;
        let (stop, thread) = (Some(stop), Some(thread));
        Ok(Server { way, runtime: handle, names, statistics: Statistics::default(), stop, thread })
    }

    /// How to get to the database.
    pub(super) fn way(&self) -> Way {
        self.way.clone()
    }

    /// Runs a task on the thread. It must not hold the server itself, which waits for the thread's end.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Task {
        Task(self.runtime.spawn(task))
    }

    /// So many visits were changed.
    pub(super) fn changed(&self, visits: u64) {
        if self.statistics.count(visits) {
            drop(self.runtime.spawn(statistics::gather(self.way.clone())));
        }
    }

    /// A new connection. `here`: its bytes are moved by the thread that waits, which must work for nobody else.
    pub(super) fn connect(&self, here: bool) -> Result<Link> {
        self.connect_by("SELECT pg_try_advisory_lock_shared($1)", "a copy of the store is being made", here)
    }

    /// A new connection, while there is no other one to this store and none is made.
    pub(crate) fn connect_alone(&self) -> Result<Link> {
        self.connect_by("SELECT pg_try_advisory_lock($1)", "another process has it open; stop it first", false)
    }

    fn connect_by(&self, lock: &str, refusal: &'static str, here: bool) -> Result<Link> {
        Patience::attend_nobody();
        let limit = answer_limit(&self.way.config);
        let (client, patience, here) = if here {
            let (client, connection) = Here::open(self.way.open_within(limit)).map_err(unavailable)??;
            let connection = Arc::new(Mutex::new(connection));
            (client, Patience::here(&connection, limit), Some(connection))
        } else {
            let way = self.way.clone();
            let (reply, answer) = oneshot::channel();
            self.runtime.spawn(async move {
                let connected = way.open_within(limit).await;
                // Whoever asked may have gone away.
                drop(
                    reply.send(connected.map(|(client, connection)| (client, tokio::spawn(connection).abort_handle()))),
                );
            });
            let stopped = |_| Error::Unavailable("the thread of the store has ended".into());
            let (client, driver) = wait(answer).map_err(stopped)??;
            (client, Patience::beside(driver, limit), None)
        };
        patience.attend();
        wait(client.batch_execute(SETTINGS)).map_err(store_error)?;
        let place = "SELECT pg_backend_pid(), coalesce(current_schema()::text, ''), gen_random_uuid()::text";
        let place = wait(client.query_one(place, &[])).map_err(store_error)?;
        let (process, schema): (i32, &str) =
            (place.try_get(0).map_err(store_error)?, place.try_get(1).map_err(store_error)?);
        let name = place.try_get(2).map_err(store_error)?;
        let locks = Locks::of_schema(schema);
        let mut tries = 0;
        while !wait(client.query_one(lock, &[&locks.in_use()])).and_then(|may| may.try_get(0)).map_err(store_error)? {
            tries += 1;
            if tries > LEAVING_TRIES {
                return Err(Error::Busy(refusal.into()));
            }
            std::thread::sleep(LEAVING);
        }
        Patience::attend_nobody();
        self.way.ours().insert(process);
        let ours = Ours { process, way: self.way.clone() };
        // Sixteen slots: writers rarely meet in one, and a sum has few rows.
        let slot = i16::try_from(process & 15).unwrap_or(0);
        Ok(Link {
            client,
            statements: HashMap::new(),
            merged: Merged::default(),
            shapes: Shapes::default(),
            slot,
            name: self.names.then_some(name),
            locks,
            patience,
            _here: here,
            _ours: ours,
        })
    }
}

/// What the server says.
pub(crate) type Told<T> = std::result::Result<T, tokio_postgres::Error>;

/// So long an answer may take: twice as long as silence on the wire, so that the server's own limits come first.
fn answer_limit(config: &Config) -> Duration {
    config.get_tcp_user_timeout().copied().unwrap_or(SILENCE) * 2
}

/// A connection at work.
pub(super) type Driven = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

fn drive<S, T>(mut link: Connection<S, T>, heard: Option<mpsc::UnboundedSender<Notification>>) -> Driven
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    Box::pin(async move {
        while let Some(message) = poll_fn(|context| link.poll_message(context)).await {
            match (message, &heard) {
                // Nobody listening any more is no error.
                (Ok(AsyncMessage::Notification(told)), Some(heard)) => drop(heard.send(told)),
                (Ok(_), _) => {}
                (Err(error), _) => {
                    // Whoever waits for an answer hears of it as well.
                    tracing::debug!(error = %store_error(error), "a connection to the database ended");
                    return;
                }
            }
        }
    })
}

/// A process of the server that works for this one, while the connection lasts.
struct Ours {
    process: i32,
    way: Way,
}

impl Drop for Ours {
    fn drop(&mut self) {
        self.way.ours().remove(&self.process);
    }
}

fn unavailable(error: std::io::Error) -> Error {
    Error::Unavailable(error.into())
}

fn tls_config() -> Result<rustls::ClientConfig> {
    let refused = |error: rustls::Error| Error::Refused(error.into());
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(builder.map_err(refused)?.with_root_certificates(roots).with_no_client_auth())
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the store panicked");
        }
    }
}

/// One connection with its prepared statements.
pub(crate) struct Link {
    pub(crate) client: Client,
    statements: HashMap<String, Statement>,
    /// The texts of changes that were sent together before.
    pub(super) merged: Merged,
    /// The texts of questions that were asked before.
    pub(super) shapes: Shapes,
    /// In which slot this connection counts.
    pub(super) slot: i16,
    /// A name that no other connection ever has, for what it leaves about its batches.
    pub(super) name: Option<String>,
    /// The locks of this store.
    pub(super) locks: Locks,
    /// How long its answers are waited for.
    pub(super) patience: Patience,
    /// The connection itself, where the thread that waits moves its bytes.
    _here: Option<Arc<Mutex<Here>>>,
    _ours: Ours,
}

impl Link {
    /// Prepares what is not.
    pub(crate) async fn prepare_all(&mut self, statements: impl Iterator<Item = &str>) -> Told<()> {
        for sql in statements {
            if !self.statements.contains_key(sql) {
                let statement = self.client.prepare(sql).await?;
                self.statements.insert(sql.to_owned(), statement);
            }
        }
        Ok(())
    }

    /// Asks by a statement, prepared or not.
    pub(crate) async fn query(&self, sql: &str, params: &[Value<'_>]) -> Told<Vec<Row>> {
        match self.statements.get(sql) {
            Some(statement) => self.client.query(statement, params).await,
            None => self.client.query(sql, params).await,
        }
    }

    /// Changes something by a statement, prepared or not.
    pub(super) async fn execute(&self, sql: &str, params: &[Value<'_>]) -> Told<()> {
        match self.statements.get(sql) {
            Some(statement) => self.client.execute(statement, params).await.map(|_| ()),
            None => self.client.execute(sql, params).await.map(|_| ()),
        }
    }
}
