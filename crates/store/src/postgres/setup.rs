//! Set-up in PostgreSQL.

use crate::postgres::session::Session;
use crate::postgres::values::{
    column, id_column, id_of, integration_at, key_columns, lifecycle_of, number, small, text,
};
use crate::setup::{from_json, integration_id, to_json};
use crate::{Error, IntegrationRow, PracticeRow, Result, SetupReads, SetupWrites};
use domain::ids::{IntegrationKey, PracticeNo};
use domain::setup::{LinkFact, LinkKind, PracticeDoc};
use domain::time::Moment;
use tokio_postgres::Row;

fn practice_row(row: &Row) -> Result<PracticeRow> {
    Ok(PracticeRow {
        practice: PracticeNo(number("practice number", row, 0)?),
        document: from_json("practice document", column(row, 1)?)?,
        changed_at: Moment::from_micros(column(row, 2)?),
    })
}

fn integration_row(row: &Row) -> Result<IntegrationRow> {
    Ok(IntegrationRow {
        key: integration_at(row, 0)?,
        document: from_json("integration document", column(row, 2)?)?,
        lifecycle: lifecycle_of(small("integration", row, 3)?)?,
        lifecycle_since: Moment::from_micros(column(row, 4)?),
        version: id_of(column(row, 5)?),
        changed_at: Moment::from_micros(column(row, 6)?),
        gone_since: column::<Option<i64>>(row, 7)?.map(Moment::from_micros),
    })
}

impl Session {
    /// Raises the epoch. Batches that decide by the set-up as it was come to their end first; those that begin later
    /// see it as it is then.
    fn raise_epoch(&mut self) -> Result<()> {
        self.batch()?.held.epoch = None;
        self.batch()?.changed = true;
        let raise = "UPDATE meta SET value = value + 1 WHERE name = 'setup_epoch'";
        self.all_under_lock(|locks| locks.setup(), &[], raise, &[]).map(|_| ())
    }
}

impl SetupReads for Session {
    fn setup_epoch(&mut self) -> Result<u64> {
        if let Some(epoch) = self.batch.as_ref().and_then(|batch| batch.held.epoch) {
            return Ok(epoch);
        }
        let row = self.one(&[], "SELECT value FROM meta WHERE name = 'setup_epoch'", &[])?;
        row.map_or(Ok(0), |row| Ok(id_of(column(&row, 0)?)))
    }

    fn version_floor(&mut self) -> Result<u32> {
        let row = self.one(&[], "SELECT value FROM meta WHERE name = 'version_floor'", &[])?;
        row.map_or(Ok(0), |row| number("floor of versions", &row, 0))
    }

    fn practices(&mut self) -> Result<Vec<PracticeRow>> {
        let rows = self.all(&[], "SELECT practice, document, changed_at FROM practice ORDER BY id", &[])?;
        rows.iter().map(practice_row).collect()
    }

    fn practice(&mut self, id: &str) -> Result<Option<PracticeRow>> {
        let row = self.one(&[], "SELECT practice, document, changed_at FROM practice WHERE id = $1", &[&id])?;
        row.as_ref().map(practice_row).transpose()
    }

    fn integrations(&mut self) -> Result<Vec<IntegrationRow>> {
        let rows = self.all(
            &[],
            "SELECT practice, integration, document, lifecycle, lifecycle_since, version, changed_at, gone_since
             FROM integration ORDER BY id",
            &[],
        )?;
        rows.iter().map(integration_row).collect()
    }

    fn integration(&mut self, id: &str) -> Result<Option<IntegrationRow>> {
        let row = self.one(
            &[],
            "SELECT practice, integration, document, lifecycle, lifecycle_since, version, changed_at, gone_since
             FROM integration WHERE id = $1",
            &[&id],
        )?;
        row.as_ref().map(integration_row).transpose()
    }

    fn links(&mut self, integration: IntegrationKey) -> Result<Vec<LinkFact>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            &[],
            "SELECT kind, source_id, platform_id, author, at FROM link
             WHERE practice = $1 AND integration = $2 ORDER BY kind, source_id",
            &[&practice, &number],
        )?;
        let read = |row: &Row| {
            let kind = text(row, 0)?;
            Ok(LinkFact {
                kind: LinkKind::from_word(&kind).ok_or_else(|| Error::unreadable("link", "unknown kind"))?,
                source_id: text(row, 1)?,
                platform_id: text(row, 2)?,
                author: text(row, 3)?,
                at: Moment::from_micros(column(row, 4)?),
            })
        };
        rows.iter().map(read).collect()
    }
}

impl SetupWrites for Session {
    fn put_practice(&mut self, document: &PracticeDoc, now: Moment) -> Result<PracticeNo> {
        self.raise_epoch()?;
        let rows = self.change(
            &[],
            "INSERT INTO practice (practice, id, document, changed_at)
             VALUES ((SELECT coalesce(max(practice), 0) + 1 FROM practice), $1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET document = excluded.document, changed_at = excluded.changed_at
             RETURNING practice",
            &[&document.id.as_str(), &to_json("practice document", document)?, &now.micros()],
        )?;
        let row = rows.first().ok_or_else(|| Error::unreadable("practice", "no number was given"))?;
        Ok(PracticeNo(number("practice number", row, 0)?))
    }

    fn put_integration(&mut self, practice: PracticeNo, row: &IntegrationRow, new: bool) -> Result<IntegrationKey> {
        self.raise_epoch()?;
        let integration = if new {
            let next = self.one(&[], "SELECT coalesce(max(integration), 0) + 1 FROM integration", &[])?;
            next.map_or(Ok(1), |row| number("integration number", &row, 0))?
        } else {
            row.key.integration
        };
        let key = IntegrationKey { practice, integration };
        let (practice, integration) = key_columns(key);
        self.change(
            &[],
            "INSERT INTO integration (practice, integration, id, document, lifecycle, lifecycle_since, version, changed_at, gone_since)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (practice, integration) DO UPDATE SET document = excluded.document, lifecycle = excluded.lifecycle,
                lifecycle_since = excluded.lifecycle_since, version = excluded.version, changed_at = excluded.changed_at,
                gone_since = excluded.gone_since",
            &[
                &practice,
                &integration,
                &integration_id(row).as_str(),
                &to_json("integration document", &row.document)?,
                &i16::from(row.lifecycle as u8),
                &row.lifecycle_since.micros(),
                &id_column(row.version),
                &row.changed_at.micros(),
                &row.gone_since.map(Moment::micros),
            ],
        )?;
        Ok(key)
    }

    fn put_link(&mut self, integration: IntegrationKey, link: &LinkFact) -> Result<()> {
        self.raise_epoch()?;
        let (practice, number) = key_columns(integration);
        self.change(
            &[],
            "INSERT INTO link (practice, integration, kind, source_id, platform_id, author, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (practice, integration, kind, source_id)
             DO UPDATE SET platform_id = excluded.platform_id, author = excluded.author, at = excluded.at",
            &[
                &practice,
                &number,
                &link.kind.word(),
                &link.source_id.as_str(),
                &link.platform_id.as_str(),
                &link.author.as_str(),
                &link.at.micros(),
            ],
        )
        .map(|_| ())
    }

    fn delete_link(&mut self, integration: IntegrationKey, kind: LinkKind, source_id: &str) -> Result<bool> {
        self.raise_epoch()?;
        let (practice, number) = key_columns(integration);
        let removed = self.change_counted(
            &[],
            "DELETE FROM link WHERE practice = $1 AND integration = $2 AND kind = $3 AND source_id = $4",
            &[&practice, &number, &kind.word(), &source_id],
        )?;
        Ok(removed > 0)
    }

    fn raise_version_floor(&mut self, by: u32) -> Result<u32> {
        self.raise_epoch()?;
        let rows = self.change(
            &[],
            "INSERT INTO meta (name, value) VALUES ('version_floor', $1)
             ON CONFLICT (name) DO UPDATE SET value = meta.value + $1 RETURNING value",
            &[&i64::from(by)],
        )?;
        let row = rows.first().ok_or_else(|| Error::unreadable("meta", "no floor of versions"))?;
        number("floor of versions", row, 0)
    }

    fn next_boot(&mut self) -> Result<u32> {
        let rows = self.change(&[], "UPDATE meta SET value = value + 1 WHERE name = 'boot' RETURNING value", &[])?;
        let row = rows.first().ok_or_else(|| Error::unreadable("meta", "no boot counter"))?;
        number("boot counter", row, 0)
    }
}
