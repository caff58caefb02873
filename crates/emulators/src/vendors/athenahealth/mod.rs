//! The twin of athenahealth's athenaOne REST interface, version 1.
//!
//! Confirmed by the vendor's pages and by clients with recorded answers: 2-legged OAuth with Basic, form-encoded
//! writes, the booked window with both dates, hidden cancelled rows, host-relative links with capital names, the
//! change feed that consumes what it hands out, status letters, answers that are arrays of one, bare `1`, the error
//! bodies, slots that are rows, Eastern audit times, and the signed push with ids only. Inferred: 429, the zone of
//! `lastmodified`. Our choice: which changes become which event, the open times themselves, what a deleted row looks
//! like in the feed (`x` without a reason; a read by id is 404).
//!
//! Switches: `limits`, `per_second` (100 in production, 5 in preview), `expires_in_is_text`, `feed_lag_seconds`,
//! `refuses_all` (403 to a subscription without an event name).

mod booked;
mod feed;
mod people;
mod push;
mod rows;
mod slots;
mod writes;

use crate::diary::{Change, Ids};
use crate::vendors::call::{Call, Params, json, typed};
use crate::vendors::office::{Office, Spec, Vendor};
use crate::vendors::tokens::{CLIENT_ID, CLIENT_SECRET};
use axum::response::Response;
use serde_json::{Value, json as value};

pub(super) const SPEC: Spec = Spec {
    name: "athenahealth",
    // Visits are numbered above all open times, which have numbers of their own; see `slots`.
    ids: Ids { visit: 9_204_511, patient: 90_017, provider: 71, place: 12, kind: 82 },
    zone: "America/Chicago",
    switches: || {
        value!({
            "limits": true, "per_second": 100, "expires_in_is_text": false, "feed_lag_seconds": 0,
            "refuses_all": false,
        })
    },
    vendor: |_| {
        Box::new(Athena {
            appointments: feed::Feed::new(feed::APPOINTMENTS),
            patients: feed::Feed::new(feed::PATIENTS),
            push: push::Push::default(),
        })
    },
};

/// The shared preview sandbox's number (confirmed).
const PRACTICE: &str = "195900";
/// What clients see; the value is to be read.
const LIFE: i64 = 3600;

struct Athena {
    appointments: feed::Feed,
    patients: feed::Feed,
    push: push::Push,
}

impl Vendor for Athena {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        let parts = call.parts();
        if (call.method.as_str(), parts.as_slice()) == ("POST", &["oauth2", "v1", "token"]) {
            return token(office, call);
        }
        if !office.tokens.is_good(call.bearer(), office.now) {
            return self.expired(call);
        }
        let most = u32::try_from(office.number("per_second")).unwrap_or(100);
        if let Some(wait) = office.is_over("second", most, 1, false) {
            return self.throttled(call, wait);
        }
        match parts.as_slice() {
            ["fhir", "r4", rest @ ..] => self.push.answer(office, call, rest),
            ["v1", practice, rest @ ..] if *practice == PRACTICE => self.v1(office, call, rest),
            ["v1", ..] => error(404, "Invalid practice."),
            _ => typed(596, "text/html", "<h1>596 Service Not Found</h1>"),
        }
    }

    /// Over-limit status inferred; there may be no `Retry-After`.
    fn throttled(&self, _: &Call, _: u32) -> Response {
        typed(429, "text/plain", "Too Many Requests")
    }

    /// The gateway answers a missing token with this text and no JSON (wording confirmed).
    fn expired(&self, call: &Call) -> Response {
        if call.bearer().is_none() {
            return typed(401, "text/plain", "Developer Inactive");
        }
        json(401, &value!({"error": "The access token provided has expired."}))
    }

    fn told(&mut self, office: &mut Office, change: &Change) {
        self.appointments.told(office, change);
        self.patients.told(office, change);
        self.push.told(office, change);
    }

    fn access(&self) -> Value {
        value!({
            "token": "/oauth2/v1/token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "scope": "athena/service/Athenanet.MDP.*", "practice": PRACTICE, "api": format!("/v1/{PRACTICE}/"),
        })
    }
}

impl Athena {
    fn v1(&mut self, office: &mut Office, call: &Call, rest: &[&str]) -> Response {
        let ask = Ask::of(call);
        match (call.method.as_str(), rest) {
            (_, ["appointments", "changed", more @ ..]) => self.appointments.answer(office, call, &ask, more),
            (_, ["patients", "changed", more @ ..]) => self.patients.answer(office, call, &ask, more),
            ("GET", ["appointments", "booked"] | ["appointments", "booked", "multipledepartment"]) => {
                booked::window(office, call, &ask)
            }
            ("GET", ["appointments", "booked", "multiple"]) => booked::some(office, &ask),
            ("GET", ["appointments", "open"]) => slots::open(office, call, &ask),
            ("PUT", ["appointments", "booked", id]) => writes::edit(office, &ask, id),
            ("GET", ["appointments", id]) => booked::one(office, id),
            ("PUT", ["appointments", id]) => slots::book(office, &ask, id),
            ("DELETE", ["appointments", id]) => slots::remove(office, id),
            (_, ["appointments", id, act]) => writes::act(office, call, &ask, id, act),
            ("GET", ["patients", id, "appointments"]) => booked::of_patient(office, &ask, id),
            ("GET", ["patients", ..]) => people::patients(office, call, &ask, &rest[1..]),
            ("POST", ["patients"]) => people::create(office, &ask),
            ("GET", ["providers", ..]) => people::providers(office, call, &rest[1..]),
            ("GET", ["departments", ..]) => people::departments(office, call, &rest[1..]),
            ("GET", ["appointmenttypes", ..]) => people::types(office, call, &rest[1..]),
            ("GET", ["patientappointmentreasons"]) => people::reasons(office, &ask),
            ("GET", ["appointmentcancelreasons"]) => rows::cancel_reasons(),
            ("GET", ["reference", "appointmentconfirmationstatus"]) => rows::confirmations(),
            _ => error(404, "Invalid URL."),
        }
    }
}

/// What a call says: its query and its form together, by names in small letters. Links carry names in capitals.
pub(super) struct Ask {
    fields: Vec<(String, String)>,
}

impl Ask {
    fn of(call: &Call) -> Ask {
        let small = |params: &Params| -> Vec<(String, String)> {
            params.pairs().iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect()
        };
        let mut fields = small(&call.query);
        fields.extend(small(&call.form()));
        Ask { fields }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// A comma list or a repeated name.
    fn numbers(&self, name: &str) -> Vec<u64> {
        let values = self.fields.iter().filter(|(key, _)| key == name);
        values.flat_map(|(_, value)| value.split(',')).filter_map(|text| text.trim().parse().ok()).collect()
    }

    fn is_set(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// 400 with the names that are missing (confirmed sample).
    fn needs(&self, names: &[&str]) -> Result<(), Response> {
        let missing: Vec<&&str> = names.iter().filter(|name| self.get(name).is_none()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(json(400, &value!({"error": "Additional fields are required.", "missingfields": missing})))
    }
}

fn token(office: &mut Office, call: &Call) -> Response {
    let form = call.form();
    let posted = (form.get("client_id"), form.get("client_secret")) == (Some(CLIENT_ID), Some(CLIENT_SECRET));
    let basic = call.basic(&["Basic"]).is_some_and(|(id, secret)| id == CLIENT_ID && secret == CLIENT_SECRET);
    if !basic && !posted {
        return json(401, &value!({"error": "invalid_client"}));
    }
    if form.get("grant_type") != Some("client_credentials") {
        return json(400, &value!({"error": "unsupported_grant_type"}));
    }
    if !form.get("scope").unwrap_or_default().contains("athena/service/Athenanet.MDP") {
        return json(400, &value!({"error": "invalid_scope"}));
    }
    let access = office.tokens.access(office.now, LIFE);
    let life = if office.is_on("expires_in_is_text") { value!(LIFE.to_string()) } else { value!(LIFE) };
    json(200, &value!({"access_token": access, "token_type": "Bearer", "expires_in": life}))
}

fn error(status: u16, sentence: &str) -> Response {
    json(status, &value!({"error": sentence}))
}

/// 404 as recorded.
fn no_such_id() -> Response {
    json(
        404,
        &value!({"error": "The requested ID does not exist or is not available.", "detailedmessage": "Unknown ID."}),
    )
}

/// 400 as recorded.
fn invalid(expected: &str, value: &str) -> Response {
    let detail = format!("Expecting format {expected}, but value is {value}");
    json(400, &value!({"error": "The data provided is invalid.", "detailedmessage": detail}))
}
