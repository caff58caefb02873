//! One scene: a vendor's twin with a practice, a platform that takes signed webhooks, and our engine on a store
//! between them. All three live by one clock that a test does not have to wait for, on real sockets.

use super::hook::Hook;
use super::system::System;
use connectors::VendorReaders;
use connectors::http::{AddressPolicy, HttpClient};
use connectors::rest::Outside;
use connectors::webhook::WebhookCarrier;
use domain::setup::{Document, SecretRef};
use domain::text::Text;
use domain::time::Moment;
use emulators::faults::Faults;
use emulators::platform::{Platform, PlatformHandle, PlatformOptions, Secret as HookSecret};
use emulators::vendors::{DiarySize, VendorOptions, VendorTwin};
use engine::deliver::{Answer, CourierOptions, Parcel};
use engine::ops::Actor;
use engine::poll::{
    Ask, Capabilities, Failure, Heard, Knock, One, Page, PatientWanted, Readers, Sheet, SourceReader, Window,
};
use engine::ports::{Announcement, Carrier, Chance, Clock, PortFuture, Secret, Secrets};
use engine::setup::Integration;
use engine::{Duty, Engine, EngineOptions, Running, Threads};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Method, Request};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Store;
use store::sqlite::SqliteStore;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The integration under test.
pub(crate) const ID: &str = "northside";
const HOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr";

/// A clock that goes with the runtime's paused time, from a Monday in November, eight in Chicago.
#[derive(Clone, Copy)]
pub(crate) struct SceneClock(Instant);

impl SceneClock {
    pub(crate) fn timestamp(&self) -> jiff::Timestamp {
        let began: jiff::Timestamp = "2026-11-23T14:00:00Z".parse().unwrap();
        began + jiff::SignedDuration::try_from(self.0.elapsed()).unwrap()
    }
}

impl Clock for SceneClock {
    fn now(&self) -> Moment {
        self.timestamp().into()
    }
}

impl emulators::clock::Clock for SceneClock {
    fn now(&self) -> jiff::Timestamp {
        self.timestamp()
    }
}

/// Secrets of the scene; one in a file can be replaced, and outlives our process.
struct SceneSecrets(Mutex<BTreeMap<String, String>>);

impl Secrets for SceneSecrets {
    fn read(&self, reference: &SecretRef) -> Result<Secret, Text> {
        let (SecretRef::Env { env: name } | SecretRef::File { file: name }) = reference;
        let found = self.0.lock().unwrap().get(name.as_str()).cloned();
        found.map(Secret::new).ok_or_else(|| Text::from(format!("the system file names no secret {name}")))
    }

    fn write(&self, reference: &SecretRef, value: &Secret) -> Result<(), Text> {
        let SecretRef::File { file } = reference else { return Err("an environment is not written".into()) };
        self.0.lock().unwrap().insert(file.to_string(), value.open().to_owned());
        Ok(())
    }
}

/// The same each time.
struct NoChance;

impl Chance for NoChance {
    fn fraction(&self) -> f64 {
        0.5
    }

    fn bytes(&self) -> [u8; 32] {
        [0x5a; 32]
    }
}

/// So many exchanges are on the wire. While one is, the clock is held back a little, so that the system can carry the
/// bytes before a time limit passes in no time.
#[derive(Clone, Default)]
pub(crate) struct OnTheWire(Arc<(AtomicUsize, Notify)>);

impl OnTheWire {
    pub(crate) async fn during<T>(&self, exchange: impl Future<Output = T>) -> T {
        self.0.0.fetch_add(1, Ordering::Relaxed);
        self.0.1.notify_one();
        let _back = Back(self.0.clone());
        exchange.await
    }

    async fn hold_the_clock(self) {
        loop {
            if self.0.0.load(Ordering::Relaxed) == 0 {
                self.0.1.notified().await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            std::thread::sleep(Duration::from_micros(100));
        }
    }
}

struct Back(Arc<(AtomicUsize, Notify)>);

impl Drop for Back {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct WatchedReaders(VendorReaders, OnTheWire);

impl Readers for WatchedReaders {
    fn reader(&self, integration: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
        let made = self.0.reader(integration)?;
        Some(made.map(|reader| Arc::new(WatchedReader(reader, self.1.clone())) as Arc<dyn SourceReader>))
    }
}

struct WatchedReader(Arc<dyn SourceReader>, OnTheWire);

impl SourceReader for WatchedReader {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn changes<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.1.during(self.0.changes(ask)))
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.1.during(self.0.window(window, ask)))
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.1.during(self.0.one(source_id, ask)))
    }

    fn refresh(&self) {
        self.0.refresh();
    }

    fn hear(&self, knock: &Knock<'_>) -> Heard {
        self.0.hear(knock)
    }

    fn finds_patients(&self) -> bool {
        self.0.finds_patients()
    }

    fn patients<'a>(&'a self, wanted: &'a PatientWanted, ask: Ask<'a>) -> PortFuture<'a, Result<Sheet, Failure>> {
        Box::pin(self.1.during(self.0.patients(wanted, ask)))
    }

    fn patient<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.1.during(self.0.patient(source_id, ask)))
    }

    fn keep_hooks<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<(), Failure>> {
        Box::pin(self.1.during(self.0.keep_hooks(ask)))
    }
}

struct WatchedCarrier(WebhookCarrier, OnTheWire);

impl Carrier for WatchedCarrier {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        Box::pin(self.1.during(self.0.carry(parcel)))
    }

    fn announce<'a>(&'a self, announcement: &'a Announcement) -> PortFuture<'a, Answer> {
        Box::pin(self.1.during(self.0.announce(announcement)))
    }

    fn check_address(&self, url: &str) -> Result<(), Text> {
        self.0.check_address(url)
    }
}

/// The world of a scene.
pub(crate) struct World {
    pub(crate) system: System,
    pub(crate) clock: SceneClock,
    pub(crate) platform: PlatformHandle,
    twin: VendorTwin,
    client: HttpClient,
    wire: OnTheWire,
    secrets: Arc<SceneSecrets>,
    /// Where vendors call us.
    pub(crate) hook: Hook,
    running: Option<Running>,
    store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
    /// What the texts of the system file may name.
    names: BTreeMap<String, String>,
}

impl World {
    /// Opens the practice and the platform; nothing is connected yet.
    pub(crate) async fn open(system: System, seed: u64) -> World {
        let clock = SceneClock(Instant::now());
        let folder = tempfile::tempdir().unwrap();
        let drop = folder.path().join("drop");
        std::fs::create_dir(&drop).unwrap();
        let options = PlatformOptions { clock: Arc::new(clock), demanding: false, faults: Faults::none(seed) };
        let platform = Platform::new(seed, HookSecret::read(HOOK_SECRET).unwrap());
        let platform = platform.start(TcpListener::bind("127.0.0.1:0").await.unwrap(), options).unwrap();
        let mut names = BTreeMap::from([("drop".to_owned(), drop.display().to_string())]);
        let mut switches = system.twin.switches.clone();
        switches.values_mut().for_each(|value| System::fill_json(value, &names));
        let options = VendorOptions {
            seed,
            clock: Arc::new(clock),
            time_zone: None,
            size: DiarySize::Empty,
            faults: Faults::none(seed),
            switches,
            glance: Duration::from_secs(1),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let twin = VendorTwin::start(&system.twin.vendor, listener, options).unwrap();
        names.insert("twin".to_owned(), format!("http://{}", twin.http));
        System::name_all(&twin.access(), &mut names);
        // In memory: what it survives here is our process, not the machine's.
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory(&format!("scene-{}", platform.http)).unwrap());
        let wire = OnTheWire::default();
        let (hook, listener) = (Hook::default(), TcpListener::bind("127.0.0.1:0").await.unwrap());
        names.insert("hook".to_owned(), format!("http://{}/hook", listener.local_addr().unwrap()));
        hook.open(listener, wire.clone());
        tokio::spawn(wire.clone().hold_the_clock());
        let client = HttpClient::new(AddressPolicy::default()).unwrap();
        let mut secrets = system.secrets.clone();
        secrets.values_mut().for_each(|value| *value = System::fill(value, &names));
        secrets.insert("HOOK".to_owned(), HOOK_SECRET.to_owned());
        let secrets = Arc::new(SceneSecrets(Mutex::new(secrets)));
        let running = None;
        World { system, clock, platform, twin, client, wire, hook, store, secrets, running, _folder: folder, names }
    }

    /// Our process begins.
    pub(crate) fn start(&mut self) {
        let secrets = self.secrets.clone();
        let (clock, chance) = (Arc::new(self.clock), Arc::new(NoChance));
        let client = self.client.clone();
        let outside = Outside { client, secrets: secrets.clone(), clock: clock.clone(), chance: chance.clone() };
        let carrier = WebhookCarrier::new(self.client.clone(), clock.clone());
        let running = Engine::start(EngineOptions {
            store: self.store.clone(),
            clock,
            secrets,
            chance,
            carrier: Arc::new(WatchedCarrier(carrier, self.wire.clone())),
            readers: Arc::new(WatchedReaders(VendorReaders::new(outside), self.wire.clone())),
            rereader: Arc::new(connectors::ReadAgain),
            courier: CourierOptions::default(),
            duty: Duty::Serve,
            sweeps: engine::Sweeps { facts: Duration::from_secs(5), outbox: Duration::from_secs(2) },
            threads: Threads::None,
        });
        let running = running.unwrap();
        self.hook.lead_to(Some(running.engine.clone()));
        self.running = Some(running);
    }

    /// Our process dies at once, and another begins on what is on disk.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.start();
    }

    fn stop(&mut self) {
        self.hook.lead_to(None);
        drop(self.running.take());
    }

    pub(crate) fn has_engine(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.running.as_ref().unwrap().engine
    }

    /// The practice's set-up, as somebody would write it who looks at the practice system.
    pub(crate) async fn document(&self) -> Document {
        let state = self.state().await;
        let practice = &state["practice"];
        let list = |what: &str| practice[what].as_array().unwrap().clone();
        let mut text = format!(
            "[practice]\nid = \"northside\"\nname = {}\ntime_zone = {}\n\n[[integration]]\nid = \"{ID}\"\nlifecycle = \"live\"\n",
            practice["name"],
            list("departments")[0]["time_zone"],
        );
        text += &format!(
            "platform = {{ profile = \"webhook\", route = \"webhook\", url = \"{}\", secret = {{ env = \"HOOK\" }} }}\n",
            self.platform.hook_url(),
        );
        let mut source = self.system.source.clone();
        source.iter_mut().for_each(|(_, value)| System::fill_toml(value, &self.names));
        text += &format!("source = {}\n", toml::Value::Table(source));
        let ids = &self.system.ids;
        for (n, row) in list("providers").iter().enumerate() {
            let id = row_id(&ids.provider, row);
            text += &format!(
                "[[integration.provider]]\nsource_id = \"{id}\"\nplatform_id = \"prov_{n}\"\nname = {}\n",
                row["name"]
            );
        }
        for row in list("departments") {
            let id = row_id(&ids.department, &row);
            text += &format!(
                "[[integration.department]]\nsource_id = \"{id}\"\nname = {}\ntime_zone = {}\n",
                row["name"], row["time_zone"]
            );
        }
        // A source that tells of no types has none to list.
        for row in list("types").into_iter().filter(|_| !ids.kind.is_empty()) {
            let id = row_id(&ids.kind, &row);
            let name = Value::String(row_id(&ids.kind_name, &row));
            text += &format!("[[integration.type]]\nsource_name = {name}\nsource_id = \"{id}\"\n");
        }
        if let Some(table) = &self.system.status_table {
            let access = self.twin.access();
            let rows = access.pointer(&table.at).and_then(Value::as_array).cloned();
            for row in rows.unwrap_or_else(|| panic!("the twin tells no {}", table.at)) {
                text += &format!("[[integration.status]]\nsource = {}\nmeans = {}\n", row[&table.word], row["means"]);
            }
        }
        for (path, value) in &self.system.overrides {
            text += &format!(
                "[[integration.override]]\npath = \"{path}\"\nvalue = {value}\nauthor = \"suite\"\nreason = \"short days\"\n"
            );
        }
        Document::from_toml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// The integration goes live.
    pub(crate) async fn connect(&mut self) {
        self.start();
        let document = self.document().await;
        self.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
        let integration = self.engine().setup().named(ID).unwrap().clone();
        let made = WatchedReaders(self.outside_readers(), self.wire.clone()).reader(&integration);
        let capabilities = made.expect("the route is read by asking").unwrap().capabilities();
        let reads = self.system.reads;
        let said = Capabilities {
            changes: reads.changes,
            consumes: reads.consumes,
            windows: reads.windows,
            single: reads.single,
            stamps: reads.stamps,
        };
        assert_eq!(capabilities, said, "what the system file says under [reads] is not what the reader says");
    }

    fn outside_readers(&self) -> VendorReaders {
        let secrets = self.secrets.clone();
        let (clock, chance) = (Arc::new(self.clock), Arc::new(NoChance));
        VendorReaders::new(Outside { client: self.client.clone(), secrets, clock, chance })
    }

    /// Does something at the twin's desk or its control plane. What is refused is a mistake in a case.
    pub(crate) async fn desk(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let request = Request::builder()
            .method(method.clone())
            .uri(format!("{}/_twin/{path}", self.names["twin"]))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.map_or_else(String::new, Value::to_string))))
            .unwrap();
        let answer = self.wire.during(self.client.send(request, Duration::from_secs(60), 64 << 20)).await;
        let answer = answer.unwrap_or_else(|trouble| panic!("{method} {path}: {trouble}"));
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status.is_success(), "{method} {path} {body:?}: {} {text}", answer.status);
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// What is true at the practice.
    pub(crate) async fn state(&self) -> Value {
        self.desk(Method::GET, "state", None).await
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, secs: u64) {
        tokio::time::sleep(Duration::from_secs(secs)).await;
    }

    /// Both sides stop.
    pub(crate) async fn close(mut self) {
        self.stop();
        self.twin.stop().await;
        self.platform.stop().await;
    }
}

/// Notes what the twin says to those who want to come in, each under its own name.
fn row_id(pattern: &str, row: &Value) -> String {
    let mut id = pattern.to_owned();
    for (name, value) in row.as_object().unwrap() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        id = id.replace(&format!("{{{name}}}"), &text);
    }
    id
}
