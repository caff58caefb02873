//! A platform that runs.

use crate::clock::Clock;
use crate::faults::Faults;
use crate::http::Server;
use crate::platform::{Platform, PlatformFault, PlatformOptions, control, hook, site};
use axum::routing::post;
use jiff::Timestamp;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What the hook, the site and the control plane share.
pub(super) struct Shared {
    platform: Mutex<Platform>,
    clock: Arc<dyn Clock>,
    changes: watch::Sender<u64>,
}

impl Shared {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn look<R>(&self, look: impl FnOnce(&Platform) -> R) -> R {
        look(&self.platform.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn act<R>(&self, act: impl FnOnce(&mut Platform) -> R) -> R {
        let result = act(&mut self.platform.lock().unwrap_or_else(PoisonError::into_inner));
        self.changes.send_modify(|count| *count += 1);
        result
    }
}

/// A platform that runs until it is stopped or dropped.
pub struct PlatformHandle {
    /// Where its hook, its site and its control plane are.
    pub http: SocketAddr,
    shared: Arc<Shared>,
    server: Server,
}

impl Platform {
    /// Puts the platform on a socket.
    ///
    /// # Errors
    ///
    /// When the listener cannot tell its address.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn start(mut self, listener: TcpListener, options: PlatformOptions) -> io::Result<PlatformHandle> {
        self.faults = options.faults;
        self.demanding = options.demanding;
        let (changes, _) = watch::channel(0);
        let shared = Arc::new(Shared { platform: Mutex::new(self), clock: options.clock, changes });
        let hook = axum::Router::new().route("/hook", post(hook::take)).with_state(shared.clone());
        let router = site::router(shared.clone()).merge(control::router(shared.clone())).merge(hook);
        let server = Server::start(listener, router)?;
        Ok(PlatformHandle { http: server.address(), shared, server })
    }
}

impl PlatformHandle {
    /// Where webhooks are to be sent.
    #[must_use]
    pub fn hook_url(&self) -> String {
        format!("http://{}/hook", self.http)
    }

    /// Looks at the platform.
    pub fn look<R>(&self, look: impl FnOnce(&Platform) -> R) -> R {
        self.shared.look(look)
    }

    /// Goes wrong like this from here on.
    pub fn set_faults(&self, faults: Faults<PlatformFault>) {
        self.shared.act(|platform| platform.faults = faults);
    }

    /// Waits until something is true of the platform. Put a time limit around it.
    pub async fn until(&self, is_so: impl Fn(&Platform) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        while !self.shared.look(&is_so) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Stops. Gives back the platform as it is.
    pub async fn stop(self) -> Platform {
        let PlatformHandle { shared, server, .. } = self;
        server.stop().await;
        shared.look(Platform::clone)
    }
}

impl std::fmt::Debug for PlatformHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlatformHandle").field("http", &self.http).finish_non_exhaustive()
    }
}
