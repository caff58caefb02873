//! Whose account asks: the `auth` table of a source.

use domain::setup::SecretRef;
use domain::text::Text;
use engine::poll::Failure;
use serde::Deserialize;

/// The `auth` table of a source.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Auth {
    /// Of the account, which may own several practices.
    pub(super) customer_key: SecretRef,
    /// The user whose rights count.
    pub(super) user: Text,
    pub(super) password: SecretRef,
    /// The practice, by the name the vendor knows it under: it is asked for by name only.
    pub(super) practice: Text,
}

impl Auth {
    /// Reads the table of a source.
    pub(super) fn read(table: Option<&toml::Table>) -> Result<Auth, Failure> {
        let missing = || Failure::NotReady {
            what: Text::literal("source.auth is missing: customer_key, user, password and practice (its name)"),
        };
        toml::Value::Table(table.ok_or_else(missing)?.clone()).try_into().map_err(|error: toml::de::Error| {
            Failure::NotReady { what: Text::from(format!("source.auth cannot be used: {}", error.message())) }
        })
    }
}
