//! A vendor's own words, from the `[api]` table of its profile; and how it is convinced of who asks, from the `auth`
//! table of a source.

use domain::text::Text;
use engine::poll::Failure;
use engine::setup::Integration;
use serde::de::DeserializeOwned;

/// What the profile says to the connector, in the connector's own shape.
pub fn words<W: DeserializeOwned>(integration: &Integration) -> Result<W, Failure> {
    let own = integration.rules.source.api.own.clone();
    let profile = &integration.rules.source.profile.id;
    toml::Value::Table(own).try_into().map_err(|error: toml::de::Error| Failure::NotReady {
        what: Text::from(format!("[api] of the profile {profile} cannot be used: {}", error.message())),
    })
}

/// The credentials that a document names, in the connector's own shape. What it says of a mistake names keys and no
/// value: secrets are references.
pub fn credentials<C: DeserializeOwned>(integration: &Integration) -> Result<C, Failure> {
    let table = integration.document.source.auth.clone().unwrap_or_default();
    toml::Value::Table(table).try_into().map_err(|error: toml::de::Error| Failure::NotReady {
        what: Text::from(format!("source.auth cannot be used: {}", error.message())),
    })
}
