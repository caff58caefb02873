//! Opening the store that a command works on, and an engine on it.

use crate::args::StoreArgs;
use crate::configuration::{self, File};
use crate::exit::Failure;
use crate::system::{SystemChance, SystemClock, SystemSecrets};
use connectors::http::{AddressPolicy, HttpClient};
use connectors::webhook::WebhookCarrier;
use engine::deliver::CourierOptions;
use engine::poll::Readers;
use engine::ports::{Carrier, Chance, Clock, Secrets};
use engine::{Duty, Engine, EngineOptions, Running, Sweeps};
use std::path::PathBuf;
use std::sync::Arc;
use store::Store;
use store::postgres::PostgresStore;
use store::sqlite::{SqliteOptions, SqliteStore};

/// Where the store is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The store's address, when it is not in the data folder.
    pub(crate) store: Option<String>,
}

impl Place {
    /// The place that the command line names, else the configuration.
    pub(crate) fn of(args: &StoreArgs, file: &File) -> Place {
        let data = args.data.clone().or_else(|| file.data.clone());
        Place {
            data: data.unwrap_or_else(|| PathBuf::from(configuration::DATA)),
            store: args.store.clone().or_else(|| file.store.clone()),
        }
    }

    /// Fails when nothing has been kept there yet: whoever looks something up in a mistyped folder shall not be told
    /// that there is nothing.
    pub(crate) fn must_exist(&self) -> Result<(), Failure> {
        let file = self.sqlite_file();
        if self.is_embedded() && !file.exists() {
            return Err(Failure::Usage(format!(
                "there is no store at {}; name the data folder with --data, or a running service with --url",
                file.display()
            )));
        }
        Ok(())
    }

    /// The address of the PostgreSQL database, when the store is in one.
    fn postgres(&self) -> Option<&str> {
        self.store.as_deref().filter(|url| url.starts_with("postgres://") || url.starts_with("postgresql://"))
    }

    /// Whether the store is a file, which one process serves.
    pub(crate) fn is_embedded(&self) -> bool {
        self.store.as_deref().is_none_or(|url| url.starts_with("sqlite:"))
    }

    /// The file of the embedded store.
    pub(crate) fn sqlite_file(&self) -> PathBuf {
        match self.store.as_deref().and_then(|url| url.strip_prefix("sqlite:")) {
            Some(path) => PathBuf::from(path),
            None => self.data.join("punctual.db"),
        }
    }

    /// The folder of the embedded store's file, whichever way it was named.
    fn store_folder(&self) -> PathBuf {
        let file = self.sqlite_file();
        match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    /// The place as one side of a copy.
    pub(crate) fn copied<'a>(&'a self, file: &'a std::path::Path) -> Result<store::copy::Place<'a>, Failure> {
        match self.postgres() {
            Some(url) => Ok(store::copy::Place::Database(url)),
            None if self.is_embedded() => Ok(store::copy::Place::File(file)),
            None => Err(self.unknown_kind()),
        }
    }

    fn unknown_kind(&self) -> Failure {
        let scheme = self.store.as_deref().and_then(|url| url.split(':').next()).unwrap_or_default();
        Failure::Usage(format!(
            "no store of kind {scheme:?} is known; use sqlite:PATH or postgres://USER@HOST/DATABASE, or leave --store out"
        ))
    }

    /// Opens the store and brings its schema up to date.
    pub(crate) fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        self.open_as(SqliteOptions::default())
    }

    /// The same; a store in a file is opened with these options.
    pub(crate) fn open_as(&self, options: SqliteOptions) -> Result<Arc<dyn Store>, Failure> {
        if let Some(url) = self.postgres() {
            let store = PostgresStore::open(url);
            return Ok(Arc::new(
                store.map_err(|error| Failure::could("the PostgreSQL store cannot be opened", &error))?,
            ));
        }
        if !self.is_embedded() {
            return Err(self.unknown_kind());
        }
        let file = self.sqlite_file();
        let store = SqliteStore::open(&file, options);
        Ok(Arc::new(
            store.map_err(|error| Failure::could(&format!("the store {} cannot be opened", file.display()), &error))?,
        ))
    }
}

/// What an engine is told of the world, and whom it sends there.
pub(crate) struct Outside {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secrets: Arc<dyn Secrets>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) carrier: Arc<dyn Carrier>,
    pub(crate) readers: Arc<dyn Readers>,
    pub(crate) courier: CourierOptions,
    pub(crate) sweeps: Sweeps,
}

/// Starts an engine on a store.
pub(crate) fn start(store: Arc<dyn Store>, duty: Duty, policy: AddressPolicy) -> Result<Running, Failure> {
    start_sweeping(store, duty, policy, Sweeps::default())
}

/// The same, looking for what other processes did as often as `sweeps` says.
pub(crate) fn start_sweeping(
    store: Arc<dyn Store>,
    duty: Duty,
    policy: AddressPolicy,
    sweeps: Sweeps,
) -> Result<Running, Failure> {
    let clock = Arc::new(SystemClock);
    let client = HttpClient::new(policy);
    let client = client.map_err(|error| Failure::could("the system's certificates cannot be read", &error))?;
    let reach = connectors::rest::Outside {
        client: client.clone(),
        secrets: Arc::new(SystemSecrets),
        clock: clock.clone(),
        chance: Arc::new(SystemChance),
    };
    let readers = Arc::new(connectors::VendorReaders::new(reach));
    let carrier = WebhookCarrier::new(client, clock.clone());
    let outside = Outside {
        clock,
        secrets: Arc::new(SystemSecrets),
        chance: Arc::new(SystemChance),
        carrier: Arc::new(carrier),
        readers,
        courier: CourierOptions::default(),
        sweeps,
    };
    start_with(store, duty, outside)
}

/// Starts an engine on a store, in a world of its own.
pub(crate) fn start_with(store: Arc<dyn Store>, duty: Duty, outside: Outside) -> Result<Running, Failure> {
    let Outside { clock, secrets, chance, carrier, readers, courier, sweeps } = outside;
    let threads = engine::Threads::Own;
    let rereader = Arc::new(connectors::ReadAgain);
    let options =
        EngineOptions { store, clock, secrets, chance, carrier, readers, rereader, courier, duty, threads, sweeps };
    Engine::start(options).map_err(Failure::from)
}

/// An engine on an existing store, for a command that looks something up or changes something and goes.
pub(crate) fn visit(args: &StoreArgs, file: &File) -> Result<Running, Failure> {
    let place = Place::of(args, file);
    place.must_exist()?;
    start(place.open()?, Duty::Visit, AddressPolicy::default())
}

/// A lock beside the embedded store: one serving process at a time.
pub(crate) struct ServingLock {
    _file: std::fs::File,
}

impl ServingLock {
    /// Takes the lock; it is given back when the process ends, however it ends.
    pub(crate) fn take(place: &Place) -> Result<ServingLock, Failure> {
        let folder = place.store_folder();
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::could(&format!("the folder {} cannot be made", folder.display()), &error))?;
        let path = folder.join("serving.lock");
        let lock = std::fs::File::create(&path)
            .map_err(|error| Failure::could(&format!("{} cannot be made", path.display()), &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(ServingLock { _file: lock }),
            Err(_) => Err(Failure::Could(format!(
                "another punctual already serves the data in {}; stop it first, or choose another --data",
                folder.display()
            ))),
        }
    }
}
