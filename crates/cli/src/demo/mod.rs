//! The demo: emulated practices on several systems and an emulated platform, on real sockets around a real service, in
//! one process and in one temporary folder.

mod neighbours;
pub(crate) mod words;

use crate::exit::Failure;
use crate::open::{Place, ServingLock};
use crate::progress::Progress;
use crate::service::{Service, ServiceOptions, bind};
use crate::system::{SystemChance, SystemClock};
use crate::worlds::WorldsInMemory;
use connectors::http::AddressPolicy;
use domain::setup::Document;
use emulators::faults::{Fault, Faults};
use emulators::neighbours::Neighbour;
use emulators::platform::{Platform, PlatformFault, PlatformHandle, PlatformOptions, Secret as HookSecret};
use emulators::practice::believable::{PracticeDocument, SecretReference};
use emulators::practice::{MessageState, Practice, PracticeHandle, PracticeOptions};
use engine::ops::{Actor, IntegrationItem, Role};
use engine::ports::{Chance, Clock, Secret};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use web::{OneTimeLogin, WebOptions};

/// Where the emulated clinic is.
const ZONE: &str = "America/Chicago";
/// The visit that is on its way for so long that somebody can look at it.
const ON_ITS_WAY: &str = "A-2012";
/// So long the platform asks to be left alone with that visit.
const DOWN_SECS: u32 = 180;
/// The bar of the day being sent moves so often.
const TICK: Duration = Duration::from_millis(100);

/// What a demo is made of.
pub(crate) struct DemoPlan {
    /// The API and the console.
    pub(crate) http: TcpListener,
    /// HL7 v2 messages.
    pub(crate) mllp: TcpListener,
    /// Draws the people.
    pub(crate) seed: u64,
}

/// A running demo.
pub(crate) struct Demo {
    service: Service,
    practice: PracticeHandle,
    /// The practices that are read by asking.
    neighbours: Vec<Neighbour>,
    platform: PlatformHandle,
    token: String,
    once: String,
    _lock: ServingLock,
    // The last to go: nothing may hold a file in it any more.
    folder: TempDir,
}

impl Demo {
    /// Starts everything; when it returns, the practice has begun to send its day, and its neighbours are being read.
    pub(crate) async fn start(plan: DemoPlan) -> Result<Demo, Failure> {
        let folder = tempfile::Builder::new().prefix("punctual-demo-").tempdir();
        let folder = folder.map_err(|error| Failure::could("a folder for the demo cannot be made", &error))?;
        let place = Place { data: folder.path().join("data"), store: None };
        let lock = ServingLock::take(&place)?;
        let seed = plan.seed;
        let day = Practice::believable(seed, SystemClock.now().timestamp(), ZONE)
            .map_err(|error| Failure::could("the emulated day cannot be made", &error))?;
        let (platform, secret) = start_platform(seed).await?;
        let desk = any_port().await?;
        let desk_page = address_of(&desk)?;
        let neighbours = neighbours::start_all(seed, SystemClock.now().timestamp()).await?;
        let mut demo_links = vec![("The practice's front desk".to_owned(), format!("http://{desk_page}/"))];
        let desk_of = |next: &Neighbour| (format!("{} front desk", next.name()), next.desk());
        demo_links.extend(neighbours.iter().map(desk_of));
        demo_links.push(("The platform".to_owned(), format!("http://{}/", platform.http)));

        let login = OneTimeLogin::new();
        let token = first_token(&place).await?;
        let once = login.offer(Secret::new(token.as_str()), &SystemChance);
        let service = Service::start(ServiceOptions {
            sweeps: engine::Sweeps::default(),
            store: place.open()?,
            http: plan.http,
            mllp: plan.mllp,
            policy: AddressPolicy::default(),
            message_bytes: crate::configuration::MESSAGE_BYTES,
            connections: crate::configuration::CONNECTIONS,
            post: Default::default(),
            retention: domain::setup::Retention::default(),
            web: WebOptions {
                one_time_login: Some(login),
                demo_links,
                worlds: Some(Arc::new(WorldsInMemory)),
                ..WebOptions::default()
            },
        })?;
        let hook_secret = folder.path().join("hook-secret");
        std::fs::write(&hook_secret, secret.text())
            .map_err(|error| Failure::could("the demo's signing secret cannot be kept", &error))?;
        let reference = SecretReference::File(hook_secret.display().to_string());
        let document = Document::from_toml(&day.document.to_toml(&platform.hook_url(), &reference))
            .map_err(|error| Failure::could("the demo's practice document cannot be read", &error))?;
        service.engine().apply_document(&Actor::operator(), document, false).await?;
        for neighbour in &neighbours {
            let (engine, folder) = (service.engine(), folder.path());
            neighbours::join(neighbour, engine, folder, &platform.hook_url(), &reference).await?;
        }

        let options = PracticeOptions { feed: Some(service.mllp), ..PracticeOptions::default() };
        let practice = day.practice.start(desk, options);
        let practice = practice.map_err(|error| Failure::could("the emulated practice cannot be started", &error))?;
        Ok(Demo { service, practice, neighbours, platform, token, once, _lock: lock, folder })
    }

    /// What is printed once everything listens.
    pub(crate) fn listening(&self) -> Value {
        let mut line = self.service.listening();
        line["token"] = self.token.as_str().into();
        line["login"] = self.login().into();
        line["practice"] = self.desk().into();
        line["platform"] = self.platform().into();
        line["integration"] = PracticeDocument::INTEGRATION.into();
        line["neighbours"] = self.neighbours.iter().map(neighbours::listening).collect();
        line
    }

    /// The link that logs in, once.
    fn login(&self) -> String {
        format!("{}/login?once={}", self.console(), self.once)
    }

    /// The console.
    fn console(&self) -> String {
        format!("http://{}", self.service.http)
    }

    /// The emulated practice's front desk.
    fn desk(&self) -> String {
        format!("http://{}", self.practice.http)
    }

    /// The emulated platform.
    fn platform(&self) -> String {
        format!("http://{}", self.platform.http)
    }

    /// Waits until the practice has sent its day, with a bar; then tells how the visits stand.
    pub(crate) async fn day_sent(&self) -> Result<IntegrationItem, Failure> {
        let bar = Progress::of("Sending the day", "messages");
        loop {
            let (done, total) = self.practice.look(|practice| {
                let waits = |state| matches!(state, MessageState::Waiting | MessageState::Sending);
                let messages = practice.messages();
                messages.fold((0, 0), |(done, total), message| (done + u64::from(!waits(message.state)), total + 1))
            });
            bar.at(done, total);
            if done == total {
                break;
            }
            tokio::time::sleep(TICK).await;
        }
        bar.done();
        // A moment for the last cards to arrive.
        for _ in 0..20 {
            let item = self.integration().await?;
            if item.counts.get("on_time").copied().unwrap_or(0) <= 1 {
                return Ok(item);
            }
            tokio::time::sleep(TICK).await;
        }
        self.integration().await
    }

    async fn integration(&self) -> Result<IntegrationItem, Failure> {
        Ok(self.service.engine().show_integration(&Actor::operator(), PracticeDocument::INTEGRATION).await?)
    }

    /// Stops everything and removes what was written.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        self.practice.stop().await;
        let drained = self.service.drain().await;
        for neighbour in self.neighbours {
            neighbour.stop().await;
        }
        self.platform.stop().await;
        let folder = self.folder.path().to_owned();
        self.folder
            .close()
            .map_err(|error| Failure::could(&format!("{} cannot be removed", folder.display()), &error))?;
        drained
    }
}

async fn start_platform(seed: u64) -> Result<(PlatformHandle, HookSecret), Failure> {
    let bytes = SystemChance.bytes();
    let secret = HookSecret::from_seed(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)));
    let down = Fault::always().only([ON_ITS_WAY]).first(1).retry_after(DOWN_SECS);
    let options = PlatformOptions {
        demanding: true,
        faults: Faults::none(seed).with(PlatformFault::Outage, down),
        ..PlatformOptions::default()
    };
    let platform = Platform::new(seed, secret.clone()).start(any_port().await?, options);
    let platform = platform.map_err(|error| Failure::could("the emulated platform cannot be started", &error))?;
    Ok((platform, secret))
}

/// A token for this run, made before anybody can ask.
async fn first_token(place: &Place) -> Result<String, Failure> {
    let running = crate::open::start(place.open()?, engine::Duty::Visit, AddressPolicy::default())?;
    let made = running.engine.create_token(&Actor::operator(), Role::Admin, "Demo", None).await;
    running.drain().await;
    Ok(made?.token)
}

async fn any_port() -> Result<TcpListener, Failure> {
    bind(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0), "--http").await
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::could("an address in use cannot be told", &error))
}
