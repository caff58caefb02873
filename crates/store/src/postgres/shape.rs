//! Statements in the shape of how many rows they are given.
//!
//! Lists of rows travel as arrays, one for each column, and `unnest` makes rows of them again. The server sets up a
//! store of tuples for each array, some five microseconds a column, which is nothing for hundreds of rows and most of
//! the work for one. So where a statement is given a row or two, the rows are written out instead: the same arrays,
//! looked into by number.

use crate::postgres::session::Value;
use std::collections::HashMap;
use std::sync::Arc;
use tokio_postgres::types::ToSql;

/// Lists of so many rows are written out.
pub(super) const FEW: usize = 2;

/// Questions in the shapes in which they were asked before.
#[derive(Default)]
pub(super) struct Shapes(HashMap<(&'static str, Vec<usize>), Arc<str>>);

impl Shapes {
    /// A question in the shape of its lists; `rows` tells of each of its parameters how many it has. As it is when one
    /// of them is longer than a few.
    pub(super) fn of(&mut self, sql: &'static str, rows: Vec<usize>) -> Arc<str> {
        if rows.iter().any(|count| *count > FEW) {
            return sql.into();
        }
        let shape = |rows: &[usize]| shaped(sql, &rows.iter().copied().map(Some).collect::<Vec<_>>());
        self.0.entry((sql, rows)).or_insert_with_key(|(_, rows)| shape(rows)).clone()
    }
}

/// A parameter that can be kept: a column of a list, or a single value.
pub(super) trait Kept: ToSql + Sync + Send {
    /// How many rows a column has; `None`: it is a single value.
    fn rows(&self) -> Option<usize> {
        None
    }
}

macro_rules! columns {
    ($($element:ty),*) => { $(impl Kept for Vec<$element> {
        fn rows(&self) -> Option<usize> {
            Some(self.len())
        }
    })* };
}

macro_rules! values {
    ($($value:ty),*) => { $(impl Kept for $value {})* };
}

columns!(bool, i16, i64, String, Vec<u8>, Option<i16>, Option<i64>, Option<String>);
values!(i16, i64, String);

/// A kept parameter, to be sent.
pub(super) fn value(kept: &dyn Kept) -> Value<'_> {
    kept
}

/// A statement in the shape of its parameters, of which the rows are told. Each `unnest($1::t[], …)` whose columns have
/// few rows becomes those rows; everything else stays as it is.
pub(super) fn shaped(sql: &str, rows: &[Option<usize>]) -> Arc<str> {
    let mut out = String::with_capacity(sql.len() * 2);
    let mut rest = sql;
    while let Some((before, behind)) = rest.split_once("unnest(") {
        out.push_str(before);
        rest = behind;
        let Some((columns, after)) = behind.split_once(')') else { break };
        let count = count_of(columns, rows).filter(|_| !after.trim_start().starts_with("WITH ORDINALITY"));
        let Some(count) = count.filter(|count| *count <= FEW) else {
            out.push_str("unnest(");
            continue;
        };
        write_rows(&mut out, columns, count);
        if !after.trim_start().starts_with("AS ") {
            out.push_str(" AS given");
        }
        rest = after;
    }
    out.push_str(rest);
    out.into()
}

/// How many rows all these columns have, if they have equally many.
fn count_of(columns: &str, rows: &[Option<usize>]) -> Option<usize> {
    let mut counts = columns.split(',').map(|column| {
        let number: usize = column.trim().strip_prefix('$')?.split_once("::")?.0.parse().ok()?;
        rows.get(number.checked_sub(1)?).copied().flatten()
    });
    let first = counts.next()??;
    counts.all(|count| count == Some(first)).then_some(first)
}

fn write_rows(out: &mut String, columns: &str, count: usize) {
    let row = |out: &mut String, number: usize| {
        for (place, column) in columns.split(',').enumerate() {
            let joint = if place == 0 { "" } else { ", " };
            out.push_str(&format!("{joint}({})[{number}]", column.trim()));
        }
    };
    if count == 0 {
        // Its parameters must be named, or the server does not know their types.
        out.push_str("(SELECT ");
        row(out, 1);
        out.push_str(" WHERE false)");
        return;
    }
    out.push_str("(VALUES ");
    for number in 1..=count {
        out.push_str(if number == 1 { "(" } else { ", (" });
        row(out, number);
        out.push(')');
    }
    out.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_written_out_and_many_are_not() {
        let sql = "INSERT INTO a SELECT * FROM unnest($1::bigint[],\n  $2::text[])";
        let told = |count| shaped(sql, &[Some(count), Some(count)]).to_string();
        assert_eq!(told(1), "INSERT INTO a SELECT * FROM (VALUES (($1::bigint[])[1], ($2::text[])[1])) AS given");
        assert_eq!(
            told(2),
            "INSERT INTO a SELECT * FROM (VALUES (($1::bigint[])[1], ($2::text[])[1]), \
             (($1::bigint[])[2], ($2::text[])[2])) AS given"
        );
        assert_eq!(
            told(0),
            "INSERT INTO a SELECT * FROM (SELECT ($1::bigint[])[1], ($2::text[])[1] WHERE false) AS given"
        );
        assert_eq!(told(FEW + 1), sql);
    }

    #[test]
    fn each_list_has_its_own_shape_and_ordered_ones_stay() {
        let sql = "SELECT 1 FROM unnest($1::text[]) AS u (a) JOIN unnest($3::text[]) AS v (b) ON u.a = $2 \
                   JOIN unnest($1::text[]) WITH ORDINALITY AS w (c) ON true";
        assert_eq!(
            *shaped(sql, &[Some(1), None, Some(9)]),
            *"SELECT 1 FROM (VALUES (($1::text[])[1])) AS u (a) JOIN unnest($3::text[]) AS v (b) ON u.a = $2 \
              JOIN unnest($1::text[]) WITH ORDINALITY AS w (c) ON true"
        );
    }

    #[test]
    fn lists_of_different_lengths_stay() {
        let sql = "SELECT 1 FROM unnest($1::text[], $2::text[]) AS u (a, b)";
        assert_eq!(*shaped(sql, &[Some(1), Some(2)]), *sql);
    }
}
