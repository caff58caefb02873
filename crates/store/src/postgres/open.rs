//! Opening a store on PostgreSQL and bringing its schema up to date.

use crate::postgres::bells;
use crate::postgres::connection::{Link, SILENCE, Server, Told, wait};
use crate::postgres::error::store_error;
use crate::postgres::latest_batch;
use crate::postgres::porter::PostgresPorter;
use crate::postgres::session::Session;
use crate::postgres::statistics;
use crate::schema::{HALF_COPIED, OLDEST, Schema, suits};
use crate::{Bells, Error, Listening, Porter, Reader, Result, Store, Syncer, Writer};
use refinery::Target;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

mod migrations {
    refinery::embed_migrations!("migrations/postgres");
}

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    server: Arc<Server>,
    place: String,
    /// Messages are kept by themselves.
    keeps_first: bool,
}

impl PostgresStore {
    /// Opens the store at `url` (`postgres://user@host/database`) and brings its schema up to date. Processes that open
    /// it at the same time wait for each other.
    ///
    /// # Errors
    ///
    /// [`Error::Migration`] when it belongs to a newer version that does without what this one needs, or is half a
    /// copy; [`Error::Busy`] while a copy is being made of it or into it.
    pub fn open(url: &str) -> Result<PostgresStore> {
        PostgresStore::open_knowing(url, newest_schema())
    }

    /// The same as a version of the program does that knows the schemas up to this one only. For tests of what an older
    /// process does beside a newer one.
    #[doc(hidden)]
    pub fn open_knowing(url: &str, known: i32) -> Result<PostgresStore> {
        let config = config(url)?;
        let place = place(&config);
        let server = Arc::new(Server::start(config, known)?);
        let mut link = server.connect(false)?;
        migrate(&mut link, known)?;
        if known >= latest_batch::SINCE {
            wait(link.client.execute(latest_batch::CLEAN, &[])).map_err(store_error)?;
        }
        let marked = wait(link.client.query_one("SELECT to_regclass('copying') IS NOT NULL", &[]));
        if marked.map_err(store_error)?.try_get(0).map_err(store_error)? {
            return Err(Error::Migration(HALF_COPIED.to_owned()));
        }
        let none_yet = wait(link.client.query_opt(statistics::NONE_YET, &[])).map_err(store_error)?;
        if none_yet.is_some_and(|row| row.try_get(0).unwrap_or(false)) {
            server.statistics.want();
        }
        Ok(PostgresStore { server, place, keeps_first: true })
    }

    /// The same store without a porter, for a runtime whose time passes while it waits for an answer from outside.
    pub fn deciding_first(mut self) -> PostgresStore {
        self.keeps_first = false;
        self
    }

    /// A connection to the store at `url` that is the only one, for a copy; its schema is brought up to date.
    pub(crate) fn alone(url: &str) -> Result<(Server, Link)> {
        let server = Server::start(config(url)?, newest_schema())?;
        let mut link = server.connect_alone()?;
        match migrate(&mut link, newest_schema())? {
            Schema::Migrate => Ok((server, link)),
            Schema::GoOn => Err(Error::Migration("a store of a newer version is copied by that version".to_owned())),
        }
    }
}

fn newest_schema() -> i32 {
    migrations::migrations::runner().get_migrations().iter().map(|migration| migration.version()).max().unwrap_or(0)
}

fn config(url: &str) -> Result<Config> {
    // A parse error may quote the address, and with it a password.
    let mut config =
        Config::from_str(url).map_err(|_| Error::Refused("this is no address of a PostgreSQL database".into()))?;
    if config.get_application_name().is_none() {
        config.application_name("punctual");
    }
    end_silence(&mut config);
    Ok(config)
}

/// Brings the schema up to date, as far as `known`.
fn migrate(link: &mut Link, known: i32) -> Result<Schema> {
    wait(async {
        let number = link.locks.schema();
        link.client.execute("SELECT pg_advisory_lock($1)", &[&number]).await.map_err(store_error)?;
        let found = found(link).await.map_err(store_error)?;
        let oldest = match found.filter(|found| *found > i64::from(known)) {
            Some(_) => one_number(link, OLDEST).await.map_err(store_error)?,
            None => None,
        };
        let schema = suits(found, known.into(), || Ok(oldest))?;
        if schema == Schema::Migrate {
            let runner = migrations::migrations::runner().set_target(Target::Version(known));
            let done = runner.run_async(&mut link.client).await;
            done.map_err(|error| Error::Migration(error.to_string()))?;
        }
        // Whatever happened before, it ends with the connection.
        link.client.execute("SELECT pg_advisory_unlock($1)", &[&number]).await.map_err(store_error)?;
        Ok(schema)
    })
}

/// The schema that the database has; `None`: it is new.
async fn found(link: &Link) -> Told<Option<i64>> {
    let history = "SELECT 1::bigint WHERE to_regclass('refinery_schema_history') IS NOT NULL";
    match one_number(link, history).await? {
        Some(_) => one_number(link, "SELECT max(version)::bigint FROM refinery_schema_history").await,
        None => Ok(None),
    }
}

async fn one_number(link: &Link, sql: &str) -> Told<Option<i64>> {
    link.client.query_opt(sql, &[]).await?.map_or(Ok(None), |row| row.try_get(0))
}

/// What the address does not say about connections to somebody who has gone.
fn end_silence(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    let silence = config.get_tcp_user_timeout().copied().unwrap_or(SILENCE);
    config.tcp_user_timeout(silence);
    // What was sent and not acknowledged ends the connection after the silence; so do probes when nothing is sent.
    if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
        config.keepalives_idle(silence);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(Duration::from_secs(5));
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(3);
    }
}

/// Where a database is, for people; never with a password.
fn place(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        })
        .collect();
    format!("PostgreSQL, database {} at {}", config.get_dbname().unwrap_or("by default"), hosts.join(", "))
}

/// A commit that was answered is on the server's disk already (`synchronous_commit = on`).
struct Committed;

impl Syncer for Committed {
    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Store for PostgresStore {
    fn writer(&self) -> Result<Box<dyn Writer>> {
        Ok(Box::new(Session::for_changes(self.server.clone())?))
    }

    fn reader(&self) -> Result<Box<dyn Reader>> {
        Ok(Box::new(Session::for_looking(self.server.clone())?))
    }

    fn syncer(&self) -> Result<Box<dyn Syncer>> {
        Ok(Box::new(Committed))
    }

    fn porter(&self) -> Result<Option<Box<dyn Porter>>> {
        let porter = || -> Box<dyn Porter> { Box::new(PostgresPorter::new(self.server.way())) };
        Ok(self.keeps_first.then(porter))
    }

    fn lanes(&self) -> usize {
        4
    }

    fn backup(&self, _: &Path, _: &mut dyn FnMut(u64, u64)) -> Result<()> {
        Err(Error::Refused(
            "a PostgreSQL store is backed up with the tools of PostgreSQL: pg_dump, pg_basebackup".into(),
        ))
    }

    fn listen(&self, ring: Box<dyn Fn(Bells) + Send + Sync>) -> Result<Option<Listening>> {
        let channel = self.server.connect(false)?.locks.channel();
        let task = self.server.spawn(bells::listen(self.server.way(), channel, ring));
        Ok(Some(Listening::until_dropped(task)))
    }

    fn describe(&self) -> String {
        self.place.clone()
    }
}
