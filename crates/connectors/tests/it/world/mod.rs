//! A practice system's way in: an engine on a store in a temporary folder, listening for MLLP as the service does.

mod link;
mod ports;

pub(crate) use link::{Heard, Link};
pub(crate) use ports::{NoChance, OneSecret, TakesAll};

use connectors::hl7v2::{Intake, ListenerOptions, listen};
use domain::ids::{EnvelopeId, IntegrationKey};
use domain::setup::Document;
use engine::deliver::CourierOptions;
use engine::ops::Actor;
use engine::{Duty, Engine, EngineOptions, Running, Threads};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::sqlite::{SqliteOptions, SqliteStore};
use store::{EnvelopeRow, Reader, Store};

/// The integration that takes what facility NORTHSIDE sends.
pub(crate) const INTEGRATION: &str = "northside-chiron";

/// A running listener with everything behind it.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) mllp: SocketAddr,
    store: Arc<dyn Store>,
    running: Running,
    listening: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl World {
    /// With one practice, and the bounds that the service has.
    pub(crate) async fn start() -> World {
        World::start_with(ListenerOptions::default()).await
    }

    /// With other bounds.
    pub(crate) async fn start_with(options: ListenerOptions) -> World {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("punctual.db"), SqliteOptions::default()).unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let running = Engine::start(EngineOptions {
            store: store.clone(),
            clock: Arc::new(ports::StoppedClock),
            secrets: Arc::new(ports::OneSecret),
            chance: Arc::new(NoChance),
            carrier: Arc::new(ports::TakesAll),
            readers: Arc::new(engine::poll::NoReaders),
            rereader: Arc::new(connectors::ReadAgain),
            courier: CourierOptions::default(),
            duty: Duty::Serve,
            threads: Threads::Own,
            sweeps: engine::Sweeps::default(),
        })
        .unwrap();
        let engine = running.engine.clone();
        let document = Document::from_toml(include_str!("northside.toml")).unwrap();
        engine.apply_document(&Actor::operator(), document, false).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mllp = listener.local_addr().unwrap();
        let intake = Arc::new(Intake::new(engine.clone()));
        let listening = tokio::spawn(listen(listener, intake, Arc::default(), None, options, running.stop()));
        World { engine, mllp, store, running, listening, _folder: folder }
    }

    /// A connection, as a practice system opens it.
    pub(crate) async fn connect(&self) -> Link {
        Link::open(self.mllp).await
    }

    /// The key of the practice's integration.
    pub(crate) fn key(&self) -> IntegrationKey {
        self.engine.setup().named(INTEGRATION).unwrap().key()
    }

    /// What is on disk.
    pub(crate) fn reader(&self) -> Box<dyn Reader> {
        self.store.reader().unwrap()
    }

    /// The newest message that was kept and not applied: of the integration, or of nobody.
    pub(crate) fn newest_set_aside(&self, of: IntegrationKey) -> Option<EnvelopeRow> {
        let mut reader = self.reader();
        let newest = reader.envelopes_set_aside(of, None, 1).unwrap().pop()?;
        reader.envelope(newest.id).unwrap()
    }

    /// The envelope that a message id stands for.
    pub(crate) fn envelope_of(&self, control_id: &str) -> Option<EnvelopeRow> {
        let mut reader = self.reader();
        let row = reader.control(self.key(), control_id).unwrap()?;
        reader.envelope(row.envelope).unwrap()
    }

    /// The explanation of a visit, as JSON.
    pub(crate) async fn explain(&self, source_id: &str) -> Option<serde_json::Value> {
        let explained = self.engine.explain_appointment(&Actor::operator(), INTEGRATION, source_id).await;
        explained.ok().map(|explained| serde_json::to_value(explained).unwrap())
    }

    /// The messages that the operator is shown as kept and not applied, of the integration and of nobody.
    pub(crate) async fn listed(&self) -> Vec<EnvelopeId> {
        let operator = Actor::operator();
        let mut ids = Vec::new();
        for of in [Some(INTEGRATION), None] {
            let mut cursor = None;
            loop {
                let page = match of {
                    Some(integration) => self.engine.list_set_aside(&operator, integration, cursor).await,
                    None => self.engine.list_unrouted(&operator, cursor).await,
                };
                let page = page.unwrap();
                ids.extend(page.items.iter().map(|item| item.id));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        ids
    }

    /// Stops everything and waits for it.
    pub(crate) async fn stop(self) {
        self.running.request_stop();
        self.listening.await.unwrap();
        drop(self.engine);
        tokio::time::timeout(Duration::from_secs(10), self.running.drain()).await.expect("the engine ends");
    }
}
