//! Access: somebody of the practice approves once in a browser, which gives a refresh token; with it, access tokens are
//! bought (OAuth 2, RFC 6749 §4.1 and §6).

use crate::rest::{Call, Caller, Grant, TokenShelf, credentials};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::setup::SecretRef;
use domain::text::Text;
use engine::poll::{Ask, Failure};
use engine::ports::Secret;
use engine::setup::Integration;
use serde::Deserialize;

/// The `auth` table of a source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Auth {
    client_id: Text,
    secret: SecretRef,
    /// What the approval gave.
    refresh_token: SecretRef,
    /// The practice whose records count; those of another are set aside.
    #[serde(default)]
    business_entity: Option<Text>,
}

/// Fetches and keeps the token of one integration.
pub(super) struct Tokens {
    auth: Auth,
    held: TokenShelf,
}

impl Tokens {
    pub(super) fn of(integration: &Integration) -> Result<Tokens, Failure> {
        Ok(Tokens { auth: credentials(integration)?, held: TokenShelf::default() })
    }

    pub(super) fn business_entity(&self) -> Option<&Text> {
        self.auth.business_entity.as_ref()
    }

    pub(super) fn forget(&self) {
        self.held.forget();
    }

    /// The token to ask with.
    pub(super) async fn token(&self, ask: &Ask<'_>, caller: &Caller) -> Result<Secret, Failure> {
        if let Some(token) = self.held.held(caller.outside.clock.now()) {
            return Ok(token);
        }
        // One that came with the last access token is newer than that of the set-up, where it could not be written
        // down. Whether using it ends the older ones is not known.
        let kept = caller.secret(&self.auth.refresh_token)?;
        let newer = self.held.refresh_token().filter(|newer| *newer != kept);
        if let Some(newer) = newer {
            match self.renew(ask, caller, &newer).await {
                Err(Failure::Revoked { .. } | Failure::Rejected { .. }) => {}
                renewed => return renewed,
            }
        }
        self.renew(ask, caller, &kept).await
    }

    async fn renew(&self, ask: &Ask<'_>, caller: &Caller, refresh: &Secret) -> Result<Secret, Failure> {
        let secret = caller.secret(&self.auth.secret)?;
        let pair = basic(&self.auth.client_id, secret.open());
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.open())];
        let url = format!("{}/oauth2/access_token", caller.base);
        let answer = caller.send(ask, Call::form(url, &form).header("authorization", pair)).await?;
        let grant = Grant::read(&answer, caller.outside.clock.now())?;
        if let Some(newer) = grant.refresh.as_ref().filter(|newer| *newer != refresh) {
            // A restart goes on with it. Where it cannot be written (an environment, a file that is read-only) it
            // lives as long as this process: then the one of the set-up is tried again.
            if let Err(why) = caller.outside.secrets.write(&self.auth.refresh_token, newer) {
                tracing::warn!(%why, "a renewed refresh token is kept in memory only: it is lost with a restart");
            }
        }
        Ok(self.held.keep(grant))
    }
}

/// `Basic` of RFC 7617.
fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_is_written_as_the_standard_shows_it() {
        assert_eq!(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "RFC 7617 §2");
    }
}
