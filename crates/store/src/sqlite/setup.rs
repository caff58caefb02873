//! Set-up in SQLite.

use crate::setup::{from_json, integration_id, to_json};
use crate::sqlite::session::{Session, column, integration_at, text};
use crate::sqlite::values::lifecycle_of;
use crate::{Error, IntegrationRow, PracticeRow, Result, SetupReads, SetupWrites};
use domain::ids::{IntegrationKey, PracticeNo};
use domain::setup::{LinkFact, LinkKind, PracticeDoc};
use domain::time::Moment;

fn practice_row(row: &rusqlite::Row<'_>) -> Result<PracticeRow> {
    Ok(PracticeRow {
        practice: PracticeNo(column(row, 0)?),
        document: from_json("practice document", &column::<String>(row, 1)?)?,
        changed_at: Moment::from_micros(column(row, 2)?),
    })
}

fn integration_row(row: &rusqlite::Row<'_>) -> Result<IntegrationRow> {
    Ok(IntegrationRow {
        key: integration_at(row, 0)?,
        document: from_json("integration document", &column::<String>(row, 2)?)?,
        lifecycle: lifecycle_of(column(row, 3)?)?,
        lifecycle_since: Moment::from_micros(column(row, 4)?),
        version: column::<i64>(row, 5)?.max(0).unsigned_abs(),
        changed_at: Moment::from_micros(column(row, 6)?),
        gone_since: column::<Option<i64>>(row, 7)?.map(Moment::from_micros),
    })
}

impl Session {
    fn raise_epoch(&self) -> Result<()> {
        self.change("UPDATE meta SET value = value + 1 WHERE name = 'setup_epoch'", ()).map(|_| ())
    }
}

impl SetupReads for Session {
    fn setup_epoch(&mut self) -> Result<u64> {
        let epoch = self.one("SELECT value FROM meta WHERE name = 'setup_epoch'", (), |row| column::<i64>(row, 0))?;
        Ok(epoch.unwrap_or(0).max(0).unsigned_abs())
    }

    fn version_floor(&mut self) -> Result<u32> {
        let floor = self.one("SELECT value FROM meta WHERE name = 'version_floor'", (), |row| column::<u32>(row, 0))?;
        Ok(floor.unwrap_or(0))
    }

    fn practices(&mut self) -> Result<Vec<PracticeRow>> {
        self.all("SELECT practice, document, changed_at FROM practice ORDER BY id", (), practice_row)
    }

    fn practice(&mut self, id: &str) -> Result<Option<PracticeRow>> {
        self.one("SELECT practice, document, changed_at FROM practice WHERE id = ?1", [id], practice_row)
    }

    fn integrations(&mut self) -> Result<Vec<IntegrationRow>> {
        self.all(
            "SELECT practice, integration, document, lifecycle, lifecycle_since, version, changed_at, gone_since FROM integration ORDER BY id",
            (),
            integration_row,
        )
    }

    fn integration(&mut self, id: &str) -> Result<Option<IntegrationRow>> {
        self.one(
            "SELECT practice, integration, document, lifecycle, lifecycle_since, version, changed_at, gone_since FROM integration WHERE id = ?1",
            [id],
            integration_row,
        )
    }

    fn links(&mut self, integration: IntegrationKey) -> Result<Vec<LinkFact>> {
        self.all(
            "SELECT kind, source_id, platform_id, author, at FROM link WHERE practice = ?1 AND integration = ?2 ORDER BY kind, source_id",
            (integration.practice.0, integration.integration),
            |row| {
                let kind = text(row, 0)?;
                Ok(LinkFact {
                    kind: LinkKind::from_word(&kind).ok_or_else(|| Error::unreadable("link", "unknown kind"))?,
                    source_id: text(row, 1)?,
                    platform_id: text(row, 2)?,
                    author: text(row, 3)?,
                    at: Moment::from_micros(column(row, 4)?),
                })
            },
        )
    }
}

impl SetupWrites for Session {
    fn put_practice(&mut self, document: &PracticeDoc, now: Moment) -> Result<PracticeNo> {
        self.raise_epoch()?;
        let number = self.change_returning(
            "INSERT INTO practice (practice, id, document, changed_at)
             VALUES ((SELECT coalesce(max(practice), 0) + 1 FROM practice), ?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET document = excluded.document, changed_at = excluded.changed_at
             RETURNING practice",
            (document.id.as_str(), to_json("practice document", document)?, now.micros()),
            |row| column::<u32>(row, 0),
        )?;
        number.map(PracticeNo).ok_or_else(|| Error::unreadable("practice", "no number was given"))
    }

    fn put_integration(&mut self, practice: PracticeNo, row: &IntegrationRow, new: bool) -> Result<IntegrationKey> {
        self.raise_epoch()?;
        let integration = if new {
            let next =
                self.one("SELECT coalesce(max(integration), 0) + 1 FROM integration", (), |row| column::<u32>(row, 0))?;
            next.unwrap_or(1)
        } else {
            row.key.integration
        };
        self.change(
            "INSERT INTO integration (practice, integration, id, document, lifecycle, lifecycle_since, version, changed_at, gone_since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (practice, integration) DO UPDATE SET document = excluded.document, lifecycle = excluded.lifecycle,
                lifecycle_since = excluded.lifecycle_since, version = excluded.version, changed_at = excluded.changed_at,
                gone_since = excluded.gone_since",
            (
                practice.0,
                integration,
                integration_id(row).as_str(),
                to_json("integration document", &row.document)?,
                row.lifecycle as u8,
                row.lifecycle_since.micros(),
                i64::try_from(row.version).unwrap_or(i64::MAX),
                row.changed_at.micros(),
                row.gone_since.map(Moment::micros),
            ),
        )?;
        Ok(IntegrationKey { practice, integration })
    }

    fn put_link(&mut self, integration: IntegrationKey, link: &LinkFact) -> Result<()> {
        self.raise_epoch()?;
        self.change(
            "INSERT OR REPLACE INTO link (practice, integration, kind, source_id, platform_id, author, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                integration.practice.0,
                integration.integration,
                link.kind.word(),
                link.source_id.as_str(),
                link.platform_id.as_str(),
                link.author.as_str(),
                link.at.micros(),
            ),
        )
        .map(|_| ())
    }

    fn delete_link(&mut self, integration: IntegrationKey, kind: LinkKind, source_id: &str) -> Result<bool> {
        self.raise_epoch()?;
        self.change(
            "DELETE FROM link WHERE practice = ?1 AND integration = ?2 AND kind = ?3 AND source_id = ?4",
            (integration.practice.0, integration.integration, kind.word(), source_id),
        )
        .map(|removed| removed > 0)
    }

    fn raise_version_floor(&mut self, by: u32) -> Result<u32> {
        self.raise_epoch()?;
        let floor = self.change_returning(
            "INSERT INTO meta (name, value) VALUES ('version_floor', ?1)
             ON CONFLICT (name) DO UPDATE SET value = value + ?1 RETURNING value",
            [by],
            |row| column::<u32>(row, 0),
        )?;
        floor.ok_or_else(|| Error::unreadable("meta", "no floor of versions"))
    }

    fn next_boot(&mut self) -> Result<u32> {
        let boot = self.change_returning(
            "UPDATE meta SET value = value + 1 WHERE name = 'boot' RETURNING value",
            (),
            |row| column::<u32>(row, 0),
        )?;
        boot.ok_or_else(|| Error::unreadable("meta", "no boot counter"))
    }
}
