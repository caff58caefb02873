//! The twin of DrChrono's API, version 4.
//!
//! Confirmed by the vendor's published description and prose: the OAuth flow, the mandatory date filter and its 190
//! days, page sizes, the fields, soft deletes, the webhook check and its headers, status words, 302 of the current
//! user, 409 on an overlap, 204 without a body. Confirmed by code that runs against the vendor: the key `results`,
//! naive times, the text of the 429 without `Retry-After`, rotation of refresh tokens. Inferred: the server's zone,
//! the spelling of virtual ids. Our choice: bodies of the errors that nothing is known of, a page size too large is
//! cut.
//!
//! Switches: `results_key` (`results`, `data`), `server_zone`, `has_is_telehealth`, `cancelled_blocks` (called-off
//! rows hold their time), `read_lag_seconds`, `rotates_refresh`, `denies` (the user says no), `webhook_url`,
//! `webhook_secret`, `limits`.

mod auth;
mod hooks;
mod list;
mod people;
mod rows;
mod writes;

use crate::diary::{Change, Ids, Visit};
use crate::vendors::call::{Call, empty, json, with};
use crate::vendors::office::{Office, Spec, Vendor};
use axum::response::Response;
use serde_json::{Value, json as value};

pub(super) const SPEC: Spec = Spec {
    name: "drchrono",
    ids: Ids { visit: 318_200_001, patient: 77_120_001, provider: 90_211, place: 41_002, kind: 5_512 },
    zone: "America/Chicago",
    switches: || {
        value!({
            "limits": true, "results_key": "results", "server_zone": "America/Los_Angeles", "has_is_telehealth": true,
            "cancelled_blocks": false, "read_lag_seconds": 0, "rotates_refresh": true, "denies": false,
            "webhook_url": "", "webhook_secret": "twin-hook-secret",
        })
    },
    vendor: |_| Box::new(DrChrono { hook: hooks::Hook::default() }),
};

/// 500 calls an hour for the application, on the full hour (secondary source), and a burst limit.
const PER_HOUR: u32 = 500;
const PER_SECOND: u32 = 10;
/// The user whose approval the tokens carry.
const USER: u64 = 610_001;

struct DrChrono {
    hook: hooks::Hook,
}

impl Vendor for DrChrono {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        let parts = call.parts();
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["o", "authorize"]) => return auth::authorize(office, call),
            ("POST", ["o", "token"]) => return auth::token(office, call),
            (_, ["api", ..]) => {}
            _ => return not_found(),
        }
        if !office.tokens.is_good(call.bearer(), office.now) {
            return self.expired(call);
        }
        let over = office.is_over("second", PER_SECOND, 1, false);
        if let Some(wait) = over.or_else(|| office.is_over("hour", PER_HOUR, 3600, true)) {
            return self.throttled(call, wait);
        }
        match (call.method.as_str(), &parts[1..]) {
            ("GET", ["users", "current"]) => with(empty(302), "location", &format!("{}/api/users/{USER}", call.origin)),
            ("GET", ["users", ..]) => people::users(&parts[2..]),
            ("GET", ["doctors", rest @ ..]) => people::doctors(office, call, rest),
            ("GET", ["offices", rest @ ..]) => people::offices(office, call, rest),
            ("GET", ["appointment_profiles", rest @ ..]) => people::profiles(office, call, rest),
            ("GET", ["schedule_blocks"]) => people::blocks(office, call),
            ("GET", ["patients"]) => people::patients(office, call),
            ("GET", ["patients", id]) => people::patient(office, id),
            ("POST", ["patients"]) => people::create(office, call),
            ("GET", ["appointments"]) => list::appointments(office, call),
            ("GET", ["appointments", id]) => list::appointment(office, call, id),
            ("POST", ["appointments"]) => writes::book(office, call),
            ("PATCH" | "PUT", ["appointments", id]) => writes::change(office, call, id),
            ("DELETE", ["appointments", id]) => writes::delete(office, id),
            (_, ["appointments" | "patients" | "doctors" | "offices" | "appointment_profiles", ..]) => empty(405),
            _ => not_found(),
        }
    }

    /// The wait stands in the text only; `Retry-After` is missing (confirmed by a live client).
    fn throttled(&self, _: &Call, seconds: u32) -> Response {
        let detail = format!("Request was throttled. Expected available in {seconds}.0 seconds.");
        json(429, &value!({"detail": detail}))
    }

    fn expired(&self, _: &Call) -> Response {
        // Inferred: the framework behind the API answers so.
        json(401, &value!({"detail": "Authentication credentials were not provided."}))
    }

    /// Of an occurrence of a series the key that stays when its id changes.
    fn visit_id(&self, visit: &Visit) -> String {
        rows::instance_key(visit).unwrap_or_else(|| visit.id.to_string())
    }

    fn told(&mut self, office: &mut Office, change: &Change) {
        self.hook.told(office, change);
    }

    fn tick(&mut self, office: &mut Office) {
        self.hook.verify(office);
    }

    fn access(&self) -> Value {
        value!({
            "authorize": "/o/authorize/", "token": "/o/token/", "client_id": crate::vendors::tokens::CLIENT_ID,
            "client_secret": crate::vendors::tokens::CLIENT_SECRET, "api": "/api/",
            "refresh_token": crate::vendors::tokens::APPROVED,
        })
    }
}

fn not_found() -> Response {
    json(404, &value!({"detail": "Not found."}))
}

/// 400 with the fields that are wrong (confirmed form: a map of field to sentences).
fn bad(field: &str, sentence: &str) -> Response {
    json(400, &value!({field: [sentence]}))
}
