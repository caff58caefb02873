//! A generic FHIR R4 server: what the standard says and most servers do.
//!
//! From the standard: search with `_lastUpdated` and its prefixes, search sets with `self` and `next`, versions and
//! `If-Match`, 410 of what was deleted, histories, classic subscriptions by rest-hook, operation outcomes. Our choice,
//! where servers differ: pages live for five minutes and are then 410, the cap of a page is 100, `total` is given.
//!
//! Switches: `limits`, `per_second`, `needs_token`, `page_size`, `pages_live_seconds`, `ignores_last_updated` (a
//! lenient server: the parameter is not in the `self` link, and does nothing), `has_total`.

mod hooks;
mod resources;
mod search;
mod writes;

use crate::diary::{Change, Ids, Visit};
use crate::vendors::call::{Call, json, typed, with};
use crate::vendors::office::{Office, Spec, Vendor};
use crate::vendors::tokens::{CLIENT_ID, CLIENT_SECRET};
use axum::response::Response;
use serde_json::{Value, json as value};

pub(super) const SPEC: Spec = Spec {
    name: "fhir-r4",
    ids: Ids { visit: 70_001, patient: 10_001, provider: 301, place: 21, kind: 41 },
    zone: "America/Chicago",
    switches: || {
        value!({
            "limits": true, "per_second": 50, "needs_token": false, "page_size": 20, "pages_live_seconds": 300,
            "ignores_last_updated": false, "has_total": true,
        })
    },
    vendor: |_| Box::new(Fhir::default()),
};

const LIFE: i64 = 900;

#[derive(Default)]
struct Fhir {
    pages: search::Pages,
    hooks: hooks::Hooks,
}

impl Vendor for Fhir {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        let parts = call.parts();
        match (call.method.as_str(), parts.as_slice()) {
            ("POST", ["token"]) => return token(office, call),
            ("GET", ["metadata"]) => return fhir(200, &resources::capabilities()),
            _ => {}
        }
        if office.is_on("needs_token") && !office.tokens.is_good(call.bearer(), office.now) {
            return self.expired(call);
        }
        let most = u32::try_from(office.number("per_second")).unwrap_or(50);
        if let Some(wait) = office.is_over("second", most, 1, false) {
            return self.throttled(call, wait);
        }
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", []) if call.query.get("_getpages").is_some() => self.pages.next(office, call),
            ("GET", ["Appointment"]) => self.pages.search(office, call),
            ("GET", ["Appointment", "_history"]) => search::history(office, call),
            ("GET", ["Appointment", id]) => resources::read_appointment(office, id),
            ("POST", ["Appointment"]) => writes::create(office, call),
            ("PUT", ["Appointment", id]) => writes::update(office, call, id),
            ("GET", ["Patient"]) => resources::patients(office, call, &call.query),
            ("POST", ["Patient", "_search"]) => resources::patients(office, call, &call.form()),
            ("GET", ["Patient" | "Practitioner" | "Location", id]) => resources::actor(office, parts[0], id),
            ("GET", ["Practitioner" | "Location"]) => resources::actors(office, call, parts[0]),
            (_, ["Subscription", rest @ ..]) => self.hooks.answer(office, call, rest),
            _ => outcome(404, "not-found", "There is no such resource."),
        }
    }

    fn throttled(&self, _: &Call, seconds: u32) -> Response {
        with(outcome(429, "throttled", "Too many requests."), "retry-after", &seconds.to_string())
    }

    fn expired(&self, _: &Call) -> Response {
        with(outcome(401, "login", "The token is missing or no good."), "www-authenticate", "Bearer")
    }

    fn told(&mut self, office: &mut Office, change: &Change) {
        self.hooks.told(office, change);
    }

    fn visit_id(&self, visit: &Visit) -> String {
        resources::id(visit)
    }

    fn access(&self) -> Value {
        value!({"base": "/", "token": "/token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
    }
}

fn token(office: &mut Office, call: &Call) -> Response {
    let form = call.form();
    let posted = (form.get("client_id"), form.get("client_secret")) == (Some(CLIENT_ID), Some(CLIENT_SECRET));
    let basic = call.basic(&["Basic"]).is_some_and(|(id, secret)| id == CLIENT_ID && secret == CLIENT_SECRET);
    if !(posted || basic) {
        return json(401, &value!({"error": "invalid_client"}));
    }
    if form.get("grant_type") != Some("client_credentials") {
        return json(400, &value!({"error": "unsupported_grant_type"}));
    }
    let access = office.tokens.access(office.now, LIFE);
    json(200, &value!({"access_token": access, "token_type": "Bearer", "expires_in": LIFE}))
}

fn fhir(status: u16, body: &Value) -> Response {
    typed(status, "application/fhir+json; charset=utf-8", body.to_string())
}

fn outcome(status: u16, code: &str, text: &str) -> Response {
    let issue = value!({"severity": "error", "code": code, "diagnostics": text});
    fhir(status, &value!({"resourceType": "OperationOutcome", "issue": [issue]}))
}
