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
    /// Phrases of an error that mean: asked too often.
    pub(super) throttled_says: Vec<Text>,
    /// Phrases of an error that mean: there is no such record.
    pub(super) not_found_says: Vec<Text>,
    /// `Type` of a row that is a patient's; every other one without a patient is blocked time.
    pub(super) patient_types: Vec<Text>,
    /// The vendor's words for how they meet, in ours.
    pub(super) modalities: BTreeMap<Text, Text>,
    /// The vendor's words for the sex of a person, in ours.
    pub(super) sexes: BTreeMap<Text, Text>,
    /// All occurrences of a series stand under one id: then the start is part of what they are known by.
    pub(super) series_share_id: bool,
}

impl Rules {
    /// Reads the table of an integration's profile.
    pub(super) fn of(integration: &Integration) -> Result<Rules, Failure> {
        toml::Value::Table(integration.rules.source.api.own.clone()).try_into().map_err(|error: toml::de::Error| {
            Failure::NotReady { what: Text::from(format!("the profile's [api] cannot be used: {}", error.message())) }
        })
    }

    pub(super) fn says_throttled(&self, message: &str) -> bool {
        says(&self.throttled_says, message)
    }

    pub(super) fn says_not_found(&self, message: &str) -> bool {
        says(&self.not_found_says, message)
    }

    pub(super) fn modality(&self, word: &str) -> Text {
        meaning(&self.modalities, word).cloned().unwrap_or_else(|| word.into())
    }

    pub(super) fn sex(&self, word: &str) -> Option<&Text> {
        meaning(&self.sexes, word)
    }

    pub(super) fn is_of_patient(&self, kind: &str) -> bool {
        self.patient_types.iter().any(|known| known.eq_ignore_ascii_case(kind))
    }
}

fn says(phrases: &[Text], message: &str) -> bool {
    let message = message.to_lowercase();
    phrases.iter().any(|phrase| message.contains(&phrase.to_lowercase()))
}

fn meaning<'w>(words: &'w BTreeMap<Text, Text>, word: &str) -> Option<&'w Text> {
    words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, means)| means)
}
