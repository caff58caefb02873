//! Tokens and sessions in PostgreSQL.

use crate::postgres::session::Session;
use crate::postgres::values::{column, digest_of, text, text_or_null};
use crate::{Result, SessionRow, TokenReads, TokenRow, TokenWrites};
use domain::time::Moment;
use tokio_postgres::Row;

fn token_row(row: &Row) -> Result<TokenRow> {
    Ok(TokenRow {
        id: text(row, 0)?,
        name: text(row, 1)?,
        role: text(row, 2)?,
        practice: text_or_null(row, 3)?,
        digest: digest_of("token", column(row, 4)?)?,
        created_at: Moment::from_micros(column(row, 5)?),
        revoked_at: column::<Option<i64>>(row, 6)?.map(Moment::from_micros),
    })
}

impl TokenReads for Session {
    fn token_by_digest(&mut self, digest: &[u8; 32]) -> Result<Option<TokenRow>> {
        let row = self.one(
            &[],
            "SELECT id, name, role, practice, digest, created_at, revoked_at FROM token WHERE digest = $1",
            &[&digest.as_slice()],
        )?;
        row.as_ref().map(token_row).transpose()
    }

    fn tokens(&mut self) -> Result<Vec<TokenRow>> {
        let rows = self.all(
            &[],
            "SELECT id, name, role, practice, digest, created_at, revoked_at FROM token ORDER BY created_at DESC, id",
            &[],
        )?;
        rows.iter().map(token_row).collect()
    }

    fn session(&mut self, digest: &[u8; 32]) -> Result<Option<SessionRow>> {
        let row = self.one(
            &[],
            "SELECT token, created_at, expires_at, purpose FROM session WHERE digest = $1",
            &[&digest.as_slice()],
        )?;
        let read = |row: Row| {
            Ok(SessionRow {
                digest: *digest,
                token: text(&row, 0)?,
                created_at: Moment::from_micros(column(&row, 1)?),
                expires_at: Moment::from_micros(column(&row, 2)?),
                purpose: text_or_null(&row, 3)?,
            })
        };
        row.map(read).transpose()
    }
}

impl TokenWrites for Session {
    fn put_token(&mut self, token: &TokenRow) -> Result<()> {
        self.change(
            &[],
            "INSERT INTO token (id, name, role, practice, digest, created_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, practice = excluded.practice,
               revoked_at = excluded.revoked_at",
            &[
                &token.id.as_str(),
                &token.name.as_str(),
                &token.role.as_str(),
                &token.practice.as_deref(),
                &token.digest.as_slice(),
                &token.created_at.micros(),
                &token.revoked_at.map(Moment::micros),
            ],
        )
        .map(|_| ())
    }

    fn put_session(&mut self, session: &SessionRow) -> Result<()> {
        self.change(
            &[],
            "INSERT INTO session (digest, token, created_at, expires_at, purpose) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (digest) DO UPDATE SET token = excluded.token, created_at = excluded.created_at,
               expires_at = excluded.expires_at, purpose = excluded.purpose",
            &[
                &session.digest.as_slice(),
                &session.token.as_str(),
                &session.created_at.micros(),
                &session.expires_at.micros(),
                &session.purpose.as_deref(),
            ],
        )
        .map(|_| ())
    }

    fn delete_session(&mut self, digest: &[u8; 32]) -> Result<()> {
        self.change(&[], "DELETE FROM session WHERE digest = $1", &[&digest.as_slice()]).map(|_| ())
    }

    fn forget_sessions(&mut self, before: Moment) -> Result<usize> {
        self.change_counted(&[], "DELETE FROM session WHERE expires_at < $1", &[&before.micros()])
    }
}
