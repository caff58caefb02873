//! The live view: a stream that says "something changed", at most once a second, and nothing else. The page then
//! fetches itself again as its viewer may see it.

use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Extension;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::scribe::News;
use engine::{Engine, Stop};
use hyper::body::Frame;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};

/// The least time between two signals.
const PACE: Duration = Duration::from_secs(1);
/// A sign of life, so that a connection that is gone is noticed.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// A stream ends after so long; browsers open a new one, and show again that they may.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The stream.
pub(crate) async fn listen(State(app): State<Shared>, who: Who, stop: Option<Extension<Stop>>) -> Result<Response> {
    let (signals, stream) = mpsc::channel(1);
    let news = app.engine.listen();
    // The task must not keep the engine alive when the service stops, and ends with the stream in any case.
    tokio::spawn(signal(app.engine.clone(), who, news, signals, stop.map(|Extension(stop)| stop)));
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::new(Signals(stream))).into_response())
}

async fn signal(
    engine: Engine,
    who: Who,
    mut news: broadcast::Receiver<News>,
    signals: mpsc::Sender<&'static str>,
    stop: Option<Stop>,
) {
    let stopped = async {
        match stop {
            Some(mut stop) => stop.requested().await,
            None => std::future::pending().await,
        }
    };
    let signalling = async {
        // The first line opens the stream, so that a page knows it is connected.
        let mut line = ": hello\n\n";
        while signals.send(line).await.is_ok() {
            tokio::time::sleep(PACE).await;
            line = match tokio::time::timeout(HEARTBEAT, concerns(&engine, &who, &mut news)).await {
                Ok(true) => "event: changed\ndata:\n\n",
                Ok(false) => return,
                Err(_) => ": still here\n\n",
            };
        }
    };
    tokio::select! {
        () = signalling => {}
        () = stopped => {}
        () = signals.closed() => {}
        () = tokio::time::sleep(LONGEST) => {}
    }
}

/// Waits for news of what the viewer may see; `false`: there will be none any more. All that waits is taken at once.
async fn concerns(engine: &Engine, who: &Who, news: &mut broadcast::Receiver<News>) -> bool {
    let visible = |item: &News| {
        let integration = match item {
            News::Appointment(key) => key.integration,
            News::Elsewhere(integration) => *integration,
        };
        let practice = engine.setup().get(integration).map(|integration| integration.rules.practice.clone());
        practice.is_some_and(|practice| who.actor.may_see(&practice))
    };
    loop {
        let mut next = news.recv().await;
        let mut seen = false;
        loop {
            match next {
                Ok(item) => seen |= visible(&item),
                // Too much happened to tell it apart: something of it will have been visible.
                Err(broadcast::error::RecvError::Lagged(_)) => seen = true,
                Err(broadcast::error::RecvError::Closed) => return false,
            }
            next = match news.try_recv() {
                Ok(item) => Ok(item),
                Err(broadcast::error::TryRecvError::Lagged(n)) => Err(broadcast::error::RecvError::Lagged(n)),
                Err(broadcast::error::TryRecvError::Closed) => Err(broadcast::error::RecvError::Closed),
                Err(broadcast::error::TryRecvError::Empty) => break,
            };
        }
        if seen {
            return true;
        }
    }
}

/// Signals as the body of an answer.
struct Signals(mpsc::Receiver<&'static str>);

impl HttpBody for Signals {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        let line = std::task::ready!(self.0.poll_recv(context));
        Poll::Ready(line.map(|line| Ok(Frame::data(Bytes::from_static(line.as_bytes())))))
    }
}
