//! Two-legged OAuth: an id and a secret buy a token of an hour.

use super::hook::Hook;
use super::words::Words;
use crate::http::HttpAnswer;
use crate::rest::{Call, Caller, Grant, TokenShelf, failure, origin};
use base64::Engine as _;
use domain::setup::SecretRef;
use domain::text::Text;
use engine::poll::{Ask, Failure};
use engine::ports::Secret;
use serde::Deserialize;
use serde_json::Value;

/// The `auth` table of a source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    /// As the vendor's portal shows it.
    client_id: Text,
    /// Where its secret is kept.
    secret: SecretRef,
    /// Another token endpoint than the profile's below the same host.
    #[serde(default)]
    token_url: Option<Text>,
    /// Where the vendor calls us, if it shall.
    #[serde(default)]
    pub(super) hook: Option<Hook>,
}

/// Asks with a token.
pub(super) struct Access {
    pub(super) caller: Caller,
    pub(super) credentials: Credentials,
    pub(super) held: TokenShelf,
}

impl Access {
    /// Reads what stands below the practice's address. An answer that is a failure is one.
    pub(super) async fn get(&self, ask: &Ask<'_>, words: &Words, path: &str) -> Result<HttpAnswer, Failure> {
        self.send(ask, words, Call::get(self.url(path))).await
    }

    /// Reads a JSON answer.
    pub(super) async fn read(&self, ask: &Ask<'_>, words: &Words, path: &str) -> Result<Value, Failure> {
        let answer = self.get(ask, words, path).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no JSON") })
    }

    /// Makes a request; an answer that is a failure is one.
    pub(super) async fn send(&self, ask: &Ask<'_>, words: &Words, call: Call) -> Result<HttpAnswer, Failure> {
        let answer = self.exchange(ask, words, call).await?;
        failure(&answer, ask.now).map_or(Ok(answer), Err)
    }

    /// Makes a request; any answer is one.
    pub(super) async fn exchange(&self, ask: &Ask<'_>, words: &Words, call: Call) -> Result<HttpAnswer, Failure> {
        let token = self.token(ask, words).await?;
        self.caller.send(ask, call.header("accept", "application/json").bearer(&token)).await
    }

    async fn token(&self, ask: &Ask<'_>, words: &Words) -> Result<Secret, Failure> {
        let now = self.caller.outside.clock.now();
        if let Some(token) = self.held.held(now) {
            return Ok(token);
        }
        let url = match &self.credentials.token_url {
            Some(url) => url.to_string(),
            None => format!("{}{}", self.origin(), words.token),
        };
        let secret = self.caller.secret(&self.credentials.secret)?;
        let pair = format!("{}:{}", self.credentials.client_id, secret.open());
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let form = [("grant_type", "client_credentials"), ("scope", words.scope.as_str())];
        let call = Call::form(url, &form).header("authorization", basic).header("accept", "application/json");
        let answer = self.caller.send(ask, call).await?;
        Ok(self.held.keep(Grant::read(&answer, now)?))
    }

    /// An address below the practice's, or what the vendor gave as a link: below the host.
    pub(super) fn url(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.origin()) } else { format!("{}/{path}", self.caller.base) }
    }

    /// The practice's number: the last part of its address.
    pub(super) fn practice(&self) -> &str {
        self.caller.base.rsplit('/').next().unwrap_or_default()
    }

    /// The vendor's host.
    pub(super) fn origin(&self) -> &str {
        origin(&self.caller.base)
    }
}
