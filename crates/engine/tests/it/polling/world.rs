//! The engine on a store in memory, with the diary as its source.

use super::diary::Diary;
use domain::ids::IntegrationKey;
use domain::polling::PollState;
use domain::setup::{Document, SecretRef};
use domain::text::Text;
use domain::time::Moment;
use engine::deliver::{Answer, CourierOptions, Parcel};
use engine::ops::{Actor, CauseItem, IntegrationItem};
use engine::ports::{Announcement, Carrier, Chance, Clock, PortFuture, Secret, Secrets};
use engine::{Duty, Engine, EngineOptions, Running, Threads};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::sqlite::SqliteStore;
use store::{PollRow, Store};
use tokio::time::Instant;

pub(crate) const ID: &str = "northside";

/// A clock that goes with the runtime's paused time, from a Monday, ten in Chicago.
pub(crate) struct Story(Instant);

impl Clock for Story {
    fn now(&self) -> Moment {
        let began: jiff::Timestamp = "2026-11-23T16:00:00Z".parse().unwrap();
        let passed = i64::try_from(self.0.elapsed().as_micros()).unwrap();
        Moment::from_micros(began.as_microsecond() + passed)
    }
}

struct World0;

impl Secrets for World0 {
    fn read(&self, _: &SecretRef) -> Result<Secret, Text> {
        Ok(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    }
}

impl Chance for World0 {
    fn fraction(&self) -> f64 {
        0.5
    }

    fn bytes(&self) -> [u8; 32] {
        [7; 32]
    }
}

impl Carrier for World0 {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        let platform_id = Some(Text::from(format!("card_{}", parcel.key.source_id)));
        Box::pin(async move { Answer::Accepted { answer: Text::literal("200 OK"), platform_id } })
    }

    fn announce<'a>(&'a self, _: &'a Announcement) -> PortFuture<'a, Answer> {
        Box::pin(std::future::ready(Answer::Accepted { answer: Text::literal("200 OK"), platform_id: None }))
    }

    fn check_address(&self, _: &str) -> Result<(), Text> {
        Ok(())
    }
}

pub(crate) const DOCUMENT: &str = r#"
[practice]
id = "northside"
name = "Northside Family Clinic"
time_zone = "America/Chicago"
holidays = ["2026-11-26"]

[[integration]]
id = "northside"
lifecycle = "live"
source = { profile = "fhir-r4", route = "scripted", poll_seconds = 60 }
platform = { profile = "webhook", route = "webhook", url = "http://127.0.0.1:9900/hook" }
override = [
  { path = "source.polling.near_seconds", value = 600, author = "test", reason = "test" },
  { path = "source.polling.incident_after", value = 2, author = "test", reason = "test" },
  { path = "source.polling.min_seconds", value = 10, author = "test", reason = "test" },
]
[[integration.provider]]
source_id = "DR7"
platform_id = "prov_7"
name = "Imani Cole"
[[integration.type]]
source_name = "Telemedicine Visit"
modality = "video"
"#;

pub(crate) struct World {
    pub(crate) diary: Diary,
    pub(crate) clock: Arc<Story>,
    pub(crate) store: Arc<dyn Store>,
    running: Option<Running>,
}

impl World {
    /// With a source of which nothing has been read.
    pub(crate) async fn start(set: impl FnOnce(&Diary)) -> World {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let clock = Arc::new(Story(Instant::now()));
        let diary = Diary::new(clock.clone());
        set(&diary);
        let name = format!("polling-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory(&name).unwrap());
        let mut world = World { diary, clock, store, running: None };
        world.running = Some(world.another());
        let document = Document::from_toml(DOCUMENT).unwrap();
        world.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
        world
    }

    /// One more process on the same store.
    pub(crate) fn another(&self) -> Running {
        Engine::start(EngineOptions {
            store: self.store.clone(),
            clock: self.clock.clone(),
            secrets: Arc::new(World0),
            chance: Arc::new(World0),
            carrier: Arc::new(World0),
            readers: Arc::new(self.diary.clone()),
            rereader: Arc::new(engine::ports::NoRereader),
            courier: CourierOptions::default(),
            duty: Duty::Serve,
            sweeps: engine::Sweeps::default(),
            threads: Threads::None,
        })
        .unwrap()
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.running.as_ref().unwrap().engine
    }

    /// The process dies at once, and another begins.
    pub(crate) fn die_and_rise(&mut self) {
        drop(self.running.take());
        self.running = Some(self.another());
    }

    pub(crate) async fn wait(&self, secs: u64) {
        tokio::time::sleep(Duration::from_secs(secs)).await;
    }

    pub(crate) fn key(&self) -> IntegrationKey {
        self.engine().setup().named(ID).unwrap().key()
    }

    pub(crate) fn row(&self) -> PollRow {
        self.store.reader().unwrap().poll(self.key()).unwrap().unwrap()
    }

    pub(crate) fn state(&self) -> PollState {
        self.row().state
    }

    /// The visits that are known, with their statuses.
    pub(crate) async fn known(&self) -> Vec<(String, String)> {
        let asked = engine::ops::AppointmentsAsked::default();
        let all = self.engine().list_appointments(&Actor::operator(), ID, asked).await.unwrap();
        let mut known = Vec::new();
        for item in serde_json::to_value(&all.items).unwrap().as_array().unwrap() {
            let id = item["source_id"].as_str().unwrap().to_owned();
            let told = self.explain(&id).await;
            known.push((id, told["appointment"]["status"].as_str().unwrap().to_owned()));
        }
        known.sort();
        known
    }

    pub(crate) async fn explain(&self, id: &str) -> serde_json::Value {
        let told = self.engine().explain_appointment(&Actor::operator(), ID, id).await.unwrap();
        serde_json::to_value(told).unwrap()
    }

    pub(crate) async fn causes(&self) -> Vec<CauseItem> {
        let asked = engine::ops::CausesAsked::default();
        self.engine().list_causes(&Actor::operator(), asked).await.unwrap().items
    }

    pub(crate) async fn item(&self) -> IntegrationItem {
        self.engine().show_integration(&Actor::operator(), ID).await.unwrap()
    }
}
