//! Carrying a card as a signed POST, and reading the answer.

use crate::http::{HttpAnswer, HttpClient, Trouble};
use crate::webhook::sign;
use domain::text::Text;
use engine::deliver::{Answer, Parcel, payload};
use engine::ports::{Announcement, Carrier, Clock, PortFuture};
use engine::setup::Endpoint;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use hyper::{Request, StatusCode};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// An answer is read up to this size; nobody needs more to name a card.
const ANSWER_BYTES: usize = 64 * 1024;

/// Carries cards as webhooks.
pub struct WebhookCarrier {
    client: HttpClient,
    clock: Arc<dyn Clock>,
}

impl WebhookCarrier {
    /// A carrier that calls with this client.
    pub fn new(client: HttpClient, clock: Arc<dyn Clock>) -> WebhookCarrier {
        WebhookCarrier { client, clock }
    }

    async fn post(&self, endpoint: &Endpoint, id: &str, body: Vec<u8>) -> Answer {
        let request = match self.request(endpoint, id, body) {
            Ok(request) => request,
            Err(answer) => return Answer::Again { answer, retry_after_secs: None },
        };
        let limit = Duration::from_secs(u64::from(endpoint.rules.timeout_secs));
        match self.client.send(request, limit, ANSWER_BYTES).await {
            Ok(answer) => self.read(&answer),
            Err(trouble @ Trouble::Unreachable) => Answer::Unreachable { answer: Text::from(trouble.to_string()) },
            // The card was on its way: it may have arrived.
            Err(trouble) => Answer::Unknown { answer: Text::from(trouble.to_string()) },
        }
    }

    fn request(&self, endpoint: &Endpoint, id: &str, body: Vec<u8>) -> Result<Request<Full<Bytes>>, Text> {
        let uri = self.client.check(&endpoint.url)?;
        let timestamp = self.clock.now().seconds();
        let mut request = Request::post(uri)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp);
        if !endpoint.secrets.is_empty() {
            let signature = sign(&endpoint.secrets, id, timestamp, &body)
                .map_err(|_| Text::literal("the signing secret is not valid base64 behind whsec_"))?;
            request = request.header("webhook-signature", signature);
        }
        request.body(Full::new(Bytes::from(body))).map_err(|_| Text::literal("the request could not be made"))
    }

    fn read(&self, response: &HttpAnswer) -> Answer {
        let status = response.status;
        let answer =
            Text::from(format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()).trim_end());
        if status.is_success() {
            return Answer::Accepted {
                answer,
                platform_id: read_body(&response.body).and_then(|body| body.platform_id),
            };
        }
        if status == StatusCode::GONE {
            return Answer::Gone;
        }
        if let Some(reason) = refusal(status, &response.body) {
            return Answer::Refused { answer: Text::from(format!("{answer}: {reason}")) };
        }
        Answer::Again { answer, retry_after_secs: retry_after(&response.headers, self.clock.now()) }
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
fn retry_after(headers: &HeaderMap, now: domain::time::Moment) -> Option<u32> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(secs) = value.parse() {
        return Some(secs);
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?;
    u32::try_from(domain::time::Moment::from(at.timestamp()).secs_since(now)).ok()
}

impl Carrier for WebhookCarrier {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        Box::pin(async move { self.post(&parcel.endpoint, &parcel.id, payload(parcel)).await })
    }

    fn announce<'a>(&'a self, announcement: &'a Announcement) -> PortFuture<'a, Answer> {
        let Announcement { endpoint, id, body } = announcement;
        Box::pin(self.post(endpoint, id, body.clone()))
    }

    fn check_address(&self, url: &str) -> Result<(), Text> {
        self.client.check(url).map(|_| ())
    }
}
