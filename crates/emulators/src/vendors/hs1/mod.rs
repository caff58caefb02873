//! The twins of Henry Schein One's dental systems: EXACT and Oasis.
//!
//! Confirmed by public pages: EXACT's token, version header, practices, windows with an offset in every time,
//! continuation tokens, both sets of status words, plain texts as errors, 409 of a change that does not fit; the site
//! model's slug, keys, permissions, rules and availability. Inferred: that a portal's credential is slug and key of
//! that family, and its paths (`/sites/{slug}/…`). Source article: only the first gap of each free run unless
//! stacking is on, 30 days published and 90 at most, nobody calls off online. Oasis has the site interface only.
//!
//! Switches: `limits`, `tokens_per_second`, `old_words`, `page_size`, `stacking`, `publish_days`, `can_cancel`,
//! `primary_key`, `secondary_key`.

mod exact;
mod site;

use crate::diary::{Ids, Visit};
use crate::vendors::call::{Call, guid, problem, typed, with};
use crate::vendors::office::{Office, Spec, Vendor};
use crate::vendors::tokens::{CLIENT_ID, CLIENT_SECRET};
use axum::response::Response;
use serde_json::{Value, json};

const IDS: Ids = Ids { visit: 501, patient: 901, provider: 7, place: 1, kind: 14 };

fn switches() -> Value {
    json!({
        "limits": true, "tokens_per_second": 20, "old_words": false, "page_size": 50, "stacking": false,
        "publish_days": 30, "can_cancel": false, "primary_key": "twin-site-key", "secondary_key": "twin-site-key-2",
    })
}

pub(super) const EXACT: Spec = Spec {
    name: "hs1-exact",
    ids: IDS,
    zone: "Australia/Sydney",
    switches,
    vendor: |_| Box::new(Dental { label: "Exact" }),
};

pub(super) const OASIS: Spec = Spec {
    name: "hs1-oasis",
    ids: IDS,
    zone: "Australia/Sydney",
    switches,
    vendor: |_| Box::new(Dental { label: "Oasis" }),
};

/// Ids are UUIDs: of visits and of patients.
const VISITS: u16 = 0xe1;
const PATIENTS: u16 = 0xe2;
/// `^[osl][a-zA-Z0-9]{3,}$`, at most 20 letters.
const SLUG: &str = "oharbour1";
const PRACTICE: &str = "AUABC123";
const LIFE: i64 = 3600;

struct Dental {
    label: &'static str,
}

impl Vendor for Dental {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        let parts = call.parts();
        let most = u32::try_from(office.number("tokens_per_second")).unwrap_or(20);
        let has_exact = self.label == "Exact";
        match (call.method.as_str(), parts.as_slice()) {
            ("POST", ["connect", "token"]) if has_exact => token(office, call),
            (_, ["v1", rest @ ..]) if has_exact => {
                if !office.tokens.is_good(call.bearer(), office.now) {
                    return self.expired(call);
                }
                exact::answer(office, call, rest)
            }
            (_, ["sites", slug, rest @ ..]) => {
                let key = call.header("x-api-key");
                let is_key =
                    !key.is_empty() && (key == office.text("primary_key") || key == office.text("secondary_key"));
                if !is_key {
                    return self.expired(call);
                }
                if let Some(wait) = office.is_over("second", most, 1, false) {
                    return self.throttled(call, wait);
                }
                if *slug != SLUG {
                    return problem(404, "Not Found", "There is no such site.");
                }
                site::answer(office, call, self.label, rest)
            }
            _ => problem(404, "Not Found", "There is no such path."),
        }
    }

    fn throttled(&self, _: &Call, _: u32) -> Response {
        problem(429, "Too Many Requests", "The bucket is empty.")
    }

    fn expired(&self, call: &Call) -> Response {
        if call.path.starts_with("/sites") {
            return problem(401, "Unauthorized", "The key is missing or no good.");
        }
        with(typed(401, "text/plain", "Unauthorized"), "www-authenticate", "Bearer")
    }

    fn visit_id(&self, visit: &Visit) -> String {
        guid(VISITS, visit.id)
    }

    fn access(&self) -> Value {
        let site = json!({"slug": SLUG, "key": "twin-site-key", "sites": format!("/sites/{SLUG}/")});
        if self.label == "Oasis" {
            return json!({"site": site});
        }
        json!({
            "site": site, "token": "/connect/token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "practice": PRACTICE, "api": "/v1/",
        })
    }
}

fn token(office: &mut Office, call: &Call) -> Response {
    let basic = call.basic(&["Basic"]).is_some_and(|(id, secret)| id == CLIENT_ID && secret == CLIENT_SECRET);
    let form = call.form();
    let answer = |status: u16, body: Value| crate::vendors::call::json(status, &body);
    if !basic {
        return answer(400, json!({"error": "invalid_client"}));
    }
    if form.get("grant_type") != Some("client_credentials") || form.get("scope").is_none() {
        return answer(400, json!({"error": "invalid_request"}));
    }
    let access = office.tokens.access(office.now, LIFE);
    answer(200, json!({"access_token": access, "expires_in": LIFE, "token_type": "Bearer", "scope": form.get("scope")}))
}
