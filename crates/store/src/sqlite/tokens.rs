//! Tokens and sessions in SQLite.

use crate::sqlite::session::{Session, column, text, text_or_null};
use crate::sqlite::values::digest_of;
use crate::{Result, SessionRow, TokenReads, TokenRow, TokenWrites};
use domain::time::Moment;

fn token_row(row: &rusqlite::Row<'_>) -> Result<TokenRow> {
    Ok(TokenRow {
        id: text(row, 0)?,
        name: text(row, 1)?,
        role: text(row, 2)?,
        practice: text_or_null(row, 3)?,
        digest: digest_of("token", &column::<Vec<u8>>(row, 4)?)?,
        created_at: Moment::from_micros(column(row, 5)?),
        revoked_at: column::<Option<i64>>(row, 6)?.map(Moment::from_micros),
    })
}

impl TokenReads for Session {
    fn token_by_digest(&mut self, digest: &[u8; 32]) -> Result<Option<TokenRow>> {
        self.one(
            "SELECT id, name, role, practice, digest, created_at, revoked_at FROM token WHERE digest = ?1",
            [digest.as_slice()],
            token_row,
        )
    }

    fn tokens(&mut self) -> Result<Vec<TokenRow>> {
        self.all(
            "SELECT id, name, role, practice, digest, created_at, revoked_at FROM token ORDER BY created_at DESC, id",
            (),
            token_row,
        )
    }

    fn session(&mut self, digest: &[u8; 32]) -> Result<Option<SessionRow>> {
        self.one(
            "SELECT token, created_at, expires_at, purpose FROM session WHERE digest = ?1",
            [digest.as_slice()],
            |row| {
                Ok(SessionRow {
                    digest: *digest,
                    token: text(row, 0)?,
                    created_at: Moment::from_micros(column(row, 1)?),
                    expires_at: Moment::from_micros(column(row, 2)?),
                    purpose: text_or_null(row, 3)?,
                })
            },
        )
    }
}

impl TokenWrites for Session {
    fn put_token(&mut self, token: &TokenRow) -> Result<()> {
        self.change(
            "INSERT INTO token (id, name, role, practice, digest, created_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, practice = excluded.practice, revoked_at = excluded.revoked_at",
            (
                token.id.as_str(),
                token.name.as_str(),
                token.role.as_str(),
                token.practice.as_deref(),
                token.digest.as_slice(),
                token.created_at.micros(),
                token.revoked_at.map(Moment::micros),
            ),
        )
        .map(|_| ())
    }

    fn put_session(&mut self, session: &SessionRow) -> Result<()> {
        self.change(
            "INSERT OR REPLACE INTO session (digest, token, created_at, expires_at, purpose) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                session.digest.as_slice(),
                session.token.as_str(),
                session.created_at.micros(),
                session.expires_at.micros(),
                session.purpose.as_deref(),
            ),
        )
        .map(|_| ())
    }

    fn delete_session(&mut self, digest: &[u8; 32]) -> Result<()> {
        self.change("DELETE FROM session WHERE digest = ?1", [digest.as_slice()]).map(|_| ())
    }

    fn forget_sessions(&mut self, before: Moment) -> Result<usize> {
        self.change("DELETE FROM session WHERE expires_at < ?1", [before.micros()])
    }
}
