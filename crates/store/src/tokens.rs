//! API tokens and console sessions. Only digests are kept.

use crate::Result;
use domain::text::Text;
use domain::time::Moment;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Its public id.
    pub id: Text,
    /// Who or what uses it.
    pub name: Text,
    /// Its role.
    pub role: Text,
    /// The practice it is confined to.
    pub practice: Option<Text>,
    /// Digest of the secret.
    pub digest: [u8; 32],
    /// When it was made.
    pub created_at: Moment,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// A console session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Digest of the cookie's secret.
    pub digest: [u8; 32],
    /// The token it was opened with.
    pub token: Text,
    /// When.
    pub created_at: Moment,
    /// Until when.
    pub expires_at: Moment,
    /// The reason given for seeing patient data, if one was.
    pub purpose: Option<Text>,
}

/// Reading tokens.
pub trait TokenReads {
    /// The token with this digest, revoked or not.
    fn token_by_digest(&mut self, digest: &[u8; 32]) -> Result<Option<TokenRow>>;

    /// All tokens, newest first.
    fn tokens(&mut self) -> Result<Vec<TokenRow>>;

    /// A session.
    fn session(&mut self, digest: &[u8; 32]) -> Result<Option<SessionRow>>;
}

/// Changing tokens.
pub trait TokenWrites {
    /// Stores a token.
    fn put_token(&mut self, token: &TokenRow) -> Result<()>;

    /// Stores a session.
    fn put_session(&mut self, session: &SessionRow) -> Result<()>;

    /// Ends a session.
    fn delete_session(&mut self, digest: &[u8; 32]) -> Result<()>;

    /// Removes sessions that ended before a moment.
    fn forget_sessions(&mut self, before: Moment) -> Result<usize>;
}
