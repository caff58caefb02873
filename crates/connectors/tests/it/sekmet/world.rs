//! An engine that reads the server.

use super::desk::Truth;
use crate::world::TakesAll;
use connectors::VendorReaders;
use connectors::http::{AddressPolicy, HttpClient};
use connectors::rest::Outside;
use domain::setup::{Document, SecretRef};
use domain::text::Text;
use domain::time::Moment;
use engine::deliver::CourierOptions;
use engine::ops::{Actor, AppointmentsAsked};
use engine::ports::{Chance, Clock, Secret, Secrets};
use engine::{Duty, Engine, EngineOptions, Running, Threads};
use std::path::Path;
use std::sync::Arc;
use store::sqlite::{SqliteOptions, SqliteStore};

pub(crate) const ID: &str = "northside";

/// The machine's clock: the server's is the same.
pub(crate) struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "the server that is asked lives by the machine's clock")]
    fn now(&self) -> Moment {
        jiff::Timestamp::now().into()
    }
}

/// Never the same twice: the server refuses an assertion whose id it has seen within the last minutes.
struct Ticking;

impl Chance for Ticking {
    fn fraction(&self) -> f64 {
        0.5
    }

    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&Now.now().micros().to_le_bytes());
        bytes
    }
}

/// The private key, and whatever else is asked for.
struct Key(String);

impl Secrets for Key {
    fn read(&self, reference: &SecretRef) -> Result<Secret, Text> {
        match reference {
            SecretRef::Env { env } if env.as_str() == "KEY" => Ok(Secret::new(self.0.clone())),
            _ => Ok(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
        }
    }
}

/// Starts an engine on the store in a folder.
pub(crate) fn start(folder: &Path, key: &str) -> Running {
    let store = SqliteStore::open(&folder.join("punctual.db"), SqliteOptions::default()).unwrap();
    let (clock, secrets) = (Arc::new(Now), Arc::new(Key(key.to_owned())));
    let client = HttpClient::new(AddressPolicy::default()).unwrap();
    let outside = Outside { client, secrets: secrets.clone(), clock: clock.clone(), chance: Arc::new(Ticking) };
    let readers = VendorReaders::new(outside);
    Engine::start(EngineOptions {
        store: Arc::new(store),
        clock,
        secrets,
        chance: Arc::new(Ticking),
        carrier: Arc::new(TakesAll),
        readers: Arc::new(readers),
        rereader: Arc::new(connectors::ReadAgain),
        courier: CourierOptions::default(),
        duty: Duty::Serve,
        sweeps: engine::Sweeps::default(),
        threads: Threads::Own,
    })
    .unwrap()
}

/// Applies the set-up. `algorithm`: how the key signs.
pub(crate) async fn set_up(engine: &Engine, base: &str, algorithm: &str, hook: Option<&str>) {
    let hook = hook.map_or(String::new(), |url| format!(r#", hook = {{ url = "{url}", token = {{ env = "HOOK" }} }}"#));
    let overrides: String = [
        ("near_seconds", 3),
        ("far_seconds", 3),
        ("min_seconds", 1),
        ("page_size", 25),
        ("overlap_seconds", 5),
        ("guard_percent", 80),
        ("max_backoff_seconds", 2),
    ]
    .iter()
    .map(|(name, value)| {
        format!(
            "[[integration.override]]\npath = \"source.polling.{name}\"\nvalue = {value}\nauthor = \"t\"\nreason = \"t\"\n"
        )
    })
    .collect();
    let text = format!(
        r#"
[practice]
id = "northside"
name = "Northside Family Clinic"
time_zone = "America/Chicago"
[[integration]]
id = "{ID}"
lifecycle = "live"
platform = {{ profile = "webhook", route = "webhook", url = "http://127.0.0.1:9900/hook" }}
[integration.source]
profile = "fhir-r4"
route = "fhir-r4"
url = "{base}"
poll_seconds = 1
auth = {{ kind = "smart", client_id = "punctual", key = {{ env = "KEY" }}, algorithm = "{algorithm}", scope = "system/*.read system/*.write"{hook} }}
{overrides}
[[integration.override]]
path = "source.polling.limits"
value = [{{ requests = 200, seconds = 1, burst = 50 }}]
author = "t"
reason = "t"
"#
    );
    let document = Document::from_toml(&text).unwrap();
    engine.apply_document(&Actor::operator(), document, false).await.unwrap();
}

/// What the engine holds, in the desk's terms, and every visit whose state it cannot explain.
pub(crate) async fn held(engine: &Engine) -> (Truth, Vec<String>) {
    let (mut truth, mut unexplained, mut cursor) = (Truth::new(), Vec::new(), None);
    loop {
        let asked = AppointmentsAsked { cursor, limit: Some(500), ..AppointmentsAsked::default() };
        let page = engine.list_appointments(&Actor::operator(), ID, asked).await.unwrap();
        for item in serde_json::to_value(&page.items).unwrap().as_array().unwrap() {
            let id = item["source_id"].as_str().unwrap();
            let told = engine.explain_appointment(&Actor::operator(), ID, id).await.unwrap();
            let told = serde_json::to_value(told).unwrap();
            let start = told["appointment"]["start"].as_str().unwrap().to_owned();
            let status = match told["appointment"]["status"].as_str().unwrap() {
                "removed" => None,
                "booked" => Some("booked"),
                "cancelled" => Some("cancelled"),
                "checked_in" => Some("arrived"),
                "no_show" => Some("noshow"),
                other => panic!("{id} is {other}"),
            };
            truth.insert(id.to_owned(), status.map(|status| (start, status)));
            let in_sync = told["verdict"] == "in_sync";
            if told["verdict"] == "unexplained" || (!in_sync && told["primary"].is_null()) {
                unexplained.push(format!("{id}: {}", told["sentence"]));
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return (truth, unexplained);
        }
    }
}
