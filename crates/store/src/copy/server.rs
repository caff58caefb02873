//! A store in a PostgreSQL database, as one side of a copy.

use crate::columns::{decode_body, id_column};
use crate::copy::Side;
use crate::copy::tables::{TABLES, Table};
use crate::copy::value::{Kind, Value};
use crate::postgres::{Link, PostgresStore, Server, store_error, wait};
use crate::{AppointmentRow, Error, Result};
use std::pin::pin;
use tokio_postgres::Row;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// The database. While it is one side of a copy nobody else opens the store in it.
pub(super) struct Database {
    link: Link,
    // Behind the connection, which it serves.
    _server: Server,
}

impl Database {
    /// To read from.
    pub(super) fn source(address: &str) -> Result<Database> {
        let mut database = Database::open(address)?;
        if database.mark()?.is_some() {
            return Err(Error::Refused("the source is itself half a copy".into()));
        }
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        wait(database.link.client.batch_execute(begin)).map_err(store_error)?;
        Ok(database)
    }

    /// To write to.
    pub(super) fn target(address: &str) -> Result<Database> {
        Database::open(address)
    }

    fn open(address: &str) -> Result<Database> {
        let (server, link) = PostgresStore::alone(address)?;
        // Between two portions the other side may be slow.
        let patience = "SET idle_in_transaction_session_timeout = 0";
        wait(link.client.batch_execute(patience)).map_err(store_error)?;
        Ok(Database { link, _server: server })
    }

    fn place(table: &Table) -> &'static str {
        table.postgres.unwrap_or(table.name)
    }

    fn ask(&mut self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        wait(async {
            self.link.prepare_all([sql].into_iter()).await?;
            self.link.query(sql, params).await
        })
        .map_err(store_error)
    }
}

/// Columns that only this engine has, by table.
fn further(table: &Table) -> &'static [(&'static str, Type)] {
    match table.name {
        "appointment" => &[("revision", Type::INT8), ("decided", Type::INT8)],
        "patient" => &[("revision", Type::INT8)],
        "tally" => &[("slot", Type::INT2)],
        _ => &[],
    }
}

/// What stands in them.
fn values_of_further(table: &Table, row: &[Value]) -> Result<Vec<(Value, Kind)>> {
    Ok(match table.name {
        "appointment" => {
            let Some(Value::Bytes(body)) = row.last() else {
                return Err(Error::unreadable("appointment", "no body"));
            };
            let held: AppointmentRow = decode_body("appointment", body)?;
            vec![(Value::Number(1), Kind::Number), (Value::Number(id_column(held.decided.0)), Kind::Number)]
        }
        "patient" => vec![(Value::Number(1), Kind::Number)],
        "tally" => vec![(Value::Number(0), Kind::Small)],
        _ => Vec::new(),
    })
}

fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Number => Type::INT8,
        Kind::Small => Type::INT2,
        Kind::Flag => Type::BOOL,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }
}

impl Side for Database {
    fn count(&mut self, table: &Table) -> Result<u64> {
        let rows = self.ask(&format!("SELECT count(*) FROM {}", Database::place(table)), &[])?;
        let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(store_error)?;
        Ok(count.unsigned_abs())
    }

    fn page(&mut self, table: &Table, after: Option<&[Value]>, limit: usize) -> Result<Vec<Vec<Value>>> {
        // Texts byte by byte, as SQLite compares them.
        let in_order = |(name, kind): &(&str, Kind)| match kind {
            Kind::Text => format!("{name} COLLATE \"C\""),
            _ => (*name).to_owned(),
        };
        let order = table.key_columns().iter().map(in_order).collect::<Vec<_>>().join(", ");
        let marks = (1..=table.key).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
        let behind = after.map_or_else(String::new, |_| format!("WHERE ({order}) > ({marks})"));
        let (names, place) = (table.names(), Database::place(table));
        let sql = format!("SELECT {names} FROM {place} {behind} ORDER BY {order} LIMIT {limit}");
        let after: Vec<Sent<'_>> =
            after.unwrap_or_default().iter().zip(table.columns).map(|(value, (_, kind))| Sent(value, *kind)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = after.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = self.ask(&sql, &params)?;
        rows.iter().map(|row| (0..table.columns.len()).map(|index| value(row, index, table)).collect()).collect()
    }

    fn mark(&mut self) -> Result<Option<String>> {
        if self.ask("SELECT 1 WHERE to_regclass('copying') IS NOT NULL", &[])?.is_empty() {
            return Ok(None);
        }
        let rows = self.ask("SELECT mark FROM copying", &[])?;
        rows.first().map(|row| row.try_get(0)).transpose().map_err(store_error)
    }

    fn begin(&mut self, mark: &str) -> Result<()> {
        wait(async {
            let transaction = self.link.client.transaction().await?;
            transaction.batch_execute("DELETE FROM meta; CREATE TABLE copying (mark TEXT NOT NULL)").await?;
            transaction.execute("INSERT INTO copying (mark) VALUES ($1)", &[&mark]).await?;
            transaction.commit().await
        })
        .map_err(store_error)
    }

    fn put(&mut self, table: &Table, rows: &[Vec<Value>], mark: &str) -> Result<()> {
        if rows.iter().flatten().any(|value| matches!(value, Value::Text(text) if text.contains('\0'))) {
            let why =
                format!("a row of the table {} holds a text with a zero byte, which PostgreSQL cannot", table.name);
            return Err(Error::Refused(why.into()));
        }
        let further = further(table);
        let names = table.columns.iter().map(|(name, _)| *name).chain(further.iter().map(|(name, _)| *name));
        let names = names.collect::<Vec<_>>().join(", ");
        let sql = format!("COPY {} ({names}) FROM STDIN BINARY", table.name);
        let types = table.columns.iter().map(|(_, kind)| type_of(*kind));
        let types: Vec<Type> = types.chain(further.iter().map(|(_, kind)| kind.clone())).collect();
        let added = rows.iter().map(|row| values_of_further(table, row)).collect::<Result<Vec<_>>>()?;
        wait(async {
            let transaction = self.link.client.transaction().await?;
            if !rows.is_empty() {
                let mut writer = pin!(BinaryCopyInWriter::new(transaction.copy_in(&sql).await?, &types));
                for (row, added) in rows.iter().zip(&added) {
                    let values = row.iter().zip(table.columns).map(|(value, (_, kind))| Sent(value, *kind));
                    let values = values.chain(added.iter().map(|(value, kind)| Sent(value, *kind)));
                    let values: Vec<Sent<'_>> = values.collect();
                    let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
                    writer.as_mut().write(&params).await?;
                }
                writer.finish().await?;
            }
            transaction.execute("UPDATE copying SET mark = $1", &[&mark]).await?;
            transaction.commit().await
        })
        .map_err(store_error)
    }

    fn finish(&mut self) -> Result<()> {
        // Facts that change from now on, and messages that are kept, have numbers behind those that were copied.
        let numbers = "SELECT setval(pg_get_serial_sequence('fired', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM fired;
            SELECT setval(pg_get_serial_sequence('undecided', 'turn'), greatest(max(turn), 1), max(turn) IS NOT NULL) FROM undecided";
        let finish = format!("BEGIN; {numbers}; DROP TABLE copying; COMMIT");
        wait(async {
            // Each table by itself and only ours: several in one statement would keep their locks until the last is
            // done, and the database may hold the tables of others.
            for table in TABLES {
                self.link.client.batch_execute(&format!("ANALYZE {}", table.name)).await?;
            }
            self.link.client.batch_execute(&finish).await
        })
        .map_err(store_error)
    }
}

/// A value on its way to the server.
#[derive(Debug)]
struct Sent<'a>(&'a Value, Kind);

impl ToSql for Sent<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self.0, self.1) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Number(number), Kind::Small) => i16::try_from(*number)?.to_sql(kind, out),
            (Value::Number(number), Kind::Flag) => (*number != 0).to_sql(kind, out),
            (Value::Number(number), _) => number.to_sql(kind, out),
            (Value::Text(text), _) => text.to_sql(kind, out),
            (Value::Bytes(bytes), _) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn value(row: &Row, index: usize, table: &Table) -> Result<Value> {
    fn held<'a, T: FromSql<'a>>(row: &'a Row, index: usize, of: impl Fn(T) -> Value) -> Result<Value> {
        Ok(row.try_get::<_, Option<T>>(index).map_err(store_error)?.map_or(Value::Null, of))
    }
    let kind = table.columns.get(index).map_or(Kind::Bytes, |(_, kind)| *kind);
    match kind {
        Kind::Number => held(row, index, Value::Number),
        Kind::Small => held(row, index, |number: i16| Value::Number(number.into())),
        Kind::Flag => held(row, index, |flag: bool| Value::Number(flag.into())),
        Kind::Text => held(row, index, |text: &str| Value::Text(text.to_owned())),
        Kind::Bytes => held(row, index, |bytes: &[u8]| Value::Bytes(bytes.to_vec())),
    }
}
