//! What the profile says for this interface alone: its `[api]` table.

use domain::text::Text;
use engine::poll::Failure;
use engine::setup::Integration;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The `[api]` table.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rules {
    /// Phrases of a refusal that mean: asked too often.
    pub(super) throttled_says: Vec<Text>,
    /// The vendor's numbers for the sex of a person, in our words.
    pub(super) sexes: BTreeMap<Text, Text>,
}

impl Rules {
    /// Reads the table of an integration's profile.
    pub(super) fn of(integration: &Integration) -> Result<Rules, Failure> {
        toml::Value::Table(integration.rules.source.api.own.clone()).try_into().map_err(|error: toml::de::Error| {
            Failure::NotReady { what: Text::from(format!("the profile's [api] cannot be used: {}", error.message())) }
        })
    }

    pub(super) fn says_throttled(&self, body: &[u8]) -> bool {
        let body = String::from_utf8_lossy(body).to_lowercase();
        self.throttled_says.iter().any(|phrase| body.contains(&phrase.to_lowercase()))
    }
}
