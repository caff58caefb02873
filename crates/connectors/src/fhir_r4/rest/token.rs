//! Access tokens: fetched, kept in memory until shortly before they end, thrown away when they are not taken.

use super::auth::{Auth, SignedBy};
use crate::rest::{Call, Caller, Grant, TokenShelf, failure};
use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::poll::{Ask, Failure};
use engine::ports::Secret;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

/// An assertion holds for so long; SMART allows five minutes at most.
const ASSERTION_SECS: i64 = 240;
/// The kind of assertion (RFC 7523).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Fetches and keeps the token of one integration.
pub(super) struct Tokens {
    pub(super) auth: Auth,
    pub(super) caller: Caller,
    pub(super) held: TokenShelf,
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
        let now = self.caller.outside.clock.now();
        match self.held.held(now) {
            Some(token) => Ok(Some(token)),
            None => Ok(Some(self.held.keep(self.fetch(ask, now).await?))),
        }
    }

    /// Throws the token away.
    pub(super) fn forget(&self) {
        self.held.forget();
    }

    fn secret(&self, reference: &SecretRef) -> Result<Secret, Failure> {
        self.caller.secret(reference)
    }

    async fn fetch(&self, ask: &Ask<'_>, now: Moment) -> Result<Grant, Failure> {
        let call = match &self.auth {
            Auth::Smart { client_id, key, kid, algorithm, token_url, scope, .. } => {
                let url = self.token_url(ask, token_url.as_ref()).await?;
                let assertion = self.assertion(client_id, key, kid.as_ref(), *algorithm, &url, now)?;
                let form = [
                    ("grant_type", "client_credentials"),
                    ("scope", scope),
                    ("client_assertion_type", ASSERTION),
                    ("client_assertion", &assertion),
                ];
                Call::form(url, &form)
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
                Call::form(url, &form)
            }
            Auth::Open { .. } | Auth::Bearer { .. } => return Err(nothing_to_fetch()),
        };
        let answer = self.caller.send(ask, call.header("accept", "application/json")).await?;
        Grant::read(&answer, now)
    }

    async fn token_url(&self, ask: &Ask<'_>, named: Option<&Text>) -> Result<Text, Failure> {
        if let Some(url) = named {
            return Ok(url.clone());
        }
        let url = format!("{}/.well-known/smart-configuration", self.caller.base);
        let answer = self.caller.send(ask, Call::get(url).header("accept", "application/json")).await?;
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
        let jti = self.caller.outside.chance.bytes()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let iat = now.seconds();
        let claims = Claims { iss: client_id, sub: client_id, aud: token_url, exp: iat + ASSERTION_SECS, iat, jti };
        jsonwebtoken::encode(&header, &claims, &key.map_err(unusable)?).map_err(unusable)
    }
}

fn nothing_to_fetch() -> Failure {
    Failure::NotReady { what: Text::literal("the request for a token could not be made") }
}
