//! Asking a vendor: in turn, within time and size, with nothing that matters kept.

use crate::http::{HttpAnswer, HttpClient};
use crate::rest::no_answer;
use domain::setup::SecretRef;
use domain::text::Text;
use engine::poll::{Ask, Failure};
use engine::ports::{Chance, Clock, Secret, Secrets};
use engine::setup::Integration;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Method, Request};
use std::sync::Arc;
use std::time::Duration;

/// An answer is read up to this size.
const LARGEST: usize = 32 * 1024 * 1024;
/// A server answers within this.
const LIMIT: Duration = Duration::from_secs(30);

/// What readers need of the world outside.
#[derive(Clone)]
pub struct Outside {
    /// Calls others.
    pub client: HttpClient,
    /// Where credentials are kept.
    pub secrets: Arc<dyn Secrets>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// For one-time ids in assertions.
    pub chance: Arc<dyn Chance>,
}

/// Asks the server of one integration.
pub struct Caller {
    /// What it needs of the world outside.
    pub outside: Outside,
    /// The address of the set-up, without a slash at its end.
    pub base: Text,
}

/// One request.
#[derive(Debug)]
pub struct Call {
    method: Method,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: String,
    operation: Option<&'static str>,
    limit: Duration,
}

impl Call {
    /// Reads what is at an address.
    pub fn get(url: impl Into<String>) -> Call {
        Call {
            method: Method::GET,
            url: url.into(),
            headers: Vec::new(),
            body: String::new(),
            operation: None,
            limit: LIMIT,
        }
    }

    /// Sends something there. `kind`: its media type.
    pub fn send(method: Method, url: impl Into<String>, kind: &'static str, body: String) -> Call {
        Call {
            method,
            url: url.into(),
            headers: vec![("content-type", kind.to_owned())],
            body,
            operation: None,
            limit: LIMIT,
        }
    }

    /// Posts a form.
    pub fn form(url: impl Into<String>, pairs: &[(&str, &str)]) -> Call {
        Call::send(Method::POST, url, "application/x-www-form-urlencoded", crate::rest::form(pairs))
    }

    /// The same as a call of an operation that the vendor counts by itself (`polling.gaps_millis`).
    pub fn operation(mut self, name: &'static str) -> Call {
        self.operation = Some(name);
        self
    }

    /// The same with another time limit: below half a lease of the engine.
    pub fn within(mut self, limit: Duration) -> Call {
        self.limit = limit;
        self
    }

    /// The same with one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Call {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with an access token.
    pub fn bearer(self, token: &Secret) -> Call {
        self.header("authorization", format!("Bearer {}", token.open()))
    }
}

impl Caller {
    /// For the server that an integration names as `source.url`.
    pub fn of(outside: &Outside, integration: &Integration) -> Result<Caller, Failure> {
        let url = integration.document.source.url.as_deref();
        let url = url.ok_or_else(|| not_ready("the document names no address; write it as source.url"))?;
        let base = Text::from(url.trim_end_matches('/'));
        outside.client.check(&base).map_err(|what| Failure::NotReady { what })?;
        Ok(Caller { outside: outside.clone(), base })
    }

    /// Reads a secret of the set-up.
    pub fn secret(&self, reference: &SecretRef) -> Result<Secret, Failure> {
        self.outside.secrets.read(reference).map_err(|what| Failure::NotReady { what })
    }

    /// Makes one request when it is our turn. An answer of any status is an answer.
    pub async fn send(&self, ask: &Ask<'_>, call: Call) -> Result<HttpAnswer, Failure> {
        match call.operation {
            None => ask.turn().await?,
            Some(operation) => ask.turn_for(operation).await?,
        }
        let uri = self.outside.client.check(&call.url).map_err(|what| Failure::NotReady { what })?;
        let reads = call.method == Method::GET;
        let mut request = Request::builder().method(call.method).uri(uri);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        // Only what somebody else wrote can spoil it: the address of a next page, a credential with a line break.
        let request = request.body(Full::new(Bytes::from(call.body)));
        let request =
            request.map_err(|_| not_ready("the request could not be made: look at address and credentials"))?;
        let answer = self.outside.client.send(request, call.limit, LARGEST).await.map_err(no_answer)?;
        if reads && answer.status.is_success() && answer.body.is_empty() {
            return Err(Failure::Unreachable { what: Text::literal("the answer broke off, or was too large") });
        }
        Ok(answer)
    }
}

/// Something is missing on our side.
fn not_ready(what: &'static str) -> Failure {
    Failure::NotReady { what: Text::literal(what) }
}
