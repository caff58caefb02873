//! Reading sources by asking, in PostgreSQL.

use crate::postgres::session::Session;
use crate::postgres::values::{
    column, decode_body, encode_body, id_column, id_of, integration_at, key_columns, limit_column,
};
use crate::{Error, PaceRow, PollReads, PollRow, PollWrites, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;
use tokio_postgres::Row;

fn poll_row(row: &Row) -> Result<PollRow> {
    Ok(PollRow {
        integration: integration_at(row, 0)?,
        due_at: Moment::from_micros(column(row, 2)?),
        revision: id_of(column(row, 3)?),
        fence: id_of(column(row, 4)?),
        state: decode_body("poll", column(row, 5)?)?,
    })
}

fn one_row(changed: usize) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Conflict("somebody else was faster".into())) }
}

/// The numbers of integrations; no two practices share one.
fn numbers(integrations: &[IntegrationKey]) -> Vec<i64> {
    integrations.iter().map(|key| key_columns(*key).1).collect()
}

impl PollReads for Session {
    fn poll(&mut self, integration: IntegrationKey) -> Result<Option<PollRow>> {
        let (practice, number) = key_columns(integration);
        let row = self.one(
            &[],
            "SELECT practice, integration, due_at, revision, fence, body FROM poll
             WHERE practice = $1 AND integration = $2",
            &[&practice, &number],
        )?;
        row.as_ref().map(poll_row).transpose()
    }

    fn polls_due(&mut self, now: Moment, without: &[IntegrationKey], limit: usize) -> Result<Vec<PollRow>> {
        let rows = self.all(
            &[],
            "SELECT practice, integration, due_at, revision, fence, body FROM poll
             WHERE due_at <= $1 AND integration <> ALL($3::bigint[]) ORDER BY due_at, practice, integration LIMIT $2",
            &[&now.micros(), &limit_column(limit), &numbers(without)],
        )?;
        rows.iter().map(poll_row).collect()
    }

    fn next_poll(&mut self, without: &[IntegrationKey]) -> Result<Option<Moment>> {
        let row = self.one(
            &[],
            "SELECT due_at FROM poll WHERE integration <> ALL($1::bigint[]) ORDER BY due_at LIMIT 1",
            &[&numbers(without)],
        )?;
        let next = row.map(|row| column(&row, 0).map(Moment::from_micros)).transpose()?;
        Ok(next.filter(|next| *next != PollRow::NEVER))
    }

    fn polled(&mut self) -> Result<Vec<IntegrationKey>> {
        let rows = self.all(&[], "SELECT practice, integration FROM poll ORDER BY practice, integration", &[])?;
        rows.iter().map(|row| integration_at(row, 0)).collect()
    }

    fn pace(&mut self, scope: &str) -> Result<Option<PaceRow>> {
        let row = self.one(&[], "SELECT revision, body FROM pace WHERE scope = $1", &[&scope])?;
        let read =
            |row: Row| Ok(PaceRow { revision: id_of(column(&row, 0)?), state: decode_body("pace", column(&row, 1)?)? });
        row.map(read).transpose()
    }
}

impl PollWrites for Session {
    fn put_poll(&mut self, row: &PollRow) -> Result<()> {
        let (practice, number) = key_columns(row.integration);
        let (due, seen, fence) = (row.due_at.micros(), id_column(row.revision), id_column(row.fence));
        let mut body = Vec::new();
        encode_body("poll", &row.state, &mut body)?;
        let changed = if row.revision == 0 {
            self.change_counted(
                &[],
                "INSERT INTO poll (practice, integration, due_at, revision, fence, body)
                 VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT DO NOTHING",
                &[&practice, &number, &due, &fence, &body],
            )
        } else {
            self.change_counted(
                &[],
                "UPDATE poll SET due_at = $3, revision = revision + 1, fence = $5, body = $6
                 WHERE practice = $1 AND integration = $2 AND revision = $4",
                &[&practice, &number, &due, &seen, &fence, &body],
            )
        };
        one_row(changed?)
    }

    fn delete_poll(&mut self, integration: IntegrationKey) -> Result<()> {
        let (practice, number) = key_columns(integration);
        self.change(&[], "DELETE FROM poll WHERE practice = $1 AND integration = $2", &[&practice, &number]).map(|_| ())
    }

    fn put_pace(&mut self, scope: &str, row: &PaceRow) -> Result<()> {
        let mut body = Vec::new();
        encode_body("pace", &row.state, &mut body)?;
        let changed = if row.revision == 0 {
            self.change_counted(
                &[],
                "INSERT INTO pace (scope, revision, body) VALUES ($1, 1, $2) ON CONFLICT DO NOTHING",
                &[&scope, &body],
            )
        } else {
            self.change_counted(
                &[],
                "UPDATE pace SET revision = revision + 1, body = $3 WHERE scope = $1 AND revision = $2",
                &[&scope, &id_column(row.revision), &body],
            )
        };
        one_row(changed?)
    }
}
