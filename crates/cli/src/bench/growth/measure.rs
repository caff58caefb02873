//! Measuring one store as it stands: how fast a message is answered, what it costs, what questions take.

use super::fill::{begun, delivered};
use super::history::History;
use super::questions::{ask_all, ask_cold};
use super::world::{HistoryClock, KnownSecret, Platform};
use crate::args::RemoteArgs;
use crate::bench::child::Usage;
use crate::bench::{Draw, Load, Sent, send};
use crate::exit::Failure;
use crate::open::{Outside, Place, start_with};
use crate::remote::Remote;
use crate::service::{Service, ServiceOptions, bind};
use crate::system::{SystemChance, SystemClock};
use connectors::http::AddressPolicy;
use connectors::post::Post;
use domain::setup::Retention;
use engine::deliver::CourierOptions;
use engine::ops::{Actor, Role};
use engine::poll::NoReaders;
use engine::ports::Clock;
use engine::{Duty, Engine, Sweeps};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::sqlite::SqliteOptions;
use web::WebOptions;

/// What is measured at each size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Messages that are sent one after another.
    pub(super) single: u32,
    /// Messages that are sent on many connections.
    pub(super) many: u32,
    /// So many connections.
    pub(super) connections: u32,
    /// Explanations that are asked for.
    pub(super) asked: u32,
    /// Explanations of visits of which nothing is in memory.
    pub(super) cold: u32,
}

impl Plan {
    /// Messages of one measurement.
    pub(super) fn messages(self) -> u32 {
        WARM + self.single + self.many
    }
}

/// Messages before the first that counts: a service that has just begun has nothing in memory.
const WARM: u32 = 500;

const NO_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Measures the store at `size` visits, on a service with the options that everybody has.
pub(super) async fn measure(place: &Place, history: &History, size: u32, plan: Plan) -> Result<Value, Failure> {
    let store = place.open_as(SqliteOptions::default())?;
    let clock = Arc::new(HistoryClock::at(history.instant(size)));
    let outside = Outside {
        clock: clock.clone(),
        carrier: Arc::new(Platform),
        readers: Arc::new(NoReaders),
        secrets: Arc::new(KnownSecret),
        chance: Arc::new(SystemChance),
        courier: CourierOptions::default(),
        sweeps: Sweeps::default(),
    };
    let running = start_with(store.clone(), Duty::Serve, outside)?;
    let options = ServiceOptions {
        store,
        http: bind(NO_ADDRESS, "the port").await?,
        mllp: bind(NO_ADDRESS, "the port").await?,
        policy: AddressPolicy::default(),
        message_bytes: 1 << 20,
        connections: 1024,
        retention: Retention { keep_days: 0 },
        post: Post::default(),
        sweeps: Sweeps::default(),
        web: WebOptions::default(),
    };
    let service = Service::around(running, options)?;
    let engine = service.engine().clone();
    let token = engine.create_token(&Actor::operator(), Role::Admin, "Growth", None).await?;
    let remote =
        Remote::named(&RemoteArgs { url: Some(format!("http://{}", service.http)), token: Some(token.token.clone()) })?
            .ok_or_else(|| Failure::Could("the service has no address".to_owned()))?;

    // Every run has ids of its own, or its messages would be repetitions.
    let run = u32::try_from(SystemClock.now().micros() / 1_000_000 % 1_000_000_000).unwrap_or(0);
    let today = history.instant(size).timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let draw = |run| Draw { patients: History::patients(size), today, run };
    let load =
        |connections, appointments, run| Load { connections, appointments, versions: 1, rate: None, draw: draw(run) };
    hand_in(&engine, service.mllp, load(1, WARM, run)).await?;
    let single = hand_in(&engine, service.mllp, load(1, plan.single, run + 1)).await?;
    let many = hand_in(&engine, service.mllp, load(plan.connections, plan.many, run + 2)).await?;
    let mut questions = ask_all(&engine, &remote, size, plan.asked).await?;
    if plan.cold > 0 && place.is_embedded() {
        questions.extend(ask_cold(&engine, &place.sqlite_file(), size, plan.cold).await?);
    }
    let used = Usage::own();
    let stored = begun(&engine).await?;
    drop((engine, remote));
    service.drain().await?;
    Ok(json!({
        "visits": stored,
        "one_connection": single.json(),
        "many_connections": many.json(),
        "questions": questions,
        "memory": { "resident": used.memory, "peak": used.peak },
    }))
}

/// What one load came to.
struct Ingest {
    sent: Sent,
    /// Seconds of CPU that everything but the senders used for a message, deliveries included.
    cpu: f64,
}

impl Ingest {
    fn json(&self) -> Value {
        json!({
            "per_second": self.sent.per_second,
            "answers": self.sent.answers.json(),
            "cpu_us": self.cpu * 1e6,
            "refused": self.sent.refused,
        })
    }
}

/// Sends a load from a thread of its own, whose time is not counted, and waits until all is delivered.
async fn hand_in(engine: &Engine, to: SocketAddr, load: Load) -> Result<Ingest, Failure> {
    let before = Usage::own().cpu;
    let sending = std::thread::Builder::new().name("bench-sender".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::could("the sender cannot be started", &error))?;
        let sent = runtime.block_on(send(to, load, Arc::new(|_, _| {})))?;
        Ok::<_, Failure>((sent, Usage::of_this_thread().cpu))
    });
    let sending = sending.map_err(|error| Failure::could("the sender cannot be started", &error))?;
    while !sending.is_finished() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (sent, own): (Sent, f64) =
        sending.join().map_err(|_| Failure::Could("the sender ended early".to_owned()))??;
    delivered(engine).await?;
    let cpu = (Usage::own().cpu - before - own) / f64::from(load.messages().max(1));
    Ok(Ingest { sent, cpu })
}
