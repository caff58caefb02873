//! The ledger in PostgreSQL.

use crate::postgres::pending::{OwnedEntry, Table};
use crate::postgres::session::Session;
use crate::postgres::values::{
    column, decode_body, encode_body, id_column, id_of, integration_at, key_columns, limit_column, text,
};
use crate::{EntryRow, Error, LedgerReads, LedgerWrites, Result};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::ledger::Entry;
use domain::time::Moment;
use tokio_postgres::Row;

fn entry_row(row: &Row) -> Result<EntryRow> {
    Ok(EntryRow {
        id: EntryId(id_of(column(row, 0)?)),
        integration: integration_at(row, 1)?,
        source_id: text(row, 3)?,
        prev: column::<Option<i64>>(row, 4)?.map(|id| EntryId(id_of(id))),
        at: Moment::from_micros(column(row, 5)?),
        entry: decode_body("ledger entry", column(row, 6)?)?,
    })
}

fn decoded(id: EntryId, entry: &OwnedEntry) -> Result<EntryRow> {
    Ok(EntryRow {
        id,
        integration: entry.integration,
        source_id: entry.source_id.clone(),
        prev: entry.prev,
        at: entry.at,
        entry: decode_body("ledger entry", &entry.body)?,
    })
}

impl LedgerReads for Session {
    fn entry(&mut self, id: EntryId) -> Result<Option<EntryRow>> {
        if let Some(batch) = &self.batch
            && let Some(entry) = batch.pending.entries.get(&id).or_else(|| batch.held.entries.get(&id))
        {
            return decoded(id, entry).map(Some);
        }
        let row = self.one(
            &[],
            "SELECT id, practice, integration, source_id, prev, at, body FROM entry WHERE id = $1",
            &[&id_column(id.0)],
        )?;
        row.as_ref().map(entry_row).transpose()
    }

    fn entries(&mut self, key: &AppointmentKey, last: EntryId, limit: usize) -> Result<Vec<EntryRow>> {
        let (practice, number) = key_columns(key.integration);
        let rows = self.all(
            &[Table::Entries],
            "WITH RECURSIVE chain AS (
               SELECT 1::bigint AS place, e.* FROM entry e
               WHERE practice = $1 AND integration = $2 AND id = $4 AND source_id = $3 AND $5::bigint > 0
               UNION ALL
               SELECT c.place + 1, e.* FROM chain c
               JOIN entry e ON e.practice = $1 AND e.integration = $2 AND e.id = c.prev AND e.source_id = $3
               WHERE c.place < $5::bigint)
             SELECT id, practice, integration, source_id, prev, at, body FROM chain ORDER BY place",
            &[&practice, &number, &key.source_id.as_str(), &id_column(last.0), &limit_column(limit)],
        )?;
        rows.iter().map(entry_row).collect()
    }

    fn decisions_since(
        &mut self,
        integrations: &[IntegrationKey],
        after: EntryId,
        limit: usize,
    ) -> Result<Vec<EntryRow>> {
        let mut found = Vec::new();
        for integration in integrations {
            let (practice, number) = key_columns(*integration);
            let rows = self.all(
                &[Table::Entries],
                "SELECT id, practice, integration, source_id, prev, at, body FROM entry
                 WHERE practice = $1 AND integration = $2 AND id > $3 AND kind = 0 ORDER BY id LIMIT $4",
                &[&practice, &number, &id_column(after.0), &limit_column(limit)],
            )?;
            found.extend(rows.into_iter().map(|row| Ok((column::<i64>(&row, 0)?, row))).collect::<Result<Vec<_>>>()?);
        }
        found.sort_by_key(|(id, _)| *id);
        found.dedup_by_key(|(id, _)| *id);
        found.truncate(limit);
        found.iter().map(|(_, row)| entry_row(row)).collect()
    }

    fn greatest_id(&mut self) -> Result<u64> {
        let row = self.one(
            &[Table::Entries, Table::Envelopes, Table::Audit],
            "SELECT greatest(coalesce((SELECT max(id) FROM entry), 0), coalesce((SELECT max(id) FROM envelope), 0),
                             coalesce((SELECT max(id) FROM audit), 0))",
            &[],
        )?;
        row.map_or(Ok(0), |row| Ok(id_of(column(&row, 0)?)))
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
        let mut body = Vec::with_capacity(1024);
        encode_body("ledger entry", entry, &mut body)?;
        let (integration, source_id) = (key.integration, key.source_id.clone());
        let owned = OwnedEntry { integration, source_id, prev, at, kind: entry.kind(), body };
        let pending = &mut self.batch()?.pending;
        pending.born.insert(id);
        match pending.entries.insert(id, owned) {
            None => Ok(()),
            Some(_) => Err(Error::Conflict("the entry is there already".into())),
        }
    }
}
