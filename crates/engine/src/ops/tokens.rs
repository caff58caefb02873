//! API tokens: made, listed, revoked, recognised. The secret is shown once and only its digest is kept.

use crate::ops::{Actor, Role};
use crate::scribe::Batch;
use crate::{Engine, Error, Result};
use domain::ids::PracticeNo;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::{SessionRow, TokenRow};

/// How long a console session lasts.
const SESSION_SECS: i64 = 12 * 3600;

/// A token that was just made.
#[derive(Clone, Debug, Serialize)]
pub struct NewToken {
    /// Its public id.
    pub id: Text,
    /// The secret, shown this once.
    pub token: String,
    /// Its name.
    pub name: Text,
    /// Its role.
    pub role: &'static str,
    /// The practice it is confined to.
    pub practice: Option<Text>,
}

/// A token as listed.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct TokenItem {
    pub id: Text,
    pub name: Text,
    pub role: Text,
    pub practice: Option<Text>,
    pub created_at: Moment,
    pub revoked_at: Option<Moment>,
}

fn digest(secret: &str) -> [u8; 32] {
    // The secret is 32 random bytes, so a plain fast hash is enough: there is nothing to guess.
    *blake3::hash(secret.as_bytes()).as_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Engine {
    /// Makes a token.
    pub async fn create_token(
        &self,
        actor: &Actor,
        role: Role,
        name: &str,
        practice: Option<&str>,
    ) -> Result<NewToken> {
        let name = Text::present(name).ok_or_else(|| {
            Error::Invalid("a token needs a name, so that the audit log can say who it was".to_owned())
        })?;
        if let Some(practice) = practice
            && self.setup().practice(practice).is_none()
        {
            return Err(Error::NotFound { what: "practice", id: practice.into() });
        }
        let secret = format!("pct_{}", hex(&self.chance.bytes()));
        let id = Text::from(format!("tok_{}", hex(&self.chance.bytes()[..6])));
        let (row_name, row_id, practice, actor) = (name.clone(), id.clone(), practice.map(Text::from), actor.clone());
        let (row_practice, digest) = (practice.clone(), digest(&secret));
        let done = self.scribe.run(move |batch| {
            let row = TokenRow {
                id: row_id.clone(),
                name: row_name.clone(),
                role: Text::literal(role.word()),
                practice: row_practice.clone(),
                digest,
                created_at: batch.now,
                revoked_at: None,
            };
            batch.writer().put_token(&row)?;
            actor.audit(batch, PracticeNo::UNROUTED, "token_create", &row_id, role.word())
        });
        done.await?;
        Ok(NewToken { id, token: secret, name, role: role.word(), practice })
    }

    /// All tokens, newest first.
    pub async fn list_tokens(&self) -> Result<Vec<TokenItem>> {
        self.read(|reader| {
            let items = reader.tokens()?.into_iter().map(|row| TokenItem {
                id: row.id,
                name: row.name,
                role: row.role,
                practice: row.practice,
                created_at: row.created_at,
                revoked_at: row.revoked_at,
            });
            Ok(items.collect())
        })
        .await
    }

    /// Revokes a token by its id; its sessions end with it.
    pub async fn revoke_token(&self, actor: &Actor, id: &str) -> Result<()> {
        let (id, actor) = (Text::from(id), actor.clone());
        let done = self.scribe.run(move |batch| {
            let found = batch.reader().tokens()?.into_iter().find(|token| token.id == id);
            let mut token = found.ok_or_else(|| Error::NotFound { what: "token", id: id.clone() })?;
            token.revoked_at = token.revoked_at.or(Some(batch.now));
            batch.writer().put_token(&token)?;
            actor.audit(batch, PracticeNo::UNROUTED, "token_revoke", &id, "")
        });
        done.await
    }

    /// Who a bearer token belongs to; `None` when to nobody, or when it was revoked.
    pub async fn recognise(&self, secret: &str) -> Result<Option<Actor>> {
        let digest = digest(secret);
        let row = self.read(move |reader| Ok(reader.token_by_digest(&digest)?)).await?;
        Ok(row.and_then(|row| actor_of(&row, None)))
    }

    /// Opens a console session for whoever holds a token; the secret of its cookie.
    pub async fn open_session(&self, secret: &str) -> Result<Option<String>> {
        let digest_of_token = digest(secret);
        let Some(token) = self.read(move |reader| Ok(reader.token_by_digest(&digest_of_token)?)).await? else {
            return Ok(None);
        };
        let Some(actor) = actor_of(&token, None) else { return Ok(None) };
        let cookie = hex(&self.chance.bytes());
        let cookie_digest = digest(&cookie);
        let done = self.scribe.run(move |batch| {
            let now = batch.now;
            batch.writer().forget_sessions(now)?;
            batch.writer().put_session(&SessionRow {
                digest: cookie_digest,
                token: token.id.clone(),
                created_at: now,
                expires_at: now.plus_secs(SESSION_SECS),
                purpose: None,
            })?;
            actor.audit(batch, PracticeNo::UNROUTED, "login", &token.id, "")
        });
        done.await?;
        Ok(Some(cookie))
    }

    /// Who a session belongs to; `None` when it ended.
    pub async fn session(&self, cookie: &str) -> Result<Option<Actor>> {
        let (digest, now) = (digest(cookie), self.clock.now());
        self.read(move |reader| {
            let Some(session) = reader.session(&digest)?.filter(|session| session.expires_at > now) else {
                return Ok(None);
            };
            let token = reader.tokens()?.into_iter().find(|token| token.id == session.token);
            Ok(token.and_then(|token| actor_of(&token, session.purpose)))
        })
        .await
    }

    /// Gives the reason for which a session wants to see patient data, or takes it back.
    pub async fn set_purpose(&self, actor: &Actor, cookie: &str, purpose: Option<&str>) -> Result<()> {
        let (digest, purpose, actor) = (digest(cookie), purpose.and_then(Text::present), actor.clone());
        let done = self.scribe.run(move |batch| {
            if let Some(mut session) = batch.reader().session(&digest)? {
                session.purpose = purpose.clone();
                batch.writer().put_session(&session)?;
                actor.audit(
                    batch,
                    PracticeNo::UNROUTED,
                    "purpose",
                    &session.token,
                    purpose.as_deref().unwrap_or_default(),
                )?;
            }
            Ok(())
        });
        done.await
    }

    /// Ends a session.
    pub async fn close_session(&self, cookie: &str) -> Result<()> {
        let digest = digest(cookie);
        self.scribe.run(move |batch: &mut Batch<'_>| Ok(batch.writer().delete_session(&digest)?)).await
    }
}

fn actor_of(token: &TokenRow, purpose: Option<Text>) -> Option<Actor> {
    let role = Role::from_word(&token.role).filter(|_| token.revoked_at.is_none())?;
    Some(Actor { name: token.name.clone(), role, practice: token.practice.clone(), purpose })
}
