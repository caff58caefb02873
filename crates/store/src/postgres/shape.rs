//! Statements in the shape of what they are given.
//!
//! Lists of rows travel as arrays, one for each column, and `unnest` makes rows of them again. The server sets up a
//! store of tuples for each array, some five microseconds a column, which is nothing for hundreds of rows and most of
//! the work for one. So where a statement is given a row or two, the rows are written out instead: the same arrays,
//! looked into by number. And where it is given more, a column that says the same in each row ([`Once`]) is looked into
//! as well instead of being unnested.

use crate::postgres::session::Value;
use std::collections::HashMap;
use std::sync::Arc;
use tokio_postgres::types::ToSql;

/// Lists of so many rows are written out.
pub(super) const FEW: usize = 2;

/// What a parameter gives to each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Given {
    /// It is a single value, and no column.
    Value,
    /// Something else in each of so many rows.
    Rows(usize),
    /// The same in each of so many rows.
    Same(usize),
}

impl Given {
    /// How many rows it gives something to.
    pub(super) fn rows(self) -> Option<usize> {
        match self {
            Given::Value => None,
            Given::Rows(count) | Given::Same(count) => Some(count),
        }
    }
}

/// How a statement is written, by what each of its parameters gives: with the rows written out, or for any number of
/// them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape(Vec<Given>);

impl Shape {
    /// The shape for these parameters; `few`: all lists that are sent together have few rows.
    pub(super) fn of(given: impl Iterator<Item = Given>, few: bool) -> Shape {
        let any_number = |given| match given {
            Given::Rows(_) => Given::Rows(usize::MAX),
            Given::Same(count) if count <= FEW => Given::Rows(usize::MAX),
            Given::Same(_) => Given::Same(usize::MAX),
            Given::Value => Given::Value,
        };
        let written_out = |given: Given| given.rows().map_or(Given::Value, Given::Rows);
        Shape(given.map(|given| if few { written_out(given) } else { any_number(given) }).collect())
    }

    /// How many rows all these columns have, if they have equally many.
    fn count_of(&self, columns: &str) -> Option<usize> {
        let mut counts = columns.split(',').map(|column| self.column(column)?.rows());
        let first = counts.next()??;
        counts.all(|count| count == Some(first)).then_some(first)
    }

    /// What a column such as `$1::bigint[]` is given.
    fn column(&self, column: &str) -> Option<Given> {
        let number: usize = column.trim().strip_prefix('$')?.split_once("::")?.0.parse().ok()?;
        self.0.get(number.checked_sub(1)?).copied()
    }

    /// Whether a column says the same in each row.
    fn is_same(&self, column: &str) -> bool {
        matches!(self.column(column), Some(Given::Same(_)))
    }
}

/// Questions in the shapes in which they were asked before.
#[derive(Default)]
pub(super) struct Shapes(HashMap<(&'static str, Shape), Arc<str>>);

impl Shapes {
    /// A question in the shape of its lists.
    pub(super) fn of(&mut self, sql: &'static str, params: &[&dyn Kept]) -> Arc<str> {
        let few = params.iter().all(|param| param.given().rows().is_none_or(|count| count <= FEW));
        let shape = Shape::of(params.iter().map(|param| param.given()), few);
        self.0.entry((sql, shape)).or_insert_with_key(|(_, shape)| shaped(sql, shape)).clone()
    }
}

/// A parameter that can be kept: a column of a list, or a single value.
pub(super) trait Kept: Sync + Send {
    /// It, to be sent.
    fn value(&self) -> Value<'_>;

    /// What it gives to each row.
    fn given(&self) -> Given {
        Given::Value
    }
}

macro_rules! columns {
    ($($element:ty),*) => { $(impl Kept for Vec<$element> {
        fn value(&self) -> Value<'_> {
            self
        }

        fn given(&self) -> Given {
            Given::Rows(self.len())
        }
    })* };
}

macro_rules! values {
    ($($value:ty),*) => { $(impl Kept for $value {
        fn value(&self) -> Value<'_> {
            self
        }
    })* };
}

columns!(bool, i16, i64, String, Vec<u8>, Option<i16>, Option<i64>, Option<String>);
values!(i16, i64, String);

/// A column that often says the same in each row.
#[derive(Debug, Default)]
pub(super) struct Once<T>(pub(super) Vec<T>);

impl<T: PartialEq + ToSql + Sync + Send> Kept for Once<T> {
    fn value(&self) -> Value<'_> {
        &self.0
    }

    fn given(&self) -> Given {
        let same = self.0.windows(2).all(|two| two[0] == two[1]);
        if same { Given::Same(self.0.len()) } else { Given::Rows(self.0.len()) }
    }
}

/// A statement in a shape. Each `unnest($1::t[], …)` whose columns have few rows becomes those rows; of any other, the
/// columns that say the same in each row are taken out.
pub(super) fn shaped(sql: &str, shape: &Shape) -> Arc<str> {
    let mut out = String::with_capacity(sql.len() * 2);
    let mut rest = sql;
    while let Some((before, behind)) = rest.split_once("unnest(") {
        out.push_str(before);
        rest = behind;
        let Some((columns, after)) = behind.split_once(')') else { break };
        let ordered = after.trim_start().starts_with("WITH ORDINALITY");
        let all = columns.split(',').count();
        let same = columns.split(',').filter(|column| shape.is_same(column)).count();
        match shape.count_of(columns).filter(|_| !ordered) {
            Some(count) if count <= FEW => write_rows(&mut out, columns, count),
            _ if !ordered && same > 0 && same < all => write_once(&mut out, columns, shape),
            _ => {
                out.push_str("unnest(");
                continue;
            }
        }
        if !after.trim_start().starts_with("AS ") {
            out.push_str(" AS given");
        }
        rest = after;
    }
    out.push_str(rest);
    out.into()
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

/// Unnests what differs from row to row, and looks into the rest.
fn write_once(out: &mut String, columns: &str, shape: &Shape) {
    let (mut told, mut unnested, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (place, column) in columns.split(',').map(str::trim).enumerate() {
        if shape.is_same(column) {
            told.push(format!("({column})[1]"));
        } else {
            told.push(format!("c{place}"));
            names.push(format!("c{place}"));
            unnested.push(column);
        }
    }
    let (told, unnested, names) = (told.join(", "), unnested.join(", "), names.join(", "));
    out.push_str(&format!("(SELECT {told} FROM unnest({unnested}) AS one ({names}))"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sql: &str, given: &[Given], few: bool) -> String {
        shaped(sql, &Shape::of(given.iter().copied(), few)).to_string()
    }

    #[test]
    fn few_rows_are_written_out_and_many_are_not() {
        let sql = "INSERT INTO a SELECT * FROM unnest($1::bigint[],\n  $2::text[])";
        let of = |count| told(sql, &[Given::Same(count), Given::Rows(count)], true);
        assert_eq!(of(1), "INSERT INTO a SELECT * FROM (VALUES (($1::bigint[])[1], ($2::text[])[1])) AS given");
        assert_eq!(
            of(2),
            "INSERT INTO a SELECT * FROM (VALUES (($1::bigint[])[1], ($2::text[])[1]), \
             (($1::bigint[])[2], ($2::text[])[2])) AS given"
        );
        assert_eq!(
            of(0),
            "INSERT INTO a SELECT * FROM (SELECT ($1::bigint[])[1], ($2::text[])[1] WHERE false) AS given"
        );
        assert_eq!(told(sql, &[Given::Rows(1), Given::Rows(1)], false), sql);
    }

    #[test]
    fn what_says_the_same_in_each_of_many_rows_is_not_unnested() {
        let sql = "INSERT INTO a SELECT b, c, d FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS u (b, c, d)";
        let given = [Given::Same(9), Given::Rows(9), Given::Same(9)];
        assert_eq!(
            told(sql, &given, false),
            "INSERT INTO a SELECT b, c, d FROM (SELECT ($1::bigint[])[1], c1, ($3::bigint[])[1] \
             FROM unnest($2::text[]) AS one (c1)) AS u (b, c, d)"
        );
        assert_eq!(told(sql, &[Given::Same(9); 3], false), sql, "something must say how many rows there are");
        assert_eq!(told(sql, &[Given::Same(FEW); 3], false), sql, "one shape less");
    }

    #[test]
    fn a_column_knows_whether_it_says_the_same_in_each_row() {
        assert_eq!(Once(vec![7_i64, 7, 7]).given(), Given::Same(3));
        assert_eq!(Once(vec![7_i64, 8, 7]).given(), Given::Rows(3));
        assert_eq!(vec![7_i64, 7, 7].given(), Given::Rows(3), "nobody asked");
        assert_eq!(7_i64.given(), Given::Value);
    }

    #[test]
    fn each_list_has_its_own_shape_and_ordered_ones_stay() {
        let sql = "SELECT 1 FROM unnest($1::text[]) AS u (a) JOIN unnest($3::text[]) AS v (b) ON u.a = $2 \
                   JOIN unnest($1::text[]) WITH ORDINALITY AS w (c) ON true";
        assert_eq!(
            told(sql, &[Given::Rows(1), Given::Value, Given::Rows(9)], true),
            "SELECT 1 FROM (VALUES (($1::text[])[1])) AS u (a) JOIN unnest($3::text[]) AS v (b) ON u.a = $2 \
             JOIN unnest($1::text[]) WITH ORDINALITY AS w (c) ON true"
        );
    }

    #[test]
    fn lists_of_different_lengths_stay() {
        let sql = "SELECT 1 FROM unnest($1::text[], $2::text[]) AS u (a, b)";
        assert_eq!(told(sql, &[Given::Rows(1), Given::Rows(2)], true), sql);
    }
}
