//! Access tokens: fetched, kept in memory until shortly before they end, thrown away when they are not taken.

use crate::http::HttpAnswer;
use crate::rest::failure;
use domain::text::Text;
use domain::time::Moment;
use engine::poll::Failure;
use engine::ports::Secret;
use hyper::StatusCode;
use serde::Deserialize;
use std::sync::{Mutex, PoisonError};

/// A token is not used any more so many seconds before it ends: clocks differ, and a request takes its time.
const EARLY_SECS: i64 = 60;
/// A token whose end is not told is used for so long.
const USUAL_SECS: i64 = 300;

/// The token of one integration, while it lasts.
#[derive(Default)]
pub struct TokenShelf(Mutex<Option<Grant>>);

/// A token and until when it is used.
#[derive(Clone)]
pub struct Grant {
    /// The token.
    pub token: Secret,
    until: Moment,
    /// What renews it, where the server gave such a thing out with it.
    pub refresh: Option<Secret>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// A number; some servers send a text.
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
    #[serde(default)]
    refresh_token: Option<String>,
}

#[derive(Default, Deserialize)]
struct Denied {
    #[serde(default)]
    error: Option<String>,
}

impl TokenShelf {
    /// The token, while it may be used.
    pub fn held(&self, now: Moment) -> Option<Secret> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|grant| grant.until > now).map(|grant| grant.token.clone())
    }

    /// What renews the token, also when that has ended.
    pub fn refresh_token(&self) -> Option<Secret> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().and_then(|grant| grant.refresh.clone())
    }

    /// Keeps a token; gives it back.
    pub fn keep(&self, grant: Grant) -> Secret {
        let token = grant.token.clone();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(grant);
        token
    }

    /// The token is not taken any more. What renews it is kept.
    pub fn forget(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut() {
            Some(grant) if grant.refresh.is_some() => grant.until = Moment::from_micros(0),
            _ => *held = None,
        }
    }
}

impl Grant {
    /// What the answer of a token endpoint grants (RFC 6749 §5.1), or why it does not (§5.2).
    pub fn read(answer: &HttpAnswer, now: Moment) -> Result<Grant, Failure> {
        if matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let denied: Denied = serde_json::from_slice(&answer.body).unwrap_or_default();
            let code = denied.error.filter(|code| code.len() < 60 && code.chars().all(is_code_char));
            return Err(match code.as_deref() {
                // The client is known and nobody grants it anything any more (RFC 6749 §5.2).
                Some("invalid_grant" | "access_denied") => Failure::Revoked { what: code.unwrap_or_default().into() },
                Some("invalid_scope") => Failure::Refused { what: Text::literal("invalid_scope") },
                // An id or secret that is not taken; also where a server says no more than its status.
                _ => Failure::Rejected { what: code.unwrap_or_else(|| answer.status.to_string()).into() },
            });
        }
        if let Some(failure) = failure(answer, now) {
            return Err(failure);
        }
        let granted: Granted = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the token endpoint's answer is no token") })?;
        let lasts = granted.expires_in.as_ref().and_then(|value| match value {
            serde_json::Value::String(text) => text.parse().ok(),
            value => value.as_i64(),
        });
        let until = now.plus_secs((lasts.unwrap_or(USUAL_SECS) - EARLY_SECS).max(5));
        Ok(Grant { token: Secret::new(granted.access_token), until, refresh: granted.refresh_token.map(Secret::new) })
    }
}

fn is_code_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Bytes;
    use hyper::header::HeaderMap;

    fn read(status: u16, body: &'static str) -> Result<Grant, Failure> {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = HttpAnswer { status, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) };
        Grant::read(&answer, Moment::from_micros(0))
    }

    #[test]
    fn a_token_is_used_until_a_minute_before_its_end() {
        let shelf = TokenShelf::default();
        let at = |secs: i64| Moment::from_micros(secs * 1_000_000);
        shelf.keep(read(200, r#"{"access_token":"abc","expires_in":"3600","refresh_token":"r"}"#).unwrap());
        assert_eq!(shelf.held(at(3539)), Some(Secret::new("abc")));
        assert_eq!(shelf.held(at(3540)), None);
        shelf.forget();
        assert_eq!((shelf.held(at(1)), shelf.refresh_token()), (None, Some(Secret::new("r"))));
    }

    #[test]
    fn a_denied_grant_says_its_code_and_nothing_else() {
        let denied = |status, body| read(status, body).err();
        let code = Some(Failure::Revoked { what: "invalid_grant".into() });
        assert_eq!(denied(400, r#"{"error":"invalid_grant","error_description":"Ada Okafor"}"#), code);
        let odd = Some(Failure::Rejected { what: "401 Unauthorized".into() });
        assert_eq!(denied(401, r#"{"error":"you, Ada, may not"}"#), odd);
        let secret = Some(Failure::Rejected { what: "invalid_client".into() });
        assert_eq!(denied(401, r#"{"error":"invalid_client"}"#), secret);
        let scope = Some(Failure::Refused { what: "invalid_scope".into() });
        assert_eq!(denied(400, r#"{"error":"invalid_scope"}"#), scope);
        assert!(matches!(denied(500, ""), Some(Failure::Unreachable { .. })));
        assert!(matches!(denied(200, "welcome"), Some(Failure::Malformed { .. })));
    }
}
