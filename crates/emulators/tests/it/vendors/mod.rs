//! The vendors' twins against requests written by hand from what is known of each vendor.

mod athenahealth;
mod carecloud;
mod control;
mod drchrono;
mod fhir;
mod files;
mod hooked;
mod hs1;
mod kareo;
mod prime;

use crate::support::browser::{Answer, request};
use crate::support::{clock, listener};
use emulators::clock::SetClock;
use emulators::vendors::{DiarySize, VendorOptions, VendorTwin};
use serde_json::{Value, json};
use std::sync::Arc;

/// A twin that runs, with the headers that its calls carry.
pub(crate) struct Api {
    pub(crate) twin: VendorTwin,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Api {
    /// A twin with an empty diary at [`crate::support::NOW`]; only the switches named are other than usual.
    pub(crate) async fn start(vendor: &str, switches: Value) -> Api {
        Api::sized(vendor, switches, DiarySize::Empty, 7).await
    }

    pub(crate) async fn sized(vendor: &str, switches: Value, size: DiarySize, seed: u64) -> Api {
        let clock = clock();
        let Value::Object(switches) = switches else { panic!("switches are an object") };
        let options = VendorOptions { seed, clock: clock.clone(), size, switches, ..VendorOptions::default() };
        let twin = VendorTwin::start(vendor, listener().await, options).unwrap();
        Api { twin, clock, headers: Vec::new() }
    }

    pub(crate) fn bearing(mut self, token: &str) -> Api {
        self.headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
        self
    }

    /// A request with the usual headers and these.
    pub(crate) async fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        request(self.twin.http, method, &path.replace(' ', "%20"), &headers, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"").await
    }

    /// The JSON of an answer that must be 200.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], body.to_string().as_bytes()).await
    }

    pub(crate) async fn form(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(method, path, &[("content-type", "application/x-www-form-urlencoded")], body.as_bytes()).await
    }

    /// Something done by the control plane, which must work.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("/_twin/{path}");
        let answer = request(self.twin.http, method, &path, &[], body.to_string().as_bytes()).await.unwrap();
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.body);
        answer.json()
    }

    /// The truth about something.
    pub(crate) async fn truth(&self, path: &str) -> Value {
        self.control("GET", path, &json!(null)).await
    }

    /// Books a visit of the first patient at the desk; `more` says what is not as usual. Gives the id.
    pub(crate) async fn book(&self, start: &str, more: Value) -> String {
        let mut booking = json!({"patient": self.patient(0), "start": start});
        for (key, value) in more.as_object().unwrap() {
            booking[key] = value.clone();
        }
        self.control("POST", "appointments", &booking).await["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn edit(&self, id: &str, edit: Value) -> Value {
        self.control("PATCH", &format!("appointments/{id}"), &edit).await
    }

    pub(crate) fn patient(&self, n: usize) -> u64 {
        *self.twin.diary().patients.keys().nth(n).unwrap()
    }

    pub(crate) async fn fault(&self, plan: Value) {
        self.control("PUT", "faults", &plan).await;
    }

    pub(crate) async fn switch(&self, switches: Value) {
        self.control("PUT", "switches", &switches).await;
    }

    /// Lets the twin's time pass.
    pub(crate) async fn pass(&self, seconds: i64) {
        self.control("PUT", "clock", &json!({"advance_seconds": seconds})).await;
    }
}

/// The ids of rows, as texts.
pub(crate) fn ids(rows: &Value, key: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    rows.as_array().unwrap().iter().map(|row| text(&row[key])).collect()
}
