//! An engine that reads a folder, and set-ups of folders without one.

use crate::world::{NoChance, OneSecret, TakesAll};
use connectors::VendorReaders;
use connectors::http::{AddressPolicy, HttpClient};
use connectors::rest::Outside;
use domain::setup::Document;
use domain::time::Moment;
use engine::deliver::CourierOptions;
use engine::ops::Actor;
use engine::ports::Clock;
use engine::setup::Integration;
use engine::{Duty, Engine, EngineOptions, Running, Sweeps, Threads};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::sqlite::{SqliteOptions, SqliteStore};

pub(crate) const ID: &str = "northside-files";

/// A clock that a test moves.
pub(crate) struct Moved(pub(crate) AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Moment {
        Moment::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// An engine that reads what its document names.
pub(crate) fn start(store: &Path, clock: &Arc<Moved>) -> Running {
    let outside = Outside {
        client: HttpClient::new(AddressPolicy::default()).unwrap(),
        secrets: Arc::new(OneSecret),
        clock: clock.clone(),
        chance: Arc::new(NoChance),
    };
    let store = SqliteStore::open(&store.join("punctual.db"), SqliteOptions::default()).unwrap();
    Engine::start(EngineOptions {
        store: Arc::new(store),
        clock: clock.clone(),
        secrets: Arc::new(OneSecret),
        chance: Arc::new(NoChance),
        carrier: Arc::new(TakesAll),
        readers: Arc::new(VendorReaders::new(outside)),
        rereader: Arc::new(connectors::ReadAgain),
        courier: CourierOptions::default(),
        duty: Duty::Serve,
        sweeps: Sweeps::default(),
        threads: Threads::Own,
    })
    .unwrap()
}

/// The integration of a document, as a reader is given it.
pub(crate) async fn integration(document: &str) -> Arc<Integration> {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Moved(AtomicI64::new(super::folder::at(super::folder::NOW).micros())));
    let running = start(folder.path(), &clock);
    // Nothing is read here: what is wanted is the set-up as it stands.
    let document = document.replace("lifecycle = \"live\"", "lifecycle = \"initiated\"");
    let document = Document::from_toml(&document).unwrap();
    running.engine.apply_document(&Actor::operator(), document, false).await.unwrap();
    let integration = running.engine.setup().named(ID).unwrap().clone();
    running.drain().await;
    integration
}

/// The explanation of a visit, as JSON.
pub(crate) async fn explain(running: &Running, source_id: &str) -> Option<Value> {
    let explained = running.engine.explain_appointment(&Actor::operator(), ID, source_id).await;
    explained.ok().map(|explained| serde_json::to_value(explained).unwrap())
}

/// Waits until something is so of a visit; meanwhile time goes by.
pub(crate) async fn until(
    running: &Running,
    clock: &Moved,
    source_id: &str,
    what: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Value {
    let mut last = None;
    for _ in 0..600 {
        last = explain(running, source_id).await;
        if let Some(told) = last.as_ref().filter(|told| is_so(told)) {
            return told.clone();
        }
        clock.0.fetch_add(1_000_000, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{source_id}: {what} never came: {last:#?}");
}
