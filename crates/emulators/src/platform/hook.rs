//! `POST /hook`: a webhook comes in.

use crate::faults::Faults;
use crate::http::HangUp;
use crate::platform::event::{AppointmentData, Event};
use crate::platform::handle::Shared;
use crate::platform::system::Handled;
use crate::platform::{Platform, PlatformFault, Received, ReceivedEvent, Signed};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// What came, as far as it was looked at.
struct Request {
    at: Timestamp,
    webhook_id: String,
    source_id: String,
    attempt: u32,
    headers: HeaderMap,
    body: Bytes,
}

/// What goes back, and when.
struct Reply {
    answer: Response,
    after: Duration,
}

pub(super) async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let webhook_id = header_of(&headers, "webhook-id").unwrap_or_default().to_owned();
    let source_id = AppointmentData::peek(&body).unwrap_or_default();
    let (attempt, patience) = shared.act(|platform| {
        let attempt = platform.attempt(&webhook_id);
        let latency = platform.faults.hit(PlatformFault::Latency, &webhook_id, &source_id, attempt);
        (attempt, latency.map(|fault| Faults::duration(PlatformFault::Latency, fault)))
    });
    if let Some(patience) = patience {
        tokio::time::sleep(patience).await;
    }
    let request = Request { at: shared.now(), webhook_id, source_id, attempt, headers, body };
    let reply = shared.act(|platform| request.answered_by(platform));
    if reply.after > Duration::ZERO {
        tokio::time::sleep(reply.after).await;
    }
    reply.answer
}

impl Request {
    /// Does what is to be done and says what to answer. One step under one lock: two copies of an event at the same
    /// time are one event and a duplicate.
    fn answered_by(&self, platform: &mut Platform) -> Reply {
        if let Some(reply) = self.at_the_door(platform) {
            return reply;
        }
        let signed = Signed {
            id: header_of(&self.headers, "webhook-id"),
            timestamp: header_of(&self.headers, "webhook-timestamp"),
            signature: header_of(&self.headers, "webhook-signature"),
            body: &self.body,
        };
        if let Err(rejected) = signed.verify(&platform.secrets, self.at) {
            self.record(platform, Received::BadlySigned, Some(rejected.to_string()));
            return refused(StatusCode::UNAUTHORIZED, &rejected.to_string());
        }
        if let Some(fault) = self.hit(platform, PlatformFault::Refuse) {
            let reason = fault.reason.unwrap_or_else(|| "not_accepted".to_owned());
            let status = fault.status.and_then(|status| StatusCode::from_u16(status).ok());
            self.record(platform, Received::Refused, Some(reason.clone()));
            return refused(status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY), &reason);
        }
        if self.hit(platform, PlatformFault::Lie).is_some() {
            self.record(platform, Received::Lied, None);
            let integration = self.peeked("/data/integration").unwrap_or_default();
            return now(Json(json!({"platform_id": platform.platform_id(&integration, &self.source_id)})));
        }
        match platform.handle(&self.webhook_id, &self.body, self.at) {
            Handled::Kept { platform_id } => self.kept(platform, &platform_id),
            Handled::Noted => {
                self.record(platform, Received::Noted, None);
                now(StatusCode::NO_CONTENT)
            }
            Handled::Duplicate { platform_id } => {
                self.record(platform, Received::Duplicate, None);
                now(Json(json!({"platform_id": platform_id, "duplicate": true})))
            }
            Handled::OutOfOrder => {
                self.record(platform, Received::OutOfOrder, Some("version_not_newer".to_owned()));
                refused(StatusCode::CONFLICT, "version_not_newer")
            }
            Handled::Refused { outcome, reason } => {
                self.record(platform, outcome, Some(reason.clone()));
                let status = if outcome == Received::Malformed {
                    StatusCode::BAD_REQUEST
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                refused(status, &reason)
            }
        }
    }

    /// Answers that are given before anybody looks at what came.
    fn at_the_door(&self, platform: &mut Platform) -> Option<Reply> {
        if self.hit(platform, PlatformFault::Gone).is_some() {
            self.record(platform, Received::Gone, None);
            return Some(refused(StatusCode::GONE, "endpoint_gone"));
        }
        let doors = [
            (PlatformFault::Outage, StatusCode::SERVICE_UNAVAILABLE, None),
            (PlatformFault::Throttle, StatusCode::TOO_MANY_REQUESTS, Some(30)),
        ];
        for (kind, status, usual) in doors {
            if let Some(fault) = self.hit(platform, kind) {
                self.record(platform, Received::Unavailable, None);
                // No JSON: such answers come from whatever stands in front of a platform.
                let mut answer = (status, "try again later\n").into_response();
                if let Some(seconds) = fault.retry_after_secs.or(usual) {
                    answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                }
                return Some(Reply { answer, after: Duration::ZERO });
            }
        }
        None
    }

    /// The card is kept; what is left is the answer.
    fn kept(&self, platform: &mut Platform, platform_id: &str) -> Reply {
        if self.hit(platform, PlatformFault::DropAnswer).is_some() {
            self.record(platform, Received::KeptUnanswered, None);
            let mut answer = StatusCode::OK.into_response();
            answer.extensions_mut().insert(HangUp);
            return Reply { answer, after: Duration::ZERO };
        }
        if self.hit(platform, PlatformFault::Unconfirmed).is_some() {
            self.record(platform, Received::KeptUnconfirmed, None);
            return now((StatusCode::ACCEPTED, Json(json!({}))));
        }
        self.record(platform, Received::Kept, None);
        let slow = self.hit(platform, PlatformFault::Slow);
        let after = slow.map_or(Duration::ZERO, |fault| Faults::duration(PlatformFault::Slow, &fault));
        Reply { after, ..now(Json(json!({"platform_id": platform_id}))) }
    }

    fn hit(&self, platform: &Platform, kind: PlatformFault) -> Option<crate::faults::Fault> {
        platform.faults.hit(kind, &self.webhook_id, &self.source_id, self.attempt).cloned()
    }

    fn peeked(&self, pointer: &str) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        body.pointer(pointer)?.as_str().map(str::to_owned)
    }

    fn record(&self, platform: &mut Platform, outcome: Received, reason: Option<String>) {
        let looked_at = !matches!(outcome, Received::BadlySigned | Received::Unavailable | Received::Gone);
        let event = Event::read(&self.body).ok().filter(|_| looked_at);
        let data = event.as_ref().and_then(|event| event.appointment().ok().flatten());
        platform.record(ReceivedEvent {
            at: self.at,
            webhook_id: self.webhook_id.clone(),
            attempt: self.attempt,
            kind: event.map(|event| event.kind).unwrap_or_default(),
            source_id: self.source_id.clone(),
            version: data.map(|data| data.version),
            outcome,
            reason,
        });
    }
}

fn refused(status: StatusCode, reason: &str) -> Reply {
    now((status, Json(json!({"reason": reason}))))
}

fn now(answer: impl IntoResponse) -> Reply {
    Reply { answer: answer.into_response(), after: Duration::ZERO }
}

fn header_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
