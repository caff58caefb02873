//! Connections, and the thread on which their sockets are read and written.
//!
//! The store's calls are synchronous and may come from threads of a runtime; they wait for their answer by parking,
//! while a thread of the store's own moves the bytes.

use crate::postgres::error::store_error;
use crate::postgres::locks::Locks;
use crate::postgres::merged::Merged;
use crate::postgres::patience::{Patience, Wait};
use crate::postgres::session::Value;
use crate::{Error, Result};
use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What every connection is set to. Each query of this store goes by an index; a plan made while a table was small and
/// kept must not say otherwise. A process that is gone without a word is noticed within a minute, and its locks come free.
const SETTINGS: &str = "SET synchronous_commit = on; SET lock_timeout = '15s'; \
    SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; \
    SET idle_in_transaction_session_timeout = '60s'; SET jit = off; \
    SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; \
    SET enable_mergejoin = off; SET client_min_messages = warning";

/// A process that hears nothing from the database for so long takes the connection for lost, unless the store's address
/// says otherwise.
pub(super) const SILENCE: Duration = Duration::from_secs(15);

/// Waits for an answer on this thread, as long as the connection's [`Patience`] lasts.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let mut waiting = Wait::begin();
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => waiting.park(),
        }
    }
}

/// Where the database is, and the thread that speaks with it.
pub(crate) struct Server {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts the thread.
    pub(super) fn start(config: Config) -> Result<Server> {
        let unavailable = |error: std::io::Error| Error::Unavailable(error.into());
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
        Ok(Server { config, tls, runtime: handle, stop: Some(stop), thread: Some(thread) })
    }

    /// A new connection.
    pub(super) fn connect(&self) -> Result<Link> {
        self.connect_by("SELECT pg_try_advisory_lock_shared($1)", "a copy of the store is being made")
    }

    /// A new connection, while there is no other one to this store and none is made.
    pub(crate) fn connect_alone(&self) -> Result<Link> {
        self.connect_by("SELECT pg_try_advisory_lock($1)", "another process has it open; stop it first")
    }

    fn connect_by(&self, lock: &str, refusal: &'static str) -> Result<Link> {
        Patience::attend_nobody();
        let (config, tls) = (self.config.clone(), self.tls.clone());
        let limit = answer_limit(&config);
        let (reply, answer) = oneshot::channel();
        self.runtime.spawn(async move {
            let connecting = async {
                match tls {
                    Some(tls) => config.connect(tls).await.map(|(client, connection)| (client, drive(connection))),
                    None => config.connect(NoTls).await.map(|(client, connection)| (client, drive(connection))),
                }
            };
            let connected = match tokio::time::timeout(limit, connecting).await {
                Ok(Ok((client, connection))) => Ok((client, tokio::spawn(connection).abort_handle())),
                Ok(Err(error)) => Err(Error::Unavailable(store_error(error).into())),
                Err(_) => Err(Error::Unavailable("the database took the connection and said nothing".into())),
            };
            // Whoever asked may have gone away.
            drop(reply.send(connected));
        });
        let stopped = |_| Error::Unavailable("the thread of the store has ended".into());
        let (client, driver) = wait(answer).map_err(stopped)??;
        let patience = Patience::new(driver, limit);
        patience.attend();
        wait(client.batch_execute(SETTINGS)).map_err(store_error)?;
        let place = "SELECT pg_backend_pid(), coalesce(current_schema()::text, '')";
        let place = wait(client.query_one(place, &[])).map_err(store_error)?;
        let (process, schema): (i32, &str) =
            (place.try_get(0).map_err(store_error)?, place.try_get(1).map_err(store_error)?);
        let locks = Locks::of_schema(schema);
        let may = wait(client.query_one(lock, &[&locks.in_use()])).map_err(store_error)?;
        if !may.try_get::<_, bool>(0).map_err(store_error)? {
            return Err(Error::Busy(refusal.into()));
        }
        Patience::attend_nobody();
        // Sixteen slots: writers rarely meet in one, and a sum has few rows.
        let slot = i16::try_from(process & 15).unwrap_or(0);
        Ok(Link { client, statements: HashMap::new(), merged: Merged::default(), slot, locks, patience })
    }
}

/// What the server says.
pub(crate) type Told<T> = std::result::Result<T, tokio_postgres::Error>;

/// So long an answer may take: twice as long as silence on the wire, so that the server's own limits come first.
fn answer_limit(config: &Config) -> Duration {
    config.get_tcp_user_timeout().copied().unwrap_or(SILENCE) * 2
}

type Driven = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

fn drive<S, T>(connection: tokio_postgres::Connection<S, T>) -> Driven
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    Box::pin(async move {
        if let Err(error) = connection.await {
            // Whoever waits for an answer hears of it as well.
            tracing::debug!(error = %store_error(error), "a connection to the database ended");
        }
    })
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
    /// In which slot this connection counts.
    pub(super) slot: i16,
    /// The locks of this store.
    pub(super) locks: Locks,
    /// How long its answers are waited for.
    pub(super) patience: Patience,
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
