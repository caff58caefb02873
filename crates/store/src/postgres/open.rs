//! Opening a store on PostgreSQL and bringing its schema up to date.

use crate::postgres::connection::{Server, wait};
use crate::postgres::error::store_error;
use crate::postgres::session::Session;
use crate::{Error, Reader, Result, Store, Syncer, Writer};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

mod migrations {
    refinery::embed_migrations!("migrations/postgres");
}

/// A node that hears nothing from the database for so long takes the connection for lost.
const SILENCE: Duration = Duration::from_secs(15);

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    server: Arc<Server>,
    place: String,
}

impl PostgresStore {
    /// Opens the store at `url` (`postgres://user@host/database`) and brings its schema up to date. Processes that open
    /// it at the same time wait for each other.
    pub fn open(url: &str) -> Result<PostgresStore> {
        // A parse error may quote the address, and with it a password.
        let mut config =
            Config::from_str(url).map_err(|_| Error::Refused("this is no address of a PostgreSQL database".into()))?;
        if config.get_application_name().is_none() {
            config.application_name("punctual");
        }
        config.connect_timeout(Duration::from_secs(5));
        config.keepalives_idle(SILENCE).tcp_user_timeout(SILENCE);
        let place = place(&config);
        let store = PostgresStore { server: Arc::new(Server::start(config)?), place };
        store.migrate()?;
        Ok(store)
    }

    fn migrate(&self) -> Result<()> {
        let mut link = self.server.connect()?;
        wait(async {
            let locked = link.client.execute("SELECT pg_advisory_lock($1)", &[&link.locks.schema()]).await;
            locked.map_err(store_error)?;
            let done = migrations::migrations::runner().run_async(&mut link.client).await;
            // The lock ends with the connection.
            done.map(|_| ()).map_err(|error| Error::Migration(error.to_string()))
        })
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
        Ok(Box::new(Session::new(self.server.clone())?))
    }

    fn reader(&self) -> Result<Box<dyn Reader>> {
        Ok(Box::new(Session::new(self.server.clone())?))
    }

    fn syncer(&self) -> Result<Box<dyn Syncer>> {
        Ok(Box::new(Committed))
    }

    fn lanes(&self) -> usize {
        4
    }

    fn backup(&self, _: &Path, _: &mut dyn FnMut(u64, u64)) -> Result<()> {
        Err(Error::Refused(
            "a PostgreSQL store is backed up with the tools of PostgreSQL: pg_dump, pg_basebackup".into(),
        ))
    }

    fn describe(&self) -> String {
        self.place.clone()
    }
}
