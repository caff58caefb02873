//! Access tokens: fetched, kept in memory until shortly before they end, thrown away when they are not taken.

use super::answer::{failure, no_answer};
use super::auth::{Auth, SignedBy};
use crate::http::HttpClient;
use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::poll::{Ask, Failure};
use engine::ports::{Chance, Clock, Secret, Secrets};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE};
use hyper::{Request, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A token is not used any more so many seconds before it ends: clocks differ, and a request takes its time.
const EARLY_SECS: i64 = 60;
/// An assertion holds for so long; SMART allows five minutes at most.
const ASSERTION_SECS: i64 = 240;
/// A token answer is small.
const LARGEST: usize = 64 * 1024;
/// A token endpoint answers within this.
const LIMIT: Duration = Duration::from_secs(15);
/// The kind of assertion (RFC 7523).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Fetches and keeps the token of one integration.
pub(super) struct Tokens {
    pub(super) auth: Auth,
    pub(super) base: Text,
    pub(super) client: HttpClient,
    pub(super) secrets: Arc<dyn Secrets>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) chance: Arc<dyn Chance>,
    pub(super) held: Mutex<Option<(Secret, Moment)>>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: String,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// A number; some servers send a text.
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

#[derive(Default, Deserialize)]
struct Denied {
    #[serde(default)]
    error: Option<String>,
}

#[derive(Deserialize)]
struct Configuration {
    token_endpoint: String,
}

impl Tokens {
    /// The token to ask with; `None`: none is needed.
    pub(super) async fn token(&self, ask: &Ask<'_>) -> Result<Option<Secret>, Failure> {
        match &self.auth {
            Auth::Open { .. } => return Ok(None),
            Auth::Bearer { token, .. } => return self.secret(token).map(Some),
            Auth::Smart { .. } | Auth::ClientSecret { .. } => {}
        }
        let now = self.clock.now();
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((token, until)) = held
            && until > now
        {
            return Ok(Some(token));
        }
        let (token, until) = self.fetch(ask, now).await?;
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((token.clone(), until));
        Ok(Some(token))
    }

    /// Throws the token away.
    pub(super) fn forget(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn secret(&self, reference: &SecretRef) -> Result<Secret, Failure> {
        self.secrets.read(reference).map_err(|what| Failure::NotReady { what })
    }

    async fn fetch(&self, ask: &Ask<'_>, now: Moment) -> Result<(Secret, Moment), Failure> {
        let (form, token_url) = match &self.auth {
            Auth::Smart { client_id, key, kid, algorithm, token_url, scope, .. } => {
                let url = self.token_url(ask, token_url.as_ref()).await?;
                let assertion = self.assertion(client_id, key, kid.as_ref(), *algorithm, &url, now)?;
                let form = [
                    ("grant_type", "client_credentials"),
                    ("scope", scope),
                    ("client_assertion_type", ASSERTION),
                    ("client_assertion", &assertion),
                ];
                (encode(&form), url)
            }
            Auth::ClientSecret { client_id, secret, token_url, scope, .. } => {
                let url = self.token_url(ask, token_url.as_ref()).await?;
                let secret = self.secret(secret)?;
                let form = [
                    ("grant_type", "client_credentials"),
                    ("scope", scope),
                    ("client_id", client_id),
                    ("client_secret", secret.open()),
                ];
                (encode(&form), url)
            }
            Auth::Open { .. } | Auth::Bearer { .. } => return Err(nothing_to_fetch()),
        };
        ask.turn().await?;
        let uri = self.client.check(&token_url).map_err(|what| Failure::NotReady { what })?;
        let request = Request::post(uri)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(Full::new(Bytes::from(form)))
            .map_err(|_| nothing_to_fetch())?;
        let answer = self.client.send(request, LIMIT, LARGEST).await.map_err(no_answer)?;
        if matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let denied: Denied = serde_json::from_slice(&answer.body).unwrap_or_default();
            let code = denied.error.filter(|code| code.len() < 60 && code.chars().all(is_code_char));
            return Err(Failure::Revoked { what: code.unwrap_or_else(|| answer.status.to_string()).into() });
        }
        if let Some(failure) = failure(&answer, now) {
            return Err(failure);
        }
        let granted: Granted = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the token endpoint's answer is no token") })?;
        let lasts = granted.expires_in.as_ref().and_then(|value| match value {
            serde_json::Value::String(text) => text.parse().ok(),
            value => value.as_i64(),
        });
        let until = now.plus_secs((lasts.unwrap_or(300) - EARLY_SECS).max(5));
        Ok((Secret::new(granted.access_token), until))
    }

    async fn token_url(&self, ask: &Ask<'_>, named: Option<&Text>) -> Result<Text, Failure> {
        if let Some(url) = named {
            return Ok(url.clone());
        }
        ask.turn().await?;
        let url = format!("{}/.well-known/smart-configuration", self.base);
        let uri = self.client.check(&url).map_err(|what| Failure::NotReady { what })?;
        let request = Request::get(uri).header(ACCEPT, "application/json").body(Full::default());
        let answer = self.client.send(request.map_err(|_| nothing_to_fetch())?, LIMIT, LARGEST).await;
        let answer = answer.map_err(no_answer)?;
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let configuration: Configuration = serde_json::from_slice(&answer.body).map_err(|_| Failure::NotReady {
            what: Text::literal("the server's smart-configuration names no token endpoint; name it as auth.token_url"),
        })?;
        Ok(configuration.token_endpoint.into())
    }

    fn assertion(
        &self,
        client_id: &str,
        key: &SecretRef,
        kid: Option<&Text>,
        algorithm: SignedBy,
        token_url: &str,
        now: Moment,
    ) -> Result<String, Failure> {
        let pem = self.secret(key)?;
        let unusable = |_| Failure::NotReady {
            what: Text::literal("the private key is not PEM of the kind that auth.algorithm names"),
        };
        let (algorithm, key) = match algorithm {
            SignedBy::Rs384 => (Algorithm::RS384, EncodingKey::from_rsa_pem(pem.open().as_bytes())),
            SignedBy::Es384 => (Algorithm::ES384, EncodingKey::from_ec_pem(pem.open().as_bytes())),
        };
        let mut header = Header::new(algorithm);
        header.kid = kid.map(|kid| kid.to_string());
        let jti = self.chance.bytes()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let iat = now.seconds();
        let claims = Claims { iss: client_id, sub: client_id, aud: token_url, exp: iat + ASSERTION_SECS, iat, jti };
        jsonwebtoken::encode(&header, &claims, &key.map_err(unusable)?).map_err(unusable)
    }
}

fn nothing_to_fetch() -> Failure {
    Failure::NotReady { what: Text::literal("the request for a token could not be made") }
}

fn is_code_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// `application/x-www-form-urlencoded`.
fn encode(form: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    pairs.join("&")
}

/// A text for a query or a form: everything but unreserved characters (RFC 3986) is escaped.
pub(super) fn percent(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => written.push(char::from(byte)),
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}
