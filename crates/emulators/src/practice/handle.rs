//! A practice system that runs.

use crate::faults::Faults;
use crate::http::Server;
use crate::practice::shared::Shared;
use crate::practice::{Practice, PracticeFault, PracticeOptions, control, link, site};
use jiff::Timestamp;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// A practice system that runs until it is stopped or dropped.
pub struct PracticeHandle {
    /// Where its site and its control plane are.
    pub http: SocketAddr,
    shared: Arc<Shared>,
    server: Server,
    link: AbortOnDrop,
}

/// Ends a task with its owner.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Practice {
    /// Puts the system on sockets: its site and control plane on `listener`, its messages to [`PracticeOptions::feed`].
    ///
    /// # Errors
    ///
    /// When the listener cannot tell its address.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn start(self, listener: TcpListener, options: PracticeOptions) -> io::Result<PracticeHandle> {
        let shared = Arc::new(Shared::new(self, options));
        let router = site::router(shared.clone()).merge(control::router(shared.clone()));
        let server = Server::start(listener, router)?;
        let link = AbortOnDrop(tokio::spawn(link::run(shared.clone())).abort_handle());
        Ok(PracticeHandle { http: server.address(), shared, server, link })
    }
}

impl PracticeHandle {
    /// Does something at the desk, at the time that the system's clock shows; what it tells goes out at once.
    pub fn at_desk<R>(&self, act: impl FnOnce(&mut Practice, Timestamp) -> R) -> R {
        self.shared.act(act)
    }

    /// Looks at the system.
    pub fn look<R>(&self, look: impl FnOnce(&Practice) -> R) -> R {
        self.shared.look(|room| look(&room.practice))
    }

    /// Sends messages there from here on; `None`: they wait.
    pub fn point_at(&self, feed: Option<SocketAddr>) {
        self.shared.point_at(feed);
    }

    /// Goes wrong like this from here on.
    pub fn set_faults(&self, faults: Faults<PracticeFault>) {
        self.shared.act(|practice, _| practice.faults = faults);
    }

    /// The connection to the receiver is open.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.shared.look(|room| room.line.is_open)
    }

    /// Waits until no message waits any more.
    pub async fn settled(&self) {
        let mut changes = self.shared.changes();
        while !self.shared.look(|room| room.practice.queue.is_settled()) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Stops: no more messages, no more pages. Gives back the system as it is.
    pub async fn stop(self) -> Practice {
        let PracticeHandle { shared, server, link, .. } = self;
        drop(link);
        server.stop().await;
        shared.look(|room| room.practice.clone())
    }
}

impl std::fmt::Debug for PracticeHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PracticeHandle").field("http", &self.http).finish_non_exhaustive()
    }
}
