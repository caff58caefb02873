//! The practice's desk: changes visits on the server at random, and knows what it did.

use super::server::DESK;
use connectors::http::{AddressPolicy, HttpAnswer, HttpClient};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A visit as it should be: start and status; `None`: deleted.
pub(crate) type Truth = BTreeMap<String, Held>;
/// Start and status of a visit; nothing when it was deleted.
pub(crate) type Held = Option<(String, &'static str)>;

/// The desk.
pub(crate) struct Desk {
    client: HttpClient,
    base: String,
    state: u64,
    pub(crate) truth: Truth,
    /// Midnight of tomorrow.
    tomorrow: jiff::Timestamp,
}

impl Desk {
    pub(crate) fn new(base: String, seed: u64, now: jiff::Timestamp) -> Desk {
        let client = HttpClient::new(AddressPolicy::default()).unwrap();
        let day = now.as_second() / 86_400 * 86_400 + 86_400;
        let tomorrow = jiff::Timestamp::from_second(day).unwrap();
        Desk { client, base, state: seed, truth: Truth::new(), tomorrow }
    }

    /// A number below `below`.
    fn draw(&mut self, below: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % below
    }

    /// Twenty patients.
    pub(crate) async fn open(&mut self) {
        for n in 0..20 {
            let patient = json!({
                "resourceType": "Patient", "id": format!("P{n}"),
                "name": [{ "family": "Okafor", "given": [format!("Ada {n}")] }],
                "telecom": [{ "system": "email", "value": format!("ada{n}@example.com") }],
            });
            assert!(self.send(Method::PUT, &format!("Patient/P{n}"), Some(&patient)).await.status.is_success());
        }
    }

    /// One change: a booking, a move, another status, or a deletion.
    pub(crate) async fn change(&mut self) {
        let count = self.truth.len() as u64;
        let choice = self.draw(100);
        if count < 40 || choice < 35 {
            let id = format!("A{count}");
            return self.put(&id, "booked").await;
        }
        let place = usize::try_from(self.draw(count)).unwrap();
        let (id, held) = self.truth.iter().nth(place).map(|(id, held)| (id.clone(), held.clone())).unwrap();
        match choice {
            35..60 => self.put(&id, "booked").await,
            60..75 => self.put(&id, "cancelled").await,
            75..85 => self.put(&id, "arrived").await,
            85..90 => self.put(&id, "noshow").await,
            _ if held.is_some() => {
                self.send(Method::DELETE, &format!("Appointment/{id}"), None).await;
                self.truth.insert(id, None);
            }
            _ => {}
        }
    }

    async fn put(&mut self, id: &str, status: &'static str) {
        let slot = i64::try_from(self.draw(60 * 48)).unwrap();
        let start = jiff::Timestamp::from_second(self.tomorrow.as_second() + slot * 1800).unwrap();
        let patient = self.draw(20);
        let visit = json!({
            "resourceType": "Appointment", "id": id, "status": status,
            "start": start.to_string(), "end": jiff::Timestamp::from_second(start.as_second() + 1800).unwrap().to_string(),
            "appointmentType": { "coding": [{ "code": "TELE", "display": "Telemedicine Visit" }] },
            "participant": [{ "actor": { "reference": format!("Patient/P{patient}") }, "status": "accepted" }],
        });
        let answer = self.send(Method::PUT, &format!("Appointment/{id}"), Some(&visit)).await;
        assert!(answer.status.is_success(), "{answer:?}");
        self.truth.insert(id.to_owned(), Some((start.to_string(), status)));
    }

    /// Makes a request; a server that is just starting is asked again.
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> HttpAnswer {
        for _ in 0..100 {
            let request = Request::builder()
                .method(method.clone())
                .uri(format!("{}/{path}", self.base))
                .header("authorization", format!("Bearer {DESK}"))
                .header("content-type", "application/fhir+json")
                .body(Full::new(Bytes::from(body.map_or_else(String::new, Value::to_string))))
                .unwrap();
            match self.client.send(request, Duration::from_secs(20), 8 << 20).await {
                Ok(answer) if answer.status != StatusCode::SERVICE_UNAVAILABLE => return answer,
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        panic!("the server does not answer {method} {path}")
    }

    /// Waits until the server knows whom to call.
    pub(crate) async fn subscribed(&self) {
        for _ in 0..600 {
            let answer = self.send(Method::GET, "Subscription", None).await;
            let bundle: Value = serde_json::from_slice(&answer.body).unwrap();
            let mut known = bundle["entry"].as_array().into_iter().flatten();
            if known.any(|entry| entry["resource"]["status"] == "active") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nobody subscribed")
    }

    /// What the server itself says that it holds.
    pub(crate) async fn ask(&self) -> Truth {
        let mut truth: Truth = self.truth.keys().map(|id| (id.clone(), None)).collect();
        let answer = self.send(Method::GET, "Appointment?_count=1000", None).await;
        let bundle: Value = serde_json::from_slice(&answer.body).unwrap();
        for entry in bundle["entry"].as_array().into_iter().flatten() {
            let visit = &entry["resource"];
            let word = ["booked", "cancelled", "arrived", "noshow"];
            let status = word.into_iter().find(|word| visit["status"] == **word).unwrap();
            let start = visit["start"].as_str().unwrap().to_owned();
            truth.insert(visit["id"].as_str().unwrap().to_owned(), Some((start, status)));
        }
        truth
    }
}
