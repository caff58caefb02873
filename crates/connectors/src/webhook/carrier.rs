//! Carrying a card as a signed POST, and reading the answer.

use crate::webhook::resolver::GuardedResolver;
use crate::webhook::{AddressPolicy, sign};
use domain::text::Text;
use engine::deliver::{Answer, Parcel, payload};
use engine::ports::{Carrier, Clock, PortFuture};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// Connecting takes this long at most; the rest of the time limit is for the answer.
const CONNECT: Duration = Duration::from_secs(5);
/// An answer is read up to this size; nobody needs more to name a card.
const ANSWER_BYTES: usize = 64 * 1024;

/// Carries cards as webhooks.
pub struct WebhookCarrier {
    client: Client<HttpsConnector<HttpConnector<GuardedResolver>>, Full<Bytes>>,
    policy: Arc<AddressPolicy>,
    clock: Arc<dyn Clock>,
}

impl WebhookCarrier {
    /// A carrier under an address policy. Trusts the certificates that the system trusts.
    pub fn new(policy: AddressPolicy, clock: Arc<dyn Clock>) -> std::io::Result<WebhookCarrier> {
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
        Ok(WebhookCarrier { client, policy, clock })
    }

    async fn post(&self, parcel: &Parcel) -> Answer {
        let request = match self.request(parcel) {
            Ok(request) => request,
            Err(answer) => return Answer::Again { answer, retry_after_secs: None },
        };
        let limit = Duration::from_secs(u64::from(parcel.endpoint.rules.timeout_secs));
        match tokio::time::timeout(limit, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Answer::Unknown { answer: Text::from(format!("no answer within {} s", limit.as_secs())) },
        }
    }

    fn request(&self, parcel: &Parcel) -> Result<Request<Full<Bytes>>, Text> {
        let uri = self.policy.check(&parcel.endpoint.url)?;
        let body = payload(parcel);
        let timestamp = self.clock.now().seconds();
        let mut request = Request::post(uri)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("punctual/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", parcel.id.as_str())
            .header("webhook-timestamp", timestamp);
        if !parcel.endpoint.secrets.is_empty() {
            let signature = sign(&parcel.endpoint.secrets, &parcel.id, timestamp, &body)
                .map_err(|_| Text::literal("the signing secret is not valid base64 behind whsec_"))?;
            request = request.header("webhook-signature", signature);
        }
        request.body(Full::new(Bytes::from(body))).map_err(|_| Text::literal("the request could not be made"))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Answer {
        match self.client.request(request).await {
            Ok(response) => self.read(response).await,
            Err(error) if error.is_connect() => {
                Answer::Unreachable { answer: Text::literal("nobody answers at the address") }
            }
            // The connection broke while the card was on its way: it may have arrived.
            Err(_) => Answer::Unknown { answer: Text::literal("the connection broke before the answer") },
        }
    }

    async fn read(&self, response: Response<Incoming>) -> Answer {
        let status = response.status();
        let retry_after_secs = retry_after(&response, self.clock.now());
        // A body that cannot be read takes nothing from the status.
        let body = Limited::new(response.into_body(), ANSWER_BYTES)
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default();
        let answer =
            Text::from(format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()).trim_end());
        if status.is_success() {
            return Answer::Accepted { answer, platform_id: read_body(&body).and_then(|body| body.platform_id) };
        }
        if status == StatusCode::GONE {
            return Answer::Gone;
        }
        if let Some(reason) = refusal(status, &body) {
            return Answer::Refused { answer: Text::from(format!("{answer}: {reason}")) };
        }
        Answer::Again { answer, retry_after_secs }
    }
}

/// What an answer may say.
#[derive(Default, Deserialize)]
struct AnswerBody {
    #[serde(default)]
    platform_id: Option<Text>,
    #[serde(default)]
    reason: Option<Text>,
    #[serde(default)]
    detail: Option<Text>,
    #[serde(default)]
    code: Option<Text>,
}

fn read_body(body: &[u8]) -> Option<AnswerBody> {
    serde_json::from_slice(body).ok()
}

/// A platform refuses a card for good by 400 or 422 with a reason in JSON. The same statuses without one come from
/// proxies and programming errors, and are tried again.
fn refusal(status: StatusCode, body: &[u8]) -> Option<Text> {
    if !matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) {
        return None;
    }
    let body = read_body(body)?;
    let reason = body.reason.or(body.detail).or(body.code)?;
    // The platform's words may quote a patient's data back: only what looks like a code is kept.
    let is_code =
        reason.len() <= 64 && reason.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    Some(if is_code { reason } else { Text::literal("with a reason of its own") })
}

/// `Retry-After` in seconds or as a date.
fn retry_after(response: &Response<Incoming>, now: domain::time::Moment) -> Option<u32> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(secs) = value.parse() {
        return Some(secs);
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?;
    u32::try_from(domain::time::Moment::from(at.timestamp()).secs_since(now)).ok()
}

impl Carrier for WebhookCarrier {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        Box::pin(self.post(parcel))
    }

    fn check_address(&self, url: &str) -> Result<(), Text> {
        self.policy.check(url).map(|_| ())
    }
}
