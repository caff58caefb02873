//! Reading sources by asking, in SQLite.

use crate::sqlite::session::{Session, body, column, integration_at};
use crate::sqlite::values::{id_column, id_of, limit_column};
use crate::{Error, PaceRow, PollReads, PollRow, PollWrites, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;

fn poll_row(row: &rusqlite::Row<'_>) -> Result<PollRow> {
    Ok(PollRow {
        integration: integration_at(row, 0)?,
        due_at: Moment::from_micros(column(row, 2)?),
        revision: id_of(column(row, 3)?),
        fence: id_of(column(row, 4)?),
        state: body("poll", row, 5)?,
    })
}

fn one_row(changed: usize) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Conflict("somebody else was faster".into())) }
}

/// The numbers of integrations as a list in JSON; no two practices share one.
fn numbers(integrations: &[IntegrationKey]) -> String {
    let numbers: Vec<String> = integrations.iter().map(|key| key.integration.to_string()).collect();
    format!("[{}]", numbers.join(","))
}

impl PollReads for Session {
    fn poll(&mut self, integration: IntegrationKey) -> Result<Option<PollRow>> {
        self.one(
            "SELECT practice, integration, due_at, revision, fence, body FROM poll
             WHERE practice = ?1 AND integration = ?2",
            (integration.practice.0, integration.integration),
            poll_row,
        )
    }

    fn polls_due(&mut self, now: Moment, without: &[IntegrationKey], limit: usize) -> Result<Vec<PollRow>> {
        self.all(
            "SELECT practice, integration, due_at, revision, fence, body FROM poll
             WHERE due_at <= ?1 AND integration NOT IN (SELECT value FROM json_each(?3))
             ORDER BY due_at, practice, integration LIMIT ?2",
            (now.micros(), limit_column(limit), numbers(without)),
            poll_row,
        )
    }

    fn next_poll(&mut self, without: &[IntegrationKey]) -> Result<Option<Moment>> {
        let next = self.one(
            "SELECT due_at FROM poll WHERE integration NOT IN (SELECT value FROM json_each(?1)) ORDER BY due_at LIMIT 1",
            [numbers(without)],
            |row| Ok(Moment::from_micros(column(row, 0)?)),
        )?;
        Ok(next.filter(|next| *next != PollRow::NEVER))
    }

    fn polled(&mut self) -> Result<Vec<IntegrationKey>> {
        self.all("SELECT practice, integration FROM poll ORDER BY practice, integration", (), |row| {
            integration_at(row, 0)
        })
    }

    fn pace(&mut self, scope: &str) -> Result<Option<PaceRow>> {
        self.one("SELECT revision, body FROM pace WHERE scope = ?1", [scope], |row| {
            Ok(PaceRow { revision: id_of(column(row, 0)?), state: body("pace", row, 1)? })
        })
    }
}

impl PollWrites for Session {
    fn put_poll(&mut self, row: &PollRow) -> Result<()> {
        let buffer = self.encode("poll", &row.state)?;
        let (practice, number) = (row.integration.practice.0, row.integration.integration);
        let (due, seen, fence) = (row.due_at.micros(), id_column(row.revision), id_column(row.fence));
        let changed = if row.revision == 0 {
            self.change(
                "INSERT INTO poll (practice, integration, due_at, revision, fence, body)
                 VALUES (?1, ?2, ?3, 1, ?4, ?5) ON CONFLICT DO NOTHING",
                (practice, number, due, fence, &buffer),
            )
        } else {
            self.change(
                "UPDATE poll SET due_at = ?3, revision = revision + 1, fence = ?5, body = ?6
                 WHERE practice = ?1 AND integration = ?2 AND revision = ?4",
                (practice, number, due, seen, fence, &buffer),
            )
        };
        self.keep(buffer);
        one_row(changed?)
    }

    fn delete_poll(&mut self, integration: IntegrationKey) -> Result<()> {
        self.change(
            "DELETE FROM poll WHERE practice = ?1 AND integration = ?2",
            (integration.practice.0, integration.integration),
        )
        .map(|_| ())
    }

    fn put_pace(&mut self, scope: &str, row: &PaceRow) -> Result<()> {
        let buffer = self.encode("pace", &row.state)?;
        let changed = if row.revision == 0 {
            self.change(
                "INSERT INTO pace (scope, revision, body) VALUES (?1, 1, ?2) ON CONFLICT DO NOTHING",
                (scope, &buffer),
            )
        } else {
            self.change(
                "UPDATE pace SET revision = revision + 1, body = ?3 WHERE scope = ?1 AND revision = ?2",
                (scope, id_column(row.revision), &buffer),
            )
        };
        self.keep(buffer);
        one_row(changed?)
    }
}
