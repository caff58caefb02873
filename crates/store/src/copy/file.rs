//! A store in a SQLite file, as one side of a copy.

use crate::copy::Side;
use crate::copy::tables::Table;
use crate::copy::value::{Kind, Value};
use crate::packing::{DECISIONS, Dictionary, MESSAGES};
use crate::sqlite::{SqliteOptions, SqliteStore, session_error};
use crate::{Error, Result};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension, ToSql, params_from_iter};
use std::borrow::Cow;
use std::path::Path;

/// The first schema that has packed bodies: what a file holds is for nobody who does not know of them, wherever it came
/// from.
const PACKED_SINCE: u32 = 13;

/// The file.
pub(super) struct File {
    connection: Connection,
}

impl File {
    /// To read from. What was committed when it is opened is what is copied, whatever others do meanwhile.
    pub(super) fn source(path: &Path) -> Result<File> {
        if !path.exists() {
            return Err(Error::Refused(format!("there is no store at {}", path.display()).into()));
        }
        let file = File::open(path)?;
        if file.marked()?.is_some() {
            return Err(Error::Refused("the source is itself half a copy".into()));
        }
        file.connection.execute_batch("BEGIN; SELECT count(*) FROM meta;").map_err(session_error)?;
        Ok(file)
    }

    /// To write to.
    pub(super) fn target(path: &Path) -> Result<File> {
        let file = File::open(path)?;
        // One sync at the end: what is lost before is copied again.
        file.connection.execute_batch("PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536").map_err(session_error)?;
        Ok(file)
    }

    fn open(path: &Path) -> Result<File> {
        // Brings its schema up to date.
        drop(SqliteStore::open_even_half_copied(path, SqliteOptions::default())?);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(session_error)?;
        connection.busy_timeout(SqliteOptions::default().busy_timeout).map_err(session_error)?;
        Ok(File { connection })
    }

    fn marked(&self) -> Result<Option<String>> {
        let there = "SELECT 1 FROM sqlite_schema WHERE name = 'copying'";
        let there = self.connection.query_row(there, (), |_| Ok(())).optional().map_err(session_error)?;
        if there.is_none() {
            return Ok(None);
        }
        let mark = self.connection.query_row("SELECT mark FROM copying", (), |row| row.get(0));
        mark.optional().map_err(session_error)
    }

    fn place(table: &Table) -> &'static str {
        table.sqlite.unwrap_or(table.name)
    }

    /// With what the last column of a table may be packed in a file; the column `packed` says so.
    fn dictionary(table: &Table) -> Option<&'static Dictionary> {
        match table.name {
            "envelope" => Some(&MESSAGES),
            "entry" => Some(&DECISIONS),
            _ => None,
        }
    }

    fn insert(table: &Table) -> String {
        let (into, names) = match table.name {
            "participant" => ("patient", "practice, integration, source_id, visit".to_owned()),
            "patient" => ("patient", format!("visit, {}", table.names())),
            name if File::dictionary(table).is_some() => (name, format!("{}, packed", table.names())),
            name => (name, table.names()),
        };
        let columns = table.columns.len() + usize::from(File::dictionary(table).is_some());
        let marks = vec!["?"; columns].join(", ");
        let marks = if table.name == "patient" { format!("'', {marks}") } else { marks };
        format!("INSERT INTO {into} ({names}) VALUES ({marks})")
    }
}

impl Side for File {
    fn count(&mut self, table: &Table) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM {}", File::place(table));
        let count: i64 = self.connection.query_row(&sql, (), |row| row.get(0)).map_err(session_error)?;
        Ok(count.unsigned_abs())
    }

    fn page(&mut self, table: &Table, after: Option<&[Value]>, limit: usize) -> Result<Vec<Vec<Value>>> {
        let keys = table.key_columns().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let behind = match after {
            Some(_) => format!("WHERE ({keys}) > ({})", vec!["?"; table.key].join(", ")),
            None => String::new(),
        };
        let (names, place, dictionary) = (table.names(), File::place(table), File::dictionary(table));
        let packed = if dictionary.is_some() { ", packed" } else { "" };
        let sql = format!("SELECT {names}{packed} FROM {place} {behind} ORDER BY {keys} LIMIT {limit}");
        let mut statement = self.connection.prepare_cached(&sql).map_err(session_error)?;
        let mut rows = statement.query(params_from_iter(after.unwrap_or_default())).map_err(session_error)?;
        let mut page = Vec::new();
        while let Some(row) = rows.next().map_err(session_error)? {
            let mut values = Vec::with_capacity(table.columns.len());
            for (index, (_, kind)) in table.columns.iter().enumerate() {
                values.push(value(row.get_ref(index).map_err(session_error)?, *kind, table)?);
            }
            if let (Some(dictionary), Some(Value::Bytes(body))) = (dictionary, values.last_mut()) {
                let number = row.get(table.columns.len()).map_err(session_error)?;
                let plain = dictionary.unpack(table.name, number, body).map(Cow::into_owned)?;
                *body = plain;
            }
            page.push(values);
        }
        Ok(page)
    }

    fn mark(&mut self) -> Result<Option<String>> {
        self.marked()
    }

    fn begin(&mut self, mark: &str) -> Result<()> {
        let begun = self.connection.transaction().and_then(|transaction| {
            transaction.execute_batch("DELETE FROM meta; CREATE TABLE copying (mark TEXT NOT NULL);")?;
            transaction.execute("INSERT INTO copying (mark) VALUES (?)", (mark,))?;
            transaction.commit()
        });
        begun.map_err(session_error)
    }

    fn put(&mut self, table: &Table, rows: &[Vec<Value>], mark: &str) -> Result<()> {
        let dictionary = File::dictionary(table);
        let put = self.connection.transaction().and_then(|transaction| {
            {
                let mut insert = transaction.prepare_cached(&File::insert(table))?;
                let mut room = Vec::new();
                for row in rows {
                    if let (Some(dictionary), Some((Value::Bytes(body), others))) = (dictionary, row.split_last()) {
                        let (number, stored) = dictionary.pack(body, &mut room);
                        let others = others.iter().map(|value| value as &dyn ToSql);
                        insert.execute(params_from_iter(others.chain([&stored as &dyn ToSql, &number])))?;
                    } else {
                        insert.execute(params_from_iter(row))?;
                    }
                }
                transaction.execute("UPDATE copying SET mark = ?", (mark,))?;
            }
            transaction.commit()
        });
        put.map_err(session_error)
    }

    fn finish(&mut self) -> Result<()> {
        let finish = format!(
            "PRAGMA synchronous=FULL;
             UPDATE meta SET value = max(value, {PACKED_SINCE}) WHERE name = 'oldest_schema';
             DROP TABLE copying; PRAGMA wal_checkpoint(TRUNCATE);"
        );
        self.connection.execute_batch(&finish).map_err(session_error)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Number(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// SQLite keeps in a column what it is given: what does not belong there is not copied.
fn value(held: ValueRef<'_>, kind: Kind, table: &Table) -> Result<Value> {
    Ok(match (held, kind) {
        (ValueRef::Null, _) => Value::Null,
        (ValueRef::Integer(number), Kind::Number | Kind::Small | Kind::Flag) => Value::Number(number),
        (ValueRef::Text(text), Kind::Text) => {
            let text = std::str::from_utf8(text).map_err(|error| Error::unreadable(table.name, error))?;
            Value::Text(text.to_owned())
        }
        (ValueRef::Blob(bytes), Kind::Bytes) => Value::Bytes(bytes.to_vec()),
        _ => return Err(Error::unreadable(table.name, "a value of another kind than its column")),
    })
}
