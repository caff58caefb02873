//! The client: pooled connections, TLS with the system's certificates, addresses under the installation's policy, and
//! bounds on how long and how large an answer may be.

use crate::http::AddressPolicy;
use crate::http::resolver::GuardedResolver;
use domain::text::Text;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderValue, USER_AGENT};
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::sync::Arc;
use std::time::Duration;

/// Connecting takes this long at most; the rest of the time limit is for the answer.
const CONNECT: Duration = Duration::from_secs(5);
/// How this program names itself.
const AGENT: &str = concat!("punctual/", env!("CARGO_PKG_VERSION"));

/// Calls others. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector<GuardedResolver>>, Full<Bytes>>,
    policy: Arc<AddressPolicy>,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; empty when it broke off or was larger than allowed.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nothing was sent.
    #[error("nobody answers at the address")]
    Unreachable,
    /// The request may have arrived.
    #[error("the connection broke before the answer")]
    Broken,
    /// The request may have arrived.
    #[error("no answer within {} s", .0.as_secs())]
    Late(Duration),
}

impl HttpClient {
    /// A client under an address policy. Trusts the certificates that the system trusts.
    pub fn new(policy: AddressPolicy) -> std::io::Result<HttpClient> {
        let policy = Arc::new(policy);
        let mut http = HttpConnector::new_with_resolver(GuardedResolver { policy: policy.clone() });
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT));
        let https =
            HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(64)
            .build(https);
        Ok(HttpClient { client, policy })
    }

    /// Checks an address as written; the sentence says what is wrong with it.
    pub fn check(&self, url: &str) -> Result<Uri, Text> {
        self.policy.check(url)
    }

    /// Sends a request whose address was checked, and reads the answer: all of it within `limit`, of its body at most
    /// `largest` bytes.
    pub async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        limit: Duration,
        largest: usize,
    ) -> Result<HttpAnswer, Trouble> {
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
        tokio::time::timeout(limit, self.exchange(request, largest)).await.unwrap_or(Err(Trouble::Late(limit)))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>, largest: usize) -> Result<HttpAnswer, Trouble> {
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|error| if error.is_connect() { Trouble::Unreachable } else { Trouble::Broken })?;
        let (head, body) = answer.into_parts();
        // A body that cannot be read takes nothing from the status.
        let body = Limited::new(body, largest).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok(HttpAnswer { status: head.status, headers: head.headers, body })
    }
}
