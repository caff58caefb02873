//! The twin of CareCloud's API, version 2.
//!
//! Seen in clients that run against the vendor or its sandbox: the token endpoint with `Basic` or the same pair under
//! `Bearer`, the wrapped list, `YYYYMMDD` dates, patients, locations, booking, confirmation, check-in, offsets in
//! texts. Low confidence: status codes and most fields of a record. Our choice, each behind a switch or in the profile
//! to be corrected: the cap of three calendar months, `Link` pages, the single read, the cancel call, the statuses of
//! refusals, and problem bodies.
//!
//! Switches: `limits`, `per_second`, `page_size`, `has_cap`, `single_read`, `cancel`, `zone_less` (offers times
//! without an offset).

mod free;
mod list;
mod people;
mod rows;
mod writes;

use crate::diary::{Ids, Visit};
use crate::vendors::call::{Call, empty, encoded, guid, json, problem, with};
use crate::vendors::office::{Office, Spec, Vendor};
use crate::vendors::tokens::{APPROVED, CLIENT_ID, CLIENT_SECRET};
use axum::response::Response;
use serde_json::{Value, json as value};

pub(super) const SPEC: Spec = Spec {
    name: "carecloud",
    ids: Ids { visit: 1, patient: 1, provider: 18_022, place: 20_411, kind: 60_115 },
    zone: "America/New_York",
    switches: || {
        value!({
            "limits": true, "per_second": 20, "page_size": 50, "has_cap": true, "single_read": true, "cancel": false,
            "zone_less": false,
        })
    },
    vendor: |_| Box::new(CareCloud),
};

/// The families of GUIDs.
const VISITS: u16 = 1;
const PATIENTS: u16 = 2;
/// The practice.
const ENTITY: &str = "c0a2d7f4-0a54-4c5f-9b16-7c1f7a9be001";
/// The life of an access token is not known; the field is there.
const LIFE: i64 = 7200;

struct CareCloud;

impl Vendor for CareCloud {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        let parts = call.parts();
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["oauth2", "authorize"]) => return authorize(office, call),
            ("POST", ["oauth2", "access_token"]) => return token(office, call),
            (_, ["v2", ..]) => {}
            _ => return problem(404, "Not Found", "There is no such path."),
        }
        if !office.tokens.is_good(call.bearer(), office.now) {
            return self.expired(call);
        }
        let most = u32::try_from(office.number("per_second")).unwrap_or(20);
        if let Some(wait) = office.is_over("second", most, 1, false) {
            return self.throttled(call, wait);
        }
        match (call.method.as_str(), &parts[1..]) {
            ("GET", ["oauth2", "authorization"]) => json(200, &value!({"business_entity_id": ENTITY})),
            ("GET", ["appointments"]) => list::window(office, call),
            ("GET", ["appointments", id]) => list::one(office, id),
            ("POST", ["appointments"]) => writes::book(office, call),
            ("POST", ["appointments", id, "confirmation"]) => writes::confirm(office, id),
            ("PUT", ["appointments", id, "check_in"]) => writes::check_in(office, id),
            ("DELETE", ["appointments", id]) if office.is_on("cancel") => writes::cancel(office, id),
            ("GET", ["appointment_availability"]) => free::slots(office, call),
            ("POST", ["patients", "search"]) => people::search(office, call),
            ("POST", ["patients"]) => people::create(office, call),
            ("GET", ["patients", id]) => people::patient(office, id),
            ("GET", ["patients", id, "insurances"]) => people::insurances(office, id),
            ("GET", ["locations"]) => people::locations(office),
            ("GET", ["providers"]) => people::providers(office),
            ("GET", ["appointment_resources"]) => people::resources(office),
            ("GET", ["visit_reasons"] | ["appointment_resources", _, "visit_reasons"]) => people::reasons(office),
            _ => problem(404, "Not Found", "There is no such path."),
        }
    }

    fn throttled(&self, _: &Call, seconds: u32) -> Response {
        with(problem(429, "Too Many Requests", "Slow down."), "retry-after", &seconds.to_string())
    }

    fn expired(&self, _: &Call) -> Response {
        with(problem(401, "Unauthorized", "The token is missing or no good."), "www-authenticate", "Bearer")
    }

    fn visit_id(&self, visit: &Visit) -> String {
        guid(VISITS, visit.id)
    }

    fn access(&self) -> Value {
        value!({
            "authorize": "/oauth2/authorize", "token": "/oauth2/access_token", "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET, "refresh_token": APPROVED, "api": "/v2/", "business_entity_id": ENTITY,
        })
    }
}

fn authorize(office: &mut Office, call: &Call) -> Response {
    let redirect = call.query.get("redirect_uri").unwrap_or_default().to_owned();
    if call.query.get("client_id") != Some(CLIENT_ID) || redirect.is_empty() {
        return json(400, &value!({"error": "invalid_request"}));
    }
    let code = office.tokens.code(&redirect);
    let state = call.query.get("state").map(|state| format!("&state={}", encoded(state))).unwrap_or_default();
    with(empty(302), "location", &format!("{redirect}?code={code}{state}"))
}

/// Errors as in RFC 6749, 5.2 (our choice).
fn token(office: &mut Office, call: &Call) -> Response {
    // One live client sends the pair under `Bearer`, and it works.
    if call.basic(&["Basic", "Bearer"]).is_none_or(|(id, secret)| id != CLIENT_ID || secret != CLIENT_SECRET) {
        return with(json(401, &value!({"error": "invalid_client"})), "www-authenticate", "Basic");
    }
    let form = call.form();
    let is_good = match form.get("grant_type") {
        Some("authorization_code") => {
            let (code, redirect) = (form.get("code").unwrap_or_default(), form.get("redirect_uri").unwrap_or_default());
            office.tokens.use_code(code, redirect)
        }
        Some("refresh_token") => office.tokens.use_refresh(form.get("refresh_token").unwrap_or_default(), false),
        _ => return json(400, &value!({"error": "unsupported_grant_type"})),
    };
    if !is_good {
        return json(400, &value!({"error": "invalid_grant"}));
    }
    let access = office.tokens.access(office.now, LIFE);
    let refresh = office.tokens.refresh();
    json(200, &value!({"access_token": access, "token_type": "Bearer", "refresh_token": refresh, "expires_in": LIFE}))
}
