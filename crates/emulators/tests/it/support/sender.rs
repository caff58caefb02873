//! Sends webhooks as Punctual would, from the specification.

use super::browser::{Answer, request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The secret that tests share with the platform.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// An event, signed when it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) timestamp: i64,
    pub(crate) secret: String,
    pub(crate) body: Vec<u8>,
}

impl Webhook {
    /// An event about a visit that starts so many minutes after [`super::NOW`].
    pub(crate) fn card(source_id: &str, version: u32, status: &str, starts_in: i64) -> Webhook {
        Webhook::of(source_id, version, &card(status, starts_in, source_id))
    }

    pub(crate) fn of(source_id: &str, version: u32, card: &Value) -> Webhook {
        let body = json!({
            "type": "appointment.updated", "timestamp": super::NOW,
            "data": {
                "integration": "northside-chiron", "source_id": source_id, "version": version, "card": card,
                "changed": ["start"], "cause": {"envelope": null, "control_id": null, "wake": "provider:DR9"},
            },
        });
        Webhook::raw(&format!("evt_{source_id}_{version}"), body.to_string().as_bytes())
    }

    pub(crate) fn raw(id: &str, body: &[u8]) -> Webhook {
        Webhook {
            id: id.to_owned(),
            timestamp: super::now().as_second(),
            secret: SECRET.to_owned(),
            body: body.to_vec(),
        }
    }

    pub(crate) fn signature(&self) -> String {
        let key = STANDARD.decode(self.secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut signed = format!("{}.{}.", self.id, self.timestamp).into_bytes();
        signed.extend_from_slice(&self.body);
        format!("v1,{}", STANDARD.encode(hmac_sha256::HMAC::mac(&signed, &key)))
    }

    pub(crate) async fn send(&self, to: SocketAddr) -> Option<Answer> {
        self.send_with(to, &self.signature()).await
    }

    pub(crate) async fn send_with(&self, to: SocketAddr, signature: &str) -> Option<Answer> {
        let timestamp = self.timestamp.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", self.id.as_str()),
            ("webhook-timestamp", timestamp.as_str()),
            ("webhook-signature", signature),
        ];
        request(to, "POST", "/hook", &headers, &self.body).await
    }
}

/// A card of one patient.
pub(crate) fn card(status: &str, starts_in: i64, source_id: &str) -> Value {
    let at = |minutes| super::now() + jiff::SignedDuration::from_mins(minutes);
    let given_up = status.starts_with("cancelled") || status == "removed";
    json!({
        "tab": if given_up || status == "completed" { "past" } else { "upcoming" },
        "status": status, "start": at(starts_in), "end": at(starts_in + 30), "time_zone": "America/Chicago",
        "type": {"id": "TV30", "name": "Telemedicine Visit"}, "modality": "video",
        "provider": {"source_id": "DR7", "platform_id": "prov_7", "name": "Imani Cole"}, "department": "VIRT",
        "participants": [{
            "source_id": format!("P-{source_id}"), "platform_id": "pat_1", "name": "Ada Okafor", "family": "Okafor",
            "given": "Ada", "birth_date": "1980-02-29", "email": format!("ada.{source_id}@example.com"),
            "status": status, "origin": "source",
        }],
        "test": false, "as_of": super::now(),
    })
}
