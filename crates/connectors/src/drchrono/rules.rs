//! What the profile says for this interface alone: its `[api]` table.

use domain::model::{Seen, Sex};
use domain::text::Text;
use domain::time::Zone;
use engine::poll::Failure;
use engine::setup::Integration;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The `[api]` table.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rules {
    /// The word for how they meet when the box for video is ticked, in our words.
    pub(super) telehealth_means: Text,
    /// The vendor's words for the sex of a person, in ours.
    pub(super) sexes: BTreeMap<Text, SexWord>,
    /// The zone in which times of change are written, where somebody knows it: then the time of booking is read too.
    pub(super) stamp_zone: Option<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SexWord {
    Female,
    Male,
    Other,
    Unknown,
}

impl Rules {
    /// Reads the table of an integration's profile.
    pub(super) fn of(integration: &Integration) -> Result<Rules, Failure> {
        toml::Value::Table(integration.rules.source.api.own.clone()).try_into().map_err(|error: toml::de::Error| {
            Failure::NotReady { what: Text::from(format!("the profile's [api] cannot be used: {}", error.message())) }
        })
    }

    pub(super) fn sex(&self, word: &str) -> Option<Sex> {
        let (_, sex) = self.sexes.iter().find(|(known, _)| known.eq_ignore_ascii_case(word))?;
        Some(match sex {
            SexWord::Female => Sex::Female,
            SexWord::Male => Sex::Male,
            SexWord::Other => Sex::Other,
            SexWord::Unknown => Sex::Unknown,
        })
    }

    pub(super) fn stamp_zone(&self) -> Option<Zone> {
        Zone::named(self.stamp_zone.as_deref()?).ok()
    }

    /// How they meet. A box that is not ticked says nothing: the visit's type may, and what was said before is taken
    /// back. A row without the box says nothing at all.
    pub(super) fn modality(&self, ticked: Option<bool>) -> Option<Seen> {
        let value = if ticked? { self.telehealth_means.clone() } else { Text::literal("") };
        Some(Seen { value, place: Text::literal("is_telehealth") })
    }
}
