//! Columns, one by one and by the hundred.

pub(super) use crate::columns::{
    decode_body, digest_of, encode_body, id_column, id_of, lifecycle_of, limit_column, start_column, start_of,
};
use crate::postgres::error::store_error;
use crate::postgres::shape::Kept;
use crate::{Error, Result};
use domain::ids::{IntegrationKey, PracticeNo};
use domain::text::Text;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// A parameter that is kept until it is sent.
pub(super) type Param = Box<dyn Kept>;

/// A column of a row.
pub(super) fn column<'a, T: FromSql<'a>>(row: &'a Row, index: usize) -> Result<T> {
    row.try_get(index).map_err(store_error)
}

/// A text column as our own text.
pub(super) fn text(row: &Row, index: usize) -> Result<Text> {
    Ok(Text::from(column::<&str>(row, index)?))
}

/// A text column that may be null.
pub(super) fn text_or_null(row: &Row, index: usize) -> Result<Option<Text>> {
    Ok(column::<Option<&str>>(row, index)?.map(Text::from))
}

/// A number that is not negative and was stored as a wider one.
pub(super) fn number<T: TryFrom<i64>>(what: &'static str, row: &Row, index: usize) -> Result<T> {
    T::try_from(column::<i64>(row, index)?).map_err(|_| Error::unreadable(what, "a number out of range"))
}

/// A small number.
pub(super) fn small<T: TryFrom<i16>>(what: &'static str, row: &Row, index: usize) -> Result<T> {
    T::try_from(column::<i16>(row, index)?).map_err(|_| Error::unreadable(what, "a number out of range"))
}

/// The integration in two neighbouring columns.
pub(super) fn integration_at(row: &Row, index: usize) -> Result<IntegrationKey> {
    let practice = PracticeNo(number("practice number", row, index)?);
    Ok(IntegrationKey { practice, integration: number("integration number", row, index + 1)? })
}

/// An integration's two columns.
pub(super) fn key_columns(key: IntegrationKey) -> (i64, i64) {
    (i64::from(key.practice.0), i64::from(key.integration))
}

/// A reason's column; numbers of reasons are small.
pub(super) fn reason_column(reason: domain::reasons::Reason) -> i16 {
    i16::try_from(reason.number()).unwrap_or(i16::MAX)
}

/// The smallest text behind all that begin with a prefix.
pub(super) fn prefix_end(prefix: &str) -> String {
    let mut end: Vec<char> = prefix.chars().collect();
    while let Some(last) = end.pop() {
        // The surrogates in between are no characters.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            end.push(next);
            return end.into_iter().collect();
        }
    }
    // Behind everything: no id is that long.
    "\u{10FFFF}".repeat(600)
}

#[cfg(test)]
mod tests {
    use super::prefix_end;

    #[test]
    fn the_end_of_a_prefix_is_behind_all_that_begin_with_it_and_before_all_else() {
        for (prefix, inside, outside) in [
            ("a", "a\u{10FFFF}\u{10FFFF}", "b"),
            ("a\u{10FFFF}", "a\u{10FFFF}z", "b"),
            ("\u{D7FF}", "\u{D7FF}x", "\u{E000}"),
            ("A1", "A1", "A2"),
        ] {
            let end = prefix_end(prefix);
            assert!(*inside < *end && *outside >= *end, "{prefix:?}");
        }
        assert!("\u{10FFFF}\u{10FFFF}z" < prefix_end("\u{10FFFF}").as_str());
        assert!("z" < prefix_end("").as_str());
    }
}
