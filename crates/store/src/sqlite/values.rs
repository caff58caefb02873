//! Stored forms of our own values.

use crate::{Error, Result};
use domain::time::Moment;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

/// The start of a visit without one: sorted behind all others.
const NO_START: i64 = i64::MAX;

/// A start as a column.
pub(super) fn start_column(start: Option<Moment>) -> i64 {
    start.map_or(NO_START, Moment::micros)
}

/// Reads a start column back.
pub(super) fn start_of(column: i64) -> Option<Moment> {
    (column != NO_START).then(|| Moment::from_micros(column))
}

/// Ids are 63 bits wide in practice, so that they fit SQLite's signed integers.
pub(super) fn id_column(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

/// Reads an id column back.
pub(super) fn id_of(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

/// The first so many bytes of a digest column.
pub(super) fn digest_of<const N: usize>(what: &'static str, bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| Error::unreadable(what, "a digest of another length"))
}

/// A page size as a column.
pub(super) fn limit_column(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The end of the range of texts that begin with a prefix: the prefix with a byte behind it that no text has and that
/// sorts behind every other.
pub(super) struct PrefixEnd(Vec<u8>);

/// See [`PrefixEnd`].
pub(super) fn prefix_end(prefix: &str) -> PrefixEnd {
    PrefixEnd([prefix.as_bytes(), &[0xFF]].concat())
}

impl ToSql for PrefixEnd {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}

/// Where a page of a list by id begins: at the first id of all, or at the text that comes right behind `after`.
pub(super) fn page_start(after: Option<&str>) -> String {
    after.map_or_else(String::new, |after| format!("{after}\0"))
}

/// A list of parameters of different types.
pub(super) type Params<'a> = Vec<&'a dyn ToSql>;
