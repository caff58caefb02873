//! Sending a push: one request over one connection, to plain HTTP on this machine or a test's.

use crate::vendors::outbox::Push;
use axum::body::Body;
use axum::http::Uri;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// So long a receiver may take: athenahealth's limit, and nobody here has a shorter one.
const PATIENCE: Duration = Duration::from_secs(2);

/// No answer is longer.
const MOST: usize = 1 << 20;

/// Sends it; gives the status, 0 when no answer came in time.
pub(crate) async fn send(push: &Push) -> u16 {
    tokio::time::timeout(PATIENCE, exchange(push)).await.ok().flatten().unwrap_or(0)
}

/// One request; the status of the answer, if it says what it must.
async fn exchange(push: &Push) -> Option<u16> {
    let uri: Uri = push.url.parse().ok()?;
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let (host, port) = (uri.host()?, uri.port_u16().unwrap_or(80));
    let stream = TcpStream::connect((host, port)).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let task = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = hyper::Request::builder().method(push.method).uri(path).header("host", format!("{host}:{port}"));
    for (name, value) in &push.headers {
        request = request.header(name, value);
    }
    let answer = sender.send_request(request.body(Body::from(push.body.clone())).ok()?).await.ok()?;
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(Body::new(answer.into_body()), MOST).await.ok()?;
    task.abort();
    let is_right = push.expects.as_deref().is_none_or(|expected| String::from_utf8_lossy(&body).contains(expected));
    is_right.then_some(status)
}
