//! One connection and the batch that is open on it.

use crate::columns::{decode_body, encode_body};
use crate::packing::{AS_IT_IS, Dictionary};
use crate::sqlite::checkpoint::Checkpoints;
use crate::sqlite::open::session_error;
use crate::{Error, Hints, Reader, Result, Writer};
use domain::decide::Verdict;
use domain::ids::IntegrationKey;
use minicbor::Encode;
use rusqlite::{CachedStatement, Connection};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So much memory for packing is kept from one body to the next, in bytes.
const LARGEST_KEPT: usize = 1 << 16;

/// A connection. Readers and the writer are the same type; a reader's connection refuses changes.
pub(super) struct Session {
    pub(super) connection: Connection,
    /// Changes of the counts by verdict, written at commit.
    tallies: BTreeMap<(IntegrationKey, u8), i64>,
    /// Reused for bodies.
    buffer: Vec<u8>,
    /// Reused for bodies that are packed.
    packed: Vec<u8>,
    /// Whether bodies are packed.
    packs: bool,
    in_batch: bool,
    /// The disk had no room for the last batch.
    no_room: bool,
    /// Of a writer to a file.
    checkpoints: Option<Arc<Checkpoints>>,
}

impl Session {
    pub(super) fn new(connection: Connection, checkpoints: Option<Arc<Checkpoints>>, packs: bool) -> Session {
        let (tallies, buffer, packed) = (BTreeMap::new(), Vec::with_capacity(4096), Vec::new());
        Session { connection, tallies, buffer, packed, packs, in_batch: false, no_room: false, checkpoints }
    }

    /// A prepared statement, kept for the next time.
    pub(super) fn statement(&self, sql: &'static str) -> Result<CachedStatement<'_>> {
        self.connection.prepare_cached(sql).map_err(session_error)
    }

    /// Runs a statement that changes something; how many rows it changed.
    pub(super) fn change(&self, sql: &'static str, params: impl rusqlite::Params) -> Result<usize> {
        self.must_be_in_a_batch()?;
        self.statement(sql)?.execute(params).map_err(session_error)
    }

    /// Runs a statement that changes one row and tells of it.
    pub(super) fn change_returning<T>(
        &self,
        sql: &'static str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.must_be_in_a_batch()?;
        self.one(sql, params, read)
    }

    /// A change of its own would be durable at once, and what is written at commit (the counts) would be forgotten.
    fn must_be_in_a_batch(&self) -> Result<()> {
        if self.in_batch { Ok(()) } else { Err(Error::Refused("a change outside of a batch".into())) }
    }

    /// Reads at most one row.
    pub(super) fn one<T>(
        &self,
        sql: &'static str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(params).map_err(session_error)?;
        match rows.next().map_err(session_error)? {
            Some(row) => read(row).map(Some),
            None => Ok(None),
        }
    }

    /// Reads all rows.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        mut read: impl FnMut(&rusqlite::Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(session_error)?;
        let mut rows = statement.query(params).map_err(session_error)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(session_error)? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// Encodes a body into the session's buffer and hands it out; give it back with [`Session::keep`].
    pub(super) fn encode(&mut self, what: &'static str, body: &impl Encode<()>) -> Result<Vec<u8>> {
        let mut buffer = self.empty_buffer();
        encode_body(what, body, &mut buffer)?;
        Ok(buffer)
    }

    /// Hands the session's buffer out, emptied.
    pub(super) fn empty_buffer(&mut self) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer
    }

    /// Takes the buffer back.
    pub(super) fn keep(&mut self, buffer: Vec<u8>) {
        self.buffer = buffer;
    }

    /// Has `put` store a body as it goes to the disk: with the number of the dictionary that it is packed with.
    pub(super) fn with_packed(
        &mut self,
        dictionary: &Dictionary,
        body: &[u8],
        put: impl FnOnce(&Session, u8, &[u8]) -> Result<usize>,
    ) -> Result<()> {
        let mut room = std::mem::take(&mut self.packed);
        let (number, stored) = if self.packs { dictionary.pack(body, &mut room) } else { (AS_IT_IS, body) };
        let put = put(self, number, stored);
        // A message of megabytes is rare, and what it took is not kept.
        room.clear();
        room.shrink_to(LARGEST_KEPT);
        self.packed = room;
        put.map(|_| ())
    }

    /// What the open batch adds to the count of a verdict.
    pub(super) fn counted(&self, integration: IntegrationKey) -> impl Iterator<Item = (u8, i64)> {
        self.tallies.range((integration, 0)..=(integration, u8::MAX)).map(|((_, verdict), by)| (*verdict, *by))
    }

    /// Counts a change of verdict.
    pub(super) fn count(&mut self, integration: IntegrationKey, verdict: Verdict, by: i64) {
        *self.tallies.entry((integration, verdict as u8)).or_default() += by;
    }

    fn write_tallies(&mut self) -> Result<()> {
        for ((integration, verdict), by) in std::mem::take(&mut self.tallies) {
            if by != 0 {
                self.change(
                    "INSERT INTO tally (practice, integration, verdict, count) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET count = count + excluded.count",
                    (integration.practice.0, integration.integration, verdict, by),
                )?;
            }
        }
        Ok(())
    }
}

/// A column of the current row.
pub(super) fn column<T: rusqlite::types::FromSql>(row: &rusqlite::Row<'_>, index: usize) -> Result<T> {
    row.get(index).map_err(session_error)
}

/// A body column, decoded.
pub(super) fn body<T>(what: &'static str, row: &rusqlite::Row<'_>, index: usize) -> Result<T>
where
    T: for<'b> minicbor::Decode<'b, ()>,
{
    let value = row.get_ref(index).map_err(session_error)?;
    let bytes = value.as_blob().map_err(|error| Error::unreadable(what, error))?;
    decode_body(what, bytes)
}

/// A body column that may be packed, and behind it the number of the dictionary: the body as it was given.
pub(super) fn plain_body<'r>(
    what: &'static str,
    dictionary: &Dictionary,
    row: &'r rusqlite::Row<'_>,
    index: usize,
) -> Result<Cow<'r, [u8]>> {
    let value = row.get_ref(index).map_err(session_error)?;
    let stored = value.as_blob().map_err(|error| Error::unreadable(what, error))?;
    dictionary.unpack(what, column(row, index + 1)?, stored)
}

/// A text column as our own text, without a String in between.
pub(super) fn text(row: &rusqlite::Row<'_>, index: usize) -> Result<domain::Text> {
    let value = row.get_ref(index).map_err(session_error)?;
    let text = value.as_str().map_err(|error| Error::unreadable("text", error))?;
    Ok(domain::Text::from(text))
}

/// A text column that may be null.
pub(super) fn text_or_null(row: &rusqlite::Row<'_>, index: usize) -> Result<Option<domain::Text>> {
    let value = row.get_ref(index).map_err(session_error)?;
    let text = value.as_str_or_null().map_err(|error| Error::unreadable("text", error))?;
    Ok(text.map(domain::Text::from))
}

/// The integration in two neighbouring columns.
pub(super) fn integration_at(row: &rusqlite::Row<'_>, index: usize) -> Result<IntegrationKey> {
    Ok(IntegrationKey { practice: domain::ids::PracticeNo(column(row, index)?), integration: column(row, index + 1)? })
}

impl Reader for Session {}

impl Writer for Session {
    fn begin(&mut self, _: &mut dyn FnMut(&mut Hints)) -> Result<()> {
        if self.in_batch {
            return Err(Error::Refused("a batch inside a batch".into()));
        }
        if let Some(checkpoints) = &self.checkpoints {
            if std::mem::take(&mut self.no_room) {
                checkpoints.make_room(&self.connection);
            }
            checkpoints.before_batch(&self.connection);
        }
        self.statement("BEGIN IMMEDIATE")?.execute(()).map_err(session_error)?;
        self.tallies.clear();
        self.in_batch = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.write_tallies()?;
        if let Err(error) = self.change("COMMIT", ()) {
            self.no_room = matches!(error, Error::Full(_));
            return Err(error);
        }
        self.in_batch = false;
        Ok(())
    }

    fn rollback(&mut self) {
        self.tallies.clear();
        if self.in_batch {
            if let Err(error) = self.change("ROLLBACK", ()) {
                // SQLite rolls some failed batches back by itself; then there is none left to roll back.
                tracing::debug!(%error, "rollback");
            }
            self.in_batch = false;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.rollback();
    }
}
