//! The service: engine, MLLP and web on one store, started and drained as a whole.

mod end;

pub(crate) use end::Ends;

use crate::exit::Failure;
use crate::open::start_sweeping;
use connectors::fhir_r4::FhirIntake;
use connectors::hl7v2::{Channels, Intake, ListenerOptions, listen, listen_on_own_ports, prove_coverage};
use connectors::http::AddressPolicy;
use connectors::mail::MailServer;
use connectors::post::Post;
use domain::notice::Language;
use domain::setup::Retention;
use engine::{Duty, Engine, NoticeOptions, Running, Sweeps, keep_notices, keep_retention};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use web::WebOptions;

/// What a service is made of.
pub(crate) struct ServiceOptions {
    /// Where everything is kept.
    pub(crate) store: Arc<dyn Store>,
    /// The API and the console.
    pub(crate) http: TcpListener,
    /// HL7 v2 messages.
    pub(crate) mllp: TcpListener,
    /// Which addresses may be called.
    pub(crate) policy: AddressPolicy,
    /// Bytes of the largest message, by whatever way it comes.
    pub(crate) message_bytes: usize,
    /// MLLP connections at one time.
    pub(crate) connections: usize,
    /// How long messages are kept as they came.
    pub(crate) retention: Retention,
    /// The ways to people.
    pub(crate) post: Post,
    /// How often is looked for what other processes did.
    pub(crate) sweeps: Sweeps,
    /// The web server; the service adds the doors for messages.
    pub(crate) web: WebOptions,
}

/// A running service.
pub(crate) struct Service {
    /// Where the API and the console are.
    pub(crate) http: SocketAddr,
    /// Where HL7 v2 messages are taken.
    pub(crate) mllp: SocketAddr,
    running: Running,
    feeds: JoinSet<()>,
    web: JoinHandle<std::io::Result<()>>,
    close_web: oneshot::Sender<()>,
}

impl Service {
    /// Starts everything.
    pub(crate) fn start(options: ServiceOptions) -> Result<Service, Failure> {
        let running = start_sweeping(options.store.clone(), Duty::Serve, options.policy.clone(), options.sweeps)?;
        Service::around(running, options)
    }

    /// Starts everything around an engine that is running already.
    pub(crate) fn around(running: Running, options: ServiceOptions) -> Result<Service, Failure> {
        let ServiceOptions { http, mllp, message_bytes, connections, retention, post, mut web, .. } = options;
        let told = |listener: &TcpListener| {
            listener.local_addr().map_err(|error| Failure::could("an address in use cannot be told", &error))
        };
        let (http_address, mllp_address) = (told(&http)?, told(&mllp)?);
        let intake = Arc::new(Intake::new(running.engine.clone()));
        let channels = Arc::new(Channels::default());
        let bounds = ListenerOptions { largest_message: message_bytes, connections, ..ListenerOptions::default() };
        let mut feeds = JoinSet::new();
        feeds.spawn(listen(mllp, intake.clone(), channels.clone(), None, bounds, running.stop()));
        let host = mllp_address.ip();
        feeds.spawn(listen_on_own_ports(host, intake.clone(), channels.clone(), bounds, running.stop()));
        feeds.spawn(keep_retention(running.engine.clone(), retention, running.stop()));
        let console = web.public_origin.clone().unwrap_or_else(|| format!("http://{http_address}"));
        let notices = NoticeOptions {
            domain: post.mail.as_ref().map_or("punctual.invalid", MailServer::domain).to_owned(),
            console: Some(console),
            sms: post.sms.is_some(),
            language: Language::default(),
        };
        feeds.spawn(keep_notices(running.engine.clone(), Arc::new(post), notices, running.stop()));
        feeds.spawn(prove_coverage(intake.clone(), channels, running.stop()));
        web.doors.push(intake);
        web.doors.push(Arc::new(FhirIntake::new(running.engine.clone())));
        web.limits.message_bytes = message_bytes;
        let router = web::router(running.engine.clone(), web);
        let (close_web, closing) = oneshot::channel();
        // A sender that is gone means the same as one that was used.
        let web = tokio::spawn(web::serve(http, router, running.stop(), async { drop(closing.await) }));
        Ok(Service { http: http_address, mllp: mllp_address, running, feeds, web, close_web })
    }

    /// The engine behind it.
    pub(crate) fn engine(&self) -> &Engine {
        &self.running.engine
    }

    /// Waits until the disk fails to keep what was written. The service has to be ended then, and started again.
    pub(crate) async fn broken(&self) {
        self.running.broken().await;
    }

    /// What is printed once everything listens.
    pub(crate) fn listening(&self) -> Value {
        json!({ "event": "listening", "http": self.http.to_string(), "mllp": self.mllp.to_string() })
    }

    /// Takes nothing new, finishes what is under way and returns when all is durable. Until the work under way is done
    /// the web server goes on answering, and `/readyz` tells that the end is near.
    pub(crate) async fn drain(mut self) -> Result<(), Failure> {
        self.running.request_stop();
        while self.feeds.join_next().await.is_some() {}
        self.running.finish().await;
        drop(self.close_web);
        let closed = self.web.await;
        self.running.drain().await;
        match closed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::could("the web server ended", &error)),
            Err(error) => Err(Failure::could("the web server ended", &error)),
        }
    }
}

/// Opens an address, or says which option chooses another.
pub(crate) async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::could(&format!("{address} cannot be opened (choose another with {option})"), &error))
}
