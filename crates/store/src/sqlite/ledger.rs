//! The ledger in SQLite: an append-only table by ascending id.

use crate::columns::decode_body;
use crate::packing::DECISIONS;
use crate::sqlite::session::{Session, column, integration_at, plain_body, text};
use crate::sqlite::values::{id_column, id_of, limit_column};
use crate::{EntryRow, LedgerReads, LedgerWrites, Result};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::ledger::Entry;
use domain::time::Moment;

const WHAT: &str = "ledger entry";
const COLUMNS: &str = "id, practice, integration, source_id, prev, at, body, packed";

fn entry_row(row: &rusqlite::Row<'_>) -> Result<EntryRow> {
    Ok(EntryRow {
        id: EntryId(id_of(column(row, 0)?)),
        integration: integration_at(row, 1)?,
        source_id: text(row, 3)?,
        prev: column::<Option<i64>>(row, 4)?.map(|id| EntryId(id_of(id))),
        at: Moment::from_micros(column(row, 5)?),
        entry: decode_body(WHAT, &plain_body(WHAT, &DECISIONS, row, 6)?)?,
    })
}

impl LedgerReads for Session {
    fn entry(&mut self, id: EntryId) -> Result<Option<EntryRow>> {
        self.one(
            "SELECT id, practice, integration, source_id, prev, at, body, packed FROM entry WHERE id = ?1",
            [id_column(id.0)],
            entry_row,
        )
    }

    fn entries(&mut self, key: &AppointmentKey, last: EntryId, limit: usize) -> Result<Vec<EntryRow>> {
        let mut found = Vec::new();
        let mut next = Some(last);
        while let Some(id) = next.filter(|_| found.len() < limit) {
            let Some(row) = self.entry(id)? else { break };
            if row.integration != key.integration || row.source_id != key.source_id {
                break;
            }
            next = row.prev;
            found.push(row);
        }
        Ok(found)
    }

    fn decisions_since(
        &mut self,
        integrations: &[IntegrationKey],
        after: EntryId,
        limit: usize,
    ) -> Result<Vec<EntryRow>> {
        let sql = format!("SELECT {COLUMNS} FROM entry WHERE id > ?1 ORDER BY id LIMIT ?2");
        let mut found = Vec::new();
        let mut after = after;
        // Pages of the whole log are filtered here: the log has no index besides its order.
        loop {
            let page = self.all(&sql, (id_column(after.0), limit_column(limit.max(64))), |row| {
                let integration = integration_at(row, 1)?;
                let id = EntryId(id_of(column(row, 0)?));
                Ok((id, if integrations.contains(&integration) { Some(entry_row(row)?) } else { None }))
            })?;
            let ended = page.len() < limit.max(64);
            after = page.last().map_or(after, |(id, _)| *id);
            found.extend(
                page.into_iter().filter_map(|(_, row)| row).filter(|row| matches!(row.entry, Entry::Decided { .. })),
            );
            if ended || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }

    fn greatest_id(&mut self) -> Result<u64> {
        let greatest = self.one(
            "SELECT max(coalesce((SELECT max(id) FROM entry), 0), coalesce((SELECT max(id) FROM envelope), 0),
                        coalesce((SELECT max(id) FROM audit), 0))",
            (),
            |row| column::<i64>(row, 0),
        )?;
        Ok(id_of(greatest.unwrap_or(0)))
    }
}

impl LedgerWrites for Session {
    fn put_entry(
        &mut self,
        key: &AppointmentKey,
        id: EntryId,
        prev: Option<EntryId>,
        at: Moment,
        entry: &Entry,
    ) -> Result<()> {
        let bytes = self.encode(WHAT, entry)?;
        self.with_packed(&DECISIONS, &bytes, |session, packed, body| {
            session.change(
                "INSERT INTO entry (id, practice, integration, source_id, prev, at, kind, body, packed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                (
                    id_column(id.0),
                    key.integration.practice.0,
                    key.integration.integration,
                    key.source_id.as_str(),
                    prev.map(|prev| id_column(prev.0)),
                    at.micros(),
                    entry.kind(),
                    body,
                    packed,
                ),
            )
        })?;
        self.keep(bytes);
        Ok(())
    }
}
