//! OAuth: the authorization-code flow and refresh (confirmed), a code good once, refresh tokens that rotate in
//! practice, and a token endpoint that is limited too.

use crate::vendors::call::{Call, empty, encoded, json, with};
use crate::vendors::office::Office;
use crate::vendors::tokens::{CLIENT_ID, CLIENT_SECRET};
use axum::response::Response;
use serde_json::json as value;

/// 48 hours (confirmed).
const LIFE: i64 = 172_800;
/// So many calls a minute the token endpoint takes (that it is limited was seen; the number is our choice).
const TOKENS_PER_MINUTE: u32 = 30;

/// The user approves at once, or says no.
pub(super) fn authorize(office: &mut Office, call: &Call) -> Response {
    let Some(redirect) = call.query.get("redirect_uri") else {
        return json(400, &value!({"error": "invalid_request"}));
    };
    if call.query.get("client_id") != Some(CLIENT_ID) || call.query.get("response_type") != Some("code") {
        return json(400, &value!({"error": "unauthorized_client"}));
    }
    let glue = if redirect.contains('?') { '&' } else { '?' };
    let outcome = if office.is_on("denies") {
        "error=access_denied".to_owned()
    } else {
        format!("code={}", office.tokens.code(redirect))
    };
    let state = call.query.get("state").map(|state| format!("&state={}", encoded(state))).unwrap_or_default();
    with(empty(302), "location", &format!("{redirect}{glue}{outcome}{state}"))
}

pub(super) fn token(office: &mut Office, call: &Call) -> Response {
    if let Some(wait) = office.is_over("token", TOKENS_PER_MINUTE, 60, false) {
        let detail = format!("Request was throttled. Expected available in {wait}.0 seconds.");
        return json(429, &value!({"detail": detail}));
    }
    let form = call.form();
    if form.get("client_id") != Some(CLIENT_ID) || form.get("client_secret") != Some(CLIENT_SECRET) {
        return json(401, &value!({"error": "invalid_client"}));
    }
    let is_good = match form.get("grant_type") {
        Some("authorization_code") => {
            let (code, redirect) = (form.get("code").unwrap_or_default(), form.get("redirect_uri").unwrap_or_default());
            office.tokens.use_code(code, redirect)
        }
        Some("refresh_token") => {
            let rotates = office.is_on("rotates_refresh");
            office.tokens.use_refresh(form.get("refresh_token").unwrap_or_default(), rotates)
        }
        _ => return json(400, &value!({"error": "unsupported_grant_type"})),
    };
    if !is_good {
        return json(400, &value!({"error": "invalid_grant"}));
    }
    let access = office.tokens.access(office.now, LIFE);
    let refresh = office.tokens.refresh();
    json(
        200,
        &value!({
            "access_token": access, "refresh_token": refresh, "expires_in": LIFE, "token_type": "Bearer",
            "scope": "calendar:read calendar:write patients:read patients:write user:read settings:read",
        }),
    )
}
