//! Stored forms of our own values.

pub(super) use crate::columns::{digest_of, id_column, id_of, lifecycle_of, limit_column, start_column, start_of};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

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
