//! Access: a token of 48 hours, bought with a refresh token that is replaced each time it is used.
//!
//! The new refresh token is written back before anything is asked with the access token that came with it: whoever
//! loses it has to ask the practice's user to approve again. So it is kept in a file that this service may write, and
//! whether it may is tried before the old one is spent.

use crate::drchrono::answer::failure;
use crate::http::HttpAnswer;
use crate::rest::{Call, Caller, Grant, TokenShelf};
use domain::setup::SecretRef;
use domain::text::Text;
use engine::poll::{Ask, Failure};
use engine::ports::Secret;
use hyper::StatusCode;
use serde::Deserialize;
use std::sync::{Mutex, PoisonError};

/// The `auth` table of a source.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Auth {
    /// Of the application, as the vendor's page for API applications shows it.
    client_id: Text,
    client_secret: SecretRef,
    /// Where the refresh token of the user who approved is kept; written back with each use.
    refresh_token: SecretRef,
    /// What the vendor's webhooks show as their signature.
    #[serde(default)]
    webhook_secret: Option<SecretRef>,
}

impl Auth {
    /// Reads the table of a source.
    pub(super) fn read(table: Option<&toml::Table>) -> Result<Auth, Failure> {
        let table = table.ok_or_else(|| {
            not_ready("source.auth is missing: client_id, client_secret and refresh_token of an API application")
        })?;
        let auth: Auth = toml::Value::Table(table.clone()).try_into().map_err(|error: toml::de::Error| {
            Failure::NotReady { what: Text::from(format!("source.auth cannot be used: {}", error.message())) }
        })?;
        if matches!(auth.refresh_token, SecretRef::Env { .. }) {
            return Err(not_ready(
                "auth.refresh_token has to be { file = \"…\" }: each use replaces it, and the new one is written there",
            ));
        }
        Ok(auth)
    }
}

fn not_ready(what: &'static str) -> Failure {
    Failure::NotReady { what: Text::literal(what) }
}

/// Fetches and keeps the access token of one integration.
pub(super) struct Tokens {
    auth: Auth,
    shelf: TokenShelf,
    /// One renewal at a time: two would spend the same refresh token.
    renewing: tokio::sync::Mutex<()>,
    /// A refresh token that could not be written yet.
    unsaved: Mutex<Option<Secret>>,
}

impl Tokens {
    pub(super) fn new(auth: Auth) -> Tokens {
        Tokens {
            auth,
            shelf: TokenShelf::default(),
            renewing: tokio::sync::Mutex::default(),
            unsaved: Mutex::default(),
        }
    }

    /// What webhooks have to show; `None`: none are taken.
    pub(super) fn webhook_secret(&self, caller: &Caller) -> Option<Secret> {
        caller.secret(self.auth.webhook_secret.as_ref()?).ok()
    }

    /// Throws the access token away.
    pub(super) fn forget(&self) {
        self.shelf.forget();
    }

    /// The token to ask with.
    pub(super) async fn token(&self, ask: &Ask<'_>, caller: &Caller) -> Result<Secret, Failure> {
        let _alone = self.renewing.lock().await;
        let unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(refresh) = unsaved {
            self.save(caller, refresh)?;
        }
        if let Some(token) = self.shelf.held(caller.outside.clock.now()) {
            return Ok(token);
        }
        let used = caller.secret(&self.auth.refresh_token)?;
        // Nothing is spent that could not be replaced.
        caller.outside.secrets.write(&self.auth.refresh_token, &used).map_err(|what| Failure::NotReady { what })?;
        let grant = match self.renew(ask, caller, &used).await {
            Err(failure @ (Failure::Revoked { .. } | Failure::Rejected { .. })) => {
                // Another process may have renewed it in the meantime.
                let now = caller.secret(&self.auth.refresh_token)?;
                if now == used {
                    return Err(failure);
                }
                self.renew(ask, caller, &now).await?
            }
            other => other?,
        };
        if let Some(refresh) = &grant.refresh {
            self.save(caller, refresh.clone())?;
        }
        Ok(self.shelf.keep(grant))
    }

    /// Writes the refresh token back. What cannot be written is remembered, and nothing is asked before it is.
    fn save(&self, caller: &Caller, refresh: Secret) -> Result<(), Failure> {
        let written = caller.outside.secrets.write(&self.auth.refresh_token, &refresh);
        let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        *unsaved = written.is_err().then_some(refresh);
        written.map_err(|what| Failure::NotReady { what })
    }

    async fn renew(&self, ask: &Ask<'_>, caller: &Caller, refresh: &Secret) -> Result<Grant, Failure> {
        let secret = caller.secret(&self.auth.client_secret)?;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.open()),
            ("client_id", &self.auth.client_id),
            ("client_secret", secret.open()),
        ];
        let answer = caller.send(ask, Call::form(format!("{}/o/token/", caller.base), &form)).await?;
        Self::read(&answer, caller, ask)
    }

    fn read(answer: &HttpAnswer, caller: &Caller, ask: &Ask<'_>) -> Result<Grant, Failure> {
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(failure(answer, "a token", ask.now).unwrap_or(Failure::Throttled { retry_after: None }));
        }
        Grant::read(answer, caller.outside.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Auth, Failure> {
        Auth::read(Some(&toml::from_str(text).unwrap()))
    }

    #[test]
    fn a_refresh_token_that_could_not_be_replaced_is_refused() {
        let auth = |refresh: &str| {
            read(&format!("client_id = \"c\"\nclient_secret = {{ env = \"S\" }}\nrefresh_token = {refresh}"))
        };
        assert!(auth("{ file = \"/run/refresh\" }").is_ok());
        let Err(Failure::NotReady { what }) = auth("{ env = \"REFRESH\" }") else {
            panic!("an environment is read-only")
        };
        assert!(what.contains("auth.refresh_token"), "{what}");
        let Err(Failure::NotReady { what }) = auth("\"abc123\"") else { panic!("a literal is refused") };
        assert!(!what.contains("abc123"), "{what}");
    }
}
