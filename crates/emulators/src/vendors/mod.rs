//! Twins of vendors' interfaces: each vendor's API as its own small server, with that vendor's shapes, quirks and
//! limits, over a neutral [`crate::diary`].
//!
//! Every shape has its origin in a comment: *confirmed* (the vendor's own published words or code that runs against
//! the vendor), *inferred* (reasoned from what is public), or *our choice* (nothing is public; a switch changes it).
//! The vendors' paths are at the root. The front desk and the control plane are under `/_twin/`.
#![allow(clippy::result_large_err, reason = "the error is the answer, and goes to the caller at once")]

mod athenahealth;
mod call;
mod carecloud;
mod control;
mod drchrono;
mod faults;
mod fhir;
mod files;
mod hs1;
mod kareo;
mod office;
mod outbox;
mod post;
mod prime;
mod shared;
mod site;
mod tokens;

pub use crate::diary::Size as DiarySize;
pub use faults::VendorFault;

use crate::clock::{Clock, SystemClock, TwinClock};
use crate::diary::Diary;
use crate::faults::Faults;
use crate::http::Server;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use call::{Call, Params};
use office::{Office, Spec};
use serde_json::{Map, Value};
use shared::Shared;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// All vendors that there are twins of.
const SPECS: &[&Spec] = &[
    &athenahealth::SPEC,
    &carecloud::SPEC,
    &files::CARELOGIC,
    &files::CSV,
    &drchrono::SPEC,
    &fhir::SPEC,
    &files::INTERGY,
    &prime::SPEC,
    &hs1::EXACT,
    &hs1::OASIS,
    &kareo::SPEC,
];

/// The names under which the vendors' twins are asked for.
#[must_use]
pub fn vendors() -> Vec<&'static str> {
    SPECS.iter().map(|spec| spec.name).collect()
}

/// How a vendor's twin is run.
#[derive(Clone)]
pub struct VendorOptions {
    /// Draws its people, its diary, its ids and its faults.
    pub seed: u64,
    /// What its clock runs like until it is stopped or moved.
    pub clock: Arc<dyn Clock>,
    /// The IANA zone of the practice; else one where the vendor's customers are.
    pub time_zone: Option<String>,
    /// How much is in the diary.
    pub size: DiarySize,
    /// What goes wrong from the start.
    pub faults: Faults<VendorFault>,
    /// Switches that are not to be as usual.
    pub switches: Map<String, Value>,
    /// So often the twin looks at its clock, to send and write what has come due.
    pub glance: Duration,
}

impl Default for VendorOptions {
    fn default() -> VendorOptions {
        VendorOptions {
            seed: 1,
            clock: Arc::new(SystemClock),
            time_zone: None,
            size: DiarySize::Year,
            faults: Faults::none(1),
            switches: Map::new(),
            glance: Duration::from_millis(100),
        }
    }
}

impl std::fmt::Debug for VendorOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VendorOptions").field("seed", &self.seed).field("size", &self.size).finish_non_exhaustive()
    }
}

/// A twin that cannot be started. The sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CannotStart {
    /// There is no such vendor.
    #[error("there is no twin of {name:?}; there are {}", vendors().join(", "))]
    NoSuchVendor {
        /// What was asked for.
        name: String,
    },
    /// There is no such zone.
    #[error("{0}; give an IANA name such as America/Chicago")]
    Zone(jiff::Error),
    /// There is no such switch.
    #[error("{vendor} has no switch {name:?}; it has {known}")]
    Switch {
        /// Whose.
        vendor: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The socket is no good.
    #[error("the twin cannot listen: {0}")]
    Io(#[from] io::Error),
}

/// A vendor's twin that runs until it is stopped or dropped.
pub struct VendorTwin {
    /// Where it listens.
    pub http: SocketAddr,
    shared: Arc<Shared>,
    server: Server,
    task: AbortOnDrop,
}

/// Ends a task with its owner.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl VendorTwin {
    /// Starts the twin of a vendor on a listener.
    ///
    /// # Errors
    ///
    /// When there is no such vendor, zone or switch, or the listener cannot tell its address.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn start(vendor: &str, listener: TcpListener, options: VendorOptions) -> Result<VendorTwin, CannotStart> {
        let spec = SPECS.iter().find(|spec| spec.name == vendor);
        let spec = spec.ok_or_else(|| CannotStart::NoSuchVendor { name: vendor.to_owned() })?;
        let clock = TwinClock::like(options.clock);
        let zone = options.time_zone.as_deref().unwrap_or(spec.zone);
        let now = clock.now();
        let diary = Diary::believable(options.seed, now, zone, spec.ids, options.size).map_err(CannotStart::Zone)?;
        let Value::Object(mut switches) = (spec.switches)() else { unreachable!("switches are an object") };
        for (name, value) in options.switches {
            if !switches.contains_key(&name) {
                let known = switches.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(CannotStart::Switch { vendor: spec.name, name, known });
            }
            switches.insert(name, value);
        }
        let mut office = Office::new(diary, options.seed, now, switches);
        office.set_faults(options.faults);
        let vendor = (spec.vendor)(options.seed);
        let shared = Arc::new(Shared::new(spec.name, options.seed, clock, office, vendor));
        let own = Router::new().fallback(serve).with_state(shared.clone());
        let router = control::router(shared.clone()).merge(site::router(shared.clone())).merge(own);
        let server = Server::start(listener, router)?;
        let task = AbortOnDrop(tokio::spawn(shared.clone().run(options.glance)).abort_handle());
        Ok(VendorTwin { http: server.address(), shared, server, task })
    }

    /// The vendor's name.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        self.shared.name
    }

    /// What a caller needs to know to come in: made-up keys and the addresses of tokens.
    #[must_use]
    pub fn access(&self) -> Value {
        self.shared.look(|room| room.vendor.access())
    }

    /// The diary as it is.
    #[must_use]
    pub fn diary(&self) -> Diary {
        self.shared.look(|room| room.office.diary.clone())
    }

    /// How many requests it has answered, or hung up on.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.shared.look(|room| room.answered)
    }

    /// What the vendor calls the visit of this number.
    #[must_use]
    pub fn visit_id(&self, visit: u64) -> Option<String> {
        self.shared.look(|room| room.office.diary.visits.get(&visit).map(|visit| room.vendor.visit_id(visit)))
    }

    /// Does something at the desk; what it changes is told in the vendor's way.
    pub fn at_desk<R>(&self, act: impl FnOnce(&mut Diary, jiff::Timestamp) -> R) -> R {
        self.shared.at_desk(act)
    }

    /// The twin's clock.
    #[must_use]
    pub fn clock(&self) -> &TwinClock {
        &self.shared.clock
    }

    /// Goes wrong like this from here on.
    pub fn set_faults(&self, faults: Faults<VendorFault>) {
        self.shared.set(|room, _| room.office.set_faults(faults));
    }

    /// Stops: no more answers, no more pushes.
    pub async fn stop(self) {
        let VendorTwin { server, task, .. } = self;
        drop(task);
        server.stop().await;
    }
}

impl std::fmt::Debug for VendorTwin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VendorTwin").field("vendor", &self.vendor()).field("http", &self.http).finish_non_exhaustive()
    }
}

async fn serve(State(twin): State<Arc<Shared>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let origin = format!("http://{host}");
    let query = Params::read(uri.query().unwrap_or_default());
    let call = Call { method: method.to_string(), path: uri.path().to_owned(), query, headers, body, origin };
    let answer = twin.answer(call).await;
    // By the twin's own clock: callers measure with it how far theirs is off.
    let date = crate::clock::Clock::now(&twin.clock).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    call::with(answer, "date", &date)
}
