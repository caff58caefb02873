//! Serving connections until told to stop, and then letting what is under way come to its end.

use axum::{Extension, Router};
use engine::Stop;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// A client that takes longer to send the head of a request, or is silent for so long between two, is let go.
const HEAD: Duration = Duration::from_secs(30);
/// So long may requests under way take when the service stops.
const DRAIN: Duration = Duration::from_secs(10);
/// Connections at the same time; whoever comes then waits to be accepted.
const CONNECTIONS: usize = 4096;
/// After a failed accept (mostly: no file descriptors left) there is no use in trying again at once.
const REST: Duration = Duration::from_millis(50);

/// Serves a router on a listener until `closing` is over; returns when the last request is answered, or had its time.
///
/// From the moment `stop` says that the service is to end, it answers `/readyz` so that nothing new is sent its way; it
/// goes on answering until `closing`, so that whoever watches sees how the work under way comes to its end.
///
/// When it returns nothing of the router is left, so that an engine behind it can be drained.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: Stop,
    closing: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let router = router.layer(Extension(stop));
    let mut closing = std::pin::pin!(closing);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place.map_err(std::io::Error::other)?,
            () = &mut closing => break,
        };
        let stream = tokio::select! {
            stream = accept(&listener) => stream,
            () = &mut closing => break,
        };
        // Answers are written whole; waiting for more to send only makes them late.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        let watched = graceful.watch(connection);
        connections.spawn(async move {
            // A client that went away or spoke something else is its own affair.
            if let Err(error) = watched.await {
                tracing::trace!(%error, "a connection ended early");
            }
            drop(place);
        });
        // Those that ended are taken off as others come.
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    connections.shutdown().await;
    Ok(())
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}
