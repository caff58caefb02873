//! Many changes as one statement.
//!
//! A commit changes up to eighteen tables. Sent one by one, each change costs an answer of its own, a packet and a
//! change of thread on both sides, which for a single message is more than the work itself. So they become one
//! statement, a change a part of it. The parts of a statement do not see each other, and need not: no two of them touch
//! the same row.

use crate::postgres::pending::{Change, ChangeKind};
use crate::postgres::session::{Params, Value, params};
use crate::postgres::shape::{FEW, Shape, shaped};
use std::collections::HashMap;
use std::sync::Arc;

/// A batch of messages changes the same few sets of tables over and over; what is rarer is sent part by part.
const KEPT: usize = 256;

/// The texts of statements that were needed before, by their parts and the shape of each.
#[derive(Default)]
pub(super) struct Merged(HashMap<Vec<Part>, Arc<str>>);

/// A change and its shape.
type Part = (&'static str, Shape);

/// What is sent.
pub(super) struct Statement<'a> {
    pub(super) sql: Arc<str>,
    pub(super) params: Vec<Value<'a>>,
}

impl Change {
    /// Changes rows.
    pub(super) fn rows(sql: &'static str, params: Params) -> Change {
        Change { sql, params, kind: ChangeKind::Rows }
    }

    /// Changes so many rows, and tells of each by `RETURNING`; otherwise the batch fails.
    pub(super) fn counted(sql: &'static str, mut params: Params, count: i64) -> Change {
        params.push(Box::new(count));
        Change { sql, params, kind: ChangeKind::Counted }
    }

    /// Is a statement of its own.
    pub(super) fn alone(sql: &'static str, params: Params) -> Change {
        Change { sql, params, kind: ChangeKind::Alone }
    }

    /// Whether none of its lists has more than a few rows.
    fn is_small(&self) -> bool {
        self.params.iter().all(|param| param.given().rows().is_none_or(|count| count <= FEW))
    }

    fn shape(&self, few: bool) -> Shape {
        Shape::of(self.params.iter().map(|param| param.given()), few)
    }

    /// Takes a lock until the end of the batch.
    pub(super) fn lock(number: i64) -> Change {
        Change::alone("SELECT pg_advisory_xact_lock($1)", params![number])
    }
}

/// The statements that make the changes, in their order.
pub(super) fn merged<'a>(changes: &'a [Change], known: &mut Merged) -> Vec<Statement<'a>> {
    let parts = changes.chunk_by(|one, two| one.kind != ChangeKind::Alone && two.kind != ChangeKind::Alone);
    let mut statements = Vec::new();
    for part in parts {
        // The work of many messages comes in too many shapes to keep a statement for each.
        let few = part.iter().all(Change::is_small);
        let names: Vec<Part> = part.iter().map(|change| (change.sql, change.shape(few))).collect();
        match known.0.get(&names) {
            Some(sql) => statements.push(Statement { sql: sql.clone(), params: values(part) }),
            None if known.0.len() < KEPT => {
                let sql = text(part, few);
                known.0.insert(names, sql.clone());
                statements.push(Statement { sql, params: values(part) });
            }
            None => {
                let singly = part.chunks(1).map(|one| Statement { sql: text(one, false), params: values(one) });
                statements.extend(singly);
            }
        }
    }
    statements
}

fn values(part: &[Change]) -> Vec<Value<'_>> {
    part.iter().flat_map(|change| &change.params).map(|param| param.value()).collect()
}

fn text(part: &[Change], few: bool) -> Arc<str> {
    let sql = |change: &Change| shaped(change.sql, &change.shape(few));
    if let [change] = part
        && change.kind != ChangeKind::Counted
    {
        return sql(change);
    }
    let (mut with, mut checks, mut before) = (String::from("WITH "), String::from("SELECT 1"), 0);
    for (number, change) in part.iter().enumerate() {
        let joint = if number == 0 { "" } else { ", " };
        with.push_str(&format!("{joint}part{number} AS ({})", renumbered(&sql(change), before)));
        before += change.params.len();
        if change.kind == ChangeKind::Counted {
            // A division by zero is how a statement can say that it must not have been.
            checks.push_str(&format!(", 1 / ((SELECT count(*) FROM part{number}) = ${before}::bigint)::int"));
        }
    }
    format!("{with} {checks}").into()
}

/// A statement whose parameters stand behind so many others.
fn renumbered(sql: &str, before: usize) -> String {
    let mut out = String::with_capacity(sql.len() + 32);
    let mut pieces = sql.split('$');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let (number, rest) = piece.split_at(digits);
        let number = number.parse().map_or(0, |number: usize| number + before);
        out.push_str(&format!("${number}{rest}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_through_and_counts_are_checked() {
        let changes = [
            Change::rows("INSERT INTO a SELECT * FROM unnest($1::bigint[], $2::text[])", params![1_i64, 2_i64]),
            Change::counted("UPDATE b SET c = $1 RETURNING 1", params![3_i64], 7),
            Change::lock(4),
            Change::rows("DELETE FROM d WHERE e = $1", params![5_i64]),
        ];
        let told: Vec<(String, usize)> = merged(&changes, &mut Merged::default())
            .iter()
            .map(|statement| (statement.sql.to_string(), statement.params.len()))
            .collect();
        let first = "WITH part0 AS (INSERT INTO a SELECT * FROM unnest($1::bigint[], $2::text[])), \
                     part1 AS (UPDATE b SET c = $3 RETURNING 1) \
                     SELECT 1, 1 / ((SELECT count(*) FROM part1) = $4::bigint)::int";
        assert_eq!(
            told,
            [
                (first.to_owned(), 4),
                ("SELECT pg_advisory_xact_lock($1)".to_owned(), 1),
                ("DELETE FROM d WHERE e = $1".to_owned(), 1),
            ]
        );
    }
}
