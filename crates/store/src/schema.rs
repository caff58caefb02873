//! Which schemas a program can work with.
//!
//! Several processes on one store are brought up to date one after another, so an older program meets a newer schema.
//! It goes on when the schema says that programs of its age may: each migration states the oldest schema whose programs
//! can work beside it. A migration that only adds leaves that number where it is; one that takes something away, which
//! the release before already did without, raises it.

use crate::{Error, Result};

/// Where a schema states the oldest schema whose programs may go on with it: a row of the table `meta`.
pub(crate) const OLDEST: &str = "SELECT value FROM meta WHERE name = 'oldest_schema'";

/// Why a store that a copy is being made into is not opened.
pub(crate) const HALF_COPIED: &str =
    "it holds a copy that is not complete; call `punctual store copy` again to complete it, or empty it";

/// What is to be done about the schema that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// It is brought up to date, or is.
    Migrate,
    /// It is newer and suits this program: it is left as it is.
    GoOn,
}

/// Compares the schema that was found with the newest that this program knows. `oldest`: what the schema found says.
pub(crate) fn suits(found: Option<i64>, known: i64, oldest: impl FnOnce() -> Result<Option<i64>>) -> Result<Schema> {
    let Some(found) = found.filter(|found| *found > known) else { return Ok(Schema::Migrate) };
    match oldest()? {
        Some(oldest) if oldest <= known => {
            tracing::info!(found, known, "the store has a newer schema, which suits this version as well");
            Ok(Schema::GoOn)
        }
        _ => Err(Error::Migration(format!(
            "the store has schema {found} and this version knows {known}: it belongs to a newer version, which must be used"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_schema_suits_whom_it_says_and_nobody_else() {
        let told = |found, known, oldest| suits(found, known, || Ok(oldest)).ok();
        assert_eq!(told(None, 3, None), Some(Schema::Migrate), "a new store");
        assert_eq!(told(Some(2), 3, None), Some(Schema::Migrate));
        assert_eq!(told(Some(3), 3, Some(3)), Some(Schema::Migrate), "nothing is left to do");
        assert_eq!(told(Some(4), 3, Some(3)), Some(Schema::GoOn));
        assert_eq!(told(Some(9), 3, Some(1)), Some(Schema::GoOn));
        assert_eq!(told(Some(4), 3, Some(4)), None, "it took away what this version needs");
        assert_eq!(told(Some(4), 3, None), None, "it does not say");
    }
}
