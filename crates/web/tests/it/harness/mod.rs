//! A small world to ask questions in: two practices, a token for each role in each, a platform that confirms.

mod carrier;
mod client;
mod clock;
pub(crate) mod html;
pub(crate) mod logs;
pub(crate) mod messages;
pub(crate) mod schema;
pub(crate) mod stores;
mod worlds;

pub(crate) use carrier::{Mood, Platform};
pub(crate) use client::{Answer, Request};
pub(crate) use clock::{FixedSecrets, HandClock, SteadyChance};
pub(crate) use messages::Visit;
pub(crate) use worlds::{NoRoom, Worlds};

use connectors::fhir_r4::FhirIntake;
use connectors::hl7v2::Intake;
use domain::setup::Document;
use domain::time::Moment;
use engine::deliver::CourierOptions;
use engine::ops::{Actor, Coverage, Role};
use engine::ports::Secret;
use engine::{Duty, Engine, EngineOptions, Running, Threads};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use web::{OneTimeLogin, WebOptions};

/// The practice that most tests look at.
pub(crate) const NORTHSIDE: &str = "northside";
/// Another practice, of which the first must never hear.
pub(crate) const SOUTHSIDE: &str = "southside";
/// The integration of the first practice.
pub(crate) const CHIRON: &str = "northside-chiron";

/// Saturday, 21 November 2026, 09:04:05 in Chicago.
pub(crate) const NOW: &str = "2026-11-21T15:04:05Z";

const DOCUMENTS: &str = include_str!("northside.toml");

/// A running server with everything behind it.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) platform: Arc<Platform>,
    pub(crate) address: SocketAddr,
    /// A code of a one-time link for the desk.
    pub(crate) once: String,
    tokens: HashMap<(&'static str, Role), String>,
    running: Running,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

/// The document of the first practice, changed as a test needs it.
pub(crate) fn northside(change: impl FnOnce(String) -> String) -> String {
    change(DOCUMENTS.to_owned())
}

/// The document of the other practice: the same set-up under other names.
pub(crate) fn southside() -> String {
    DOCUMENTS.replace("northside", "southside").replace("NORTHSIDE", "SOUTHSIDE").replace("Northside", "Southside")
}

impl World {
    /// A world with two practices and no visits.
    pub(crate) async fn start() -> World {
        World::start_with(|options| options).await
    }

    /// The same with other options of the web server.
    pub(crate) async fn start_with(change: impl FnOnce(WebOptions) -> WebOptions) -> World {
        logs::capture();
        let folder = tempfile::tempdir().unwrap();
        let store = stores::empty_store(folder.path());
        let (clock, platform, chance) = (Arc::new(HandClock::at(NOW)), Arc::<Platform>::default(), SteadyChance::new());
        let running = Engine::start(EngineOptions {
            store,
            clock: clock.clone(),
            secrets: Arc::new(FixedSecrets),
            chance: chance.clone(),
            carrier: platform.clone(),
            readers: Arc::new(engine::poll::NoReaders),
            rereader: Arc::new(connectors::ReadAgain),
            courier: CourierOptions::default(),
            duty: Duty::Serve,
            threads: Threads::Own,
            sweeps: engine::Sweeps::default(),
        })
        .unwrap();
        let engine = running.engine.clone();
        let operator = Actor::operator();
        for document in [DOCUMENTS.to_owned(), southside()] {
            engine.apply_document(&operator, Document::from_toml(&document).unwrap(), false).await.unwrap();
        }
        let mut tokens = HashMap::new();
        for practice in [NORTHSIDE, SOUTHSIDE] {
            for role in Role::ALL {
                let name = format!("{role} of {practice}");
                let made = engine.create_token(&operator, role, &name, Some(practice)).await.unwrap();
                tokens.insert((practice, role), made.token);
            }
        }
        let login = OneTimeLogin::new();
        let once = login.offer(Secret::new(tokens[&(NORTHSIDE, Role::Desk)].as_str()), &*chance);
        let options = change(WebOptions {
            doors: vec![Arc::new(Intake::new(engine.clone())), Arc::new(FhirIntake::new(engine.clone()))],
            version: "0.0-test".to_owned(),
            one_time_login: Some(login),
            demo_links: vec![("Front desk of the emulator".to_owned(), "http://127.0.0.1:9/_twin/".to_owned())],
            worlds: Some(Arc::new(Worlds)),
            ..WebOptions::default()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut stop = running.stop();
        let closing = async move { stop.requested().await };
        let server = tokio::spawn(web::serve(listener, web::router(engine.clone(), options), running.stop(), closing));
        World { engine, clock, platform, address, once, tokens, running, server, _folder: folder }
    }

    /// The token of a role in a practice.
    pub(crate) fn token(&self, practice: &'static str, role: Role) -> &str {
        &self.tokens[&(practice, role)]
    }

    /// A request by a role of the first practice.
    pub(crate) fn ask(&self, role: Role, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path).token(self.token(NORTHSIDE, role))
    }

    /// A request by nobody.
    pub(crate) fn nobody(&self, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path)
    }

    /// Looks at something as the first practice's admin.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Role::Admin, "GET", path).send().await
    }

    /// Logs a role of a practice in; the cookie of its session.
    pub(crate) async fn log_in(&self, practice: &'static str, role: Role) -> String {
        let answer =
            self.nobody("POST", "/login").form(&[("token", self.token(practice, role)), ("next", "/")]).send().await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.header("set-cookie").expect("a session");
        cookie.split(';').next().expect("a pair").to_owned()
    }

    /// Hands an HL7 v2 message in and expects it to be taken. It is decided on before the world's clock can be moved.
    pub(crate) async fn receive(&self, message: &str) -> String {
        let path = format!("/api/v1/integrations/{CHIRON}/envelopes");
        let answer = self.ask(Role::Admin, "POST", &path).body("application/hl7-v2", message).send().await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        self.engine.read(|_| Ok(())).await.expect("the store can be asked");
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// The explanation of a visit.
    pub(crate) async fn explain(&self, source_id: &str) -> serde_json::Value {
        let answer = self.get(&format!("/api/v1/integrations/{CHIRON}/appointments/{source_id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Waits until a visit has a verdict: deciding is done when a message is taken, delivering a moment later.
    pub(crate) async fn until_verdict(&self, source_id: &str, verdict: &str) -> serde_json::Value {
        let mut last = serde_json::Value::Null;
        for _ in 0..1500 {
            last = self.explain(source_id).await;
            if last["verdict"] == verdict {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{source_id} did not become {verdict}: {last:#}");
    }

    /// Proves that everything was read since the set-up until now.
    pub(crate) async fn prove_reading(&self, complete: bool) {
        let now = self.clock.read();
        let integration = self.engine.setup().named(CHIRON).unwrap().key();
        let from = Moment::from_micros(0);
        let stretch = Coverage { integration, feed: "mllp".into(), from, to: now, complete };
        self.engine.note_coverage(vec![stretch]).await.unwrap();
    }

    /// Hears when everything is to stop.
    pub(crate) fn stop_heard(&self) -> engine::Stop {
        self.running.stop()
    }

    /// Asks everything to stop, without waiting.
    pub(crate) fn request_stop(&self) {
        self.running.request_stop();
    }

    /// Stops everything and waits for it.
    pub(crate) async fn stop(self) {
        self.running.request_stop();
        self.server.await.unwrap().unwrap();
        drop(self.engine);
        tokio::time::timeout(Duration::from_secs(10), self.running.drain())
            .await
            .expect("nothing holds the engine back");
    }
}
