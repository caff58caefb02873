//! The profiles that ship inside the program, and how one is read with a practice's overrides.

use crate::profile::{PlatformProfile, SourceProfile};
use crate::text::Text;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// Who a profile is about, and which edition of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ProfileId {
    /// Stable id: `kareo`.
    pub id: Text,
    /// Raised with every change of a value.
    pub version: u32,
    /// As people call it.
    pub name: Text,
    /// One sentence for whoever reads `punctual profiles`.
    #[serde(default)]
    pub about: Text,
    /// A practice changed values of it.
    #[serde(default, skip)]
    pub overridden: bool,
}

/// `kareo@1`; with values changed by the practice `kareo@1+override`.
impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}{}", self.id, self.version, if self.overridden { "+override" } else { "" })
    }
}

/// Why a profile could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No profile has this id.
    #[error("there is no {kind} profile {id:?}; known: {known}")]
    Unknown {
        /// `source` or `platform`.
        kind: &'static str,
        /// What was asked for.
        id: Text,
        /// What there is.
        known: String,
    },
    /// The text is no valid profile.
    #[error("profile {id}: {message}")]
    Invalid {
        /// Which profile.
        id: Text,
        /// Where and what, as the TOML reader tells it.
        message: String,
    },
    /// An override names a value that the profile does not have, or gives it a wrong form.
    #[error("override of {path}: {message}")]
    Override {
        /// The dotted path.
        path: Text,
        /// What is wrong with it.
        message: String,
    },
}

macro_rules! profiles {
    ($($kind:literal / $id:literal),* $(,)?) => {
        /// Every profile inside the program: kind, id, text.
        const TEXTS: &[(&str, &str, &str)] = &[
            $(($kind, $id, include_str!(concat!("../../../../profiles/", $kind, "/", $id, ".toml")))),*
        ];
    };
}

profiles![
    "sources" / "athenahealth",
    "sources" / "carecloud",
    "sources" / "carelogic",
    "sources" / "csv",
    "sources" / "drchrono",
    "sources" / "fhir-r4",
    "sources" / "greenway-intergy",
    "sources" / "greenway-prime-suite",
    "sources" / "hl7v2",
    "sources" / "hs1-exact",
    "sources" / "hs1-oasis",
    "sources" / "kareo",
    "platforms" / "access-recovery",
    "platforms" / "chiron",
    "platforms" / "fhir-r4",
    "platforms" / "hale",
    "platforms" / "healthengine",
    "platforms" / "oncall",
    "platforms" / "webhook",
];

/// All profiles as written: `("sources" or "platforms", id, TOML)`.
pub fn profile_texts() -> &'static [(&'static str, &'static str, &'static str)] {
    TEXTS
}

/// Reads a source profile with overrides (`path` relative to the profile, such as `cadence.usual_to`).
pub fn load_source(id: &str, overrides: &[(Text, toml::Value)]) -> Result<SourceProfile, ProfileError> {
    let mut profile: SourceProfile = load("sources", "source", id, overrides)?;
    profile.profile.overridden = !overrides.is_empty();
    Ok(profile)
}

/// Reads a platform profile with overrides.
pub fn load_platform(id: &str, overrides: &[(Text, toml::Value)]) -> Result<PlatformProfile, ProfileError> {
    let mut profile: PlatformProfile = load("platforms", "platform", id, overrides)?;
    profile.profile.overridden = !overrides.is_empty();
    Ok(profile)
}

fn load<P: DeserializeOwned>(
    shelf: &str,
    kind: &'static str,
    id: &str,
    overrides: &[(Text, toml::Value)],
) -> Result<P, ProfileError> {
    let Some((_, _, text)) = TEXTS.iter().find(|(on, name, _)| *on == shelf && *name == id) else {
        let known: Vec<&str> = TEXTS.iter().filter(|(on, ..)| *on == shelf).map(|(_, name, _)| *name).collect();
        return Err(ProfileError::Unknown { kind, id: id.into(), known: known.join(", ") });
    };
    let invalid = |error: toml::de::Error| ProfileError::Invalid { id: id.into(), message: error.to_string() };
    let mut table: toml::Table = toml::from_str(text).map_err(invalid)?;
    for (path, value) in overrides {
        set(&mut table, path, value.clone())?;
    }
    toml::Value::Table(table).try_into().map_err(|error: toml::de::Error| match overrides.last() {
        Some((path, _)) => ProfileError::Override { path: path.clone(), message: error.message().to_owned() },
        None => invalid(error),
    })
}

/// Sets the value at a dotted path; the tables on the way are made when the profile left them at their defaults.
fn set(table: &mut toml::Table, path: &str, value: toml::Value) -> Result<(), ProfileError> {
    let wrong = |message: &str| ProfileError::Override { path: path.into(), message: message.to_owned() };
    if ["id", "version", "name", "about"].contains(&path) {
        return Err(wrong("who a profile is about cannot be overridden"));
    }
    let (parents, name) = path.rsplit_once('.').map_or((None, path), |(parents, name)| (Some(parents), name));
    let mut place = table;
    for parent in parents.into_iter().flat_map(|parents| parents.split('.')) {
        let entry = place.entry(parent).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        place = entry.as_table_mut().ok_or_else(|| wrong("a part of the path is a value, not a group"))?;
    }
    place.insert(name.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_inside_reads_and_names_itself() {
        for (shelf, id, _) in profile_texts() {
            let profile = match *shelf {
                "sources" => load_source(id, &[]).unwrap().profile,
                _ => load_platform(id, &[]).unwrap().profile,
            };
            assert_eq!(profile.id, *id);
            assert!(profile.version > 0 && !profile.name.is_empty() && !profile.about.is_empty(), "{id}");
        }
    }

    #[test]
    fn an_override_changes_one_value_and_is_quoted() {
        let changed = load_source("kareo", &[("cadence.usual_to".into(), 20.into())]).unwrap();
        assert_eq!(changed.cadence.usual_to, 20);
        assert_eq!(changed.profile.to_string(), "kareo@1+override");
        assert_eq!(load_source("kareo", &[]).unwrap().profile.to_string(), "kareo@1");
    }

    #[test]
    fn wrong_overrides_and_unknown_profiles_say_what_is_wrong() {
        let error = load_source("kareo", &[("cadence.usual_too".into(), 20.into())]).unwrap_err();
        assert!(error.to_string().contains("usual_too"), "{error}");
        let error = load_source("kareo", &[("cadence.usual_to".into(), "soon".into())]).unwrap_err();
        assert!(matches!(error, ProfileError::Override { .. }), "{error}");
        let error = load_platform("kareo", &[]).unwrap_err();
        assert!(error.to_string().contains("chiron"), "the known ones are listed: {error}");
    }

    /// What the reader would have taken in this group instead of a key that does not exist.
    fn keys(group: &str, load: impl Fn(&str, &[(Text, toml::Value)]) -> Option<ProfileError>, id: &str) -> Vec<String> {
        let error = load(id, &[(Text::from(format!("{group}.no_such_key")), 1.into())]).expect("no such key");
        let (_, expected) = error.to_string().split_once("expected ").map(|(a, b)| (a.len(), b.to_owned())).unwrap();
        expected.split('`').skip(1).step_by(2).map(|key| format!("`{group}.{key}`")).collect()
    }

    #[test]
    fn every_key_of_a_profile_is_explained_in_its_paper() {
        let paper = include_str!("../../../../docs/profiles.md");
        // Taking both apart keeps the groups below complete: a new one does not compile until it is listed.
        let SourceProfile {
            profile: _,
            cadence: _,
            types: _,
            departments: _,
            statuses: _,
            status_rules: _,
            free_text: _,
            lineage: _,
            can: _,
            zones: _,
            hl7v2: _,
            fhir_r4: _,
            files: _,
            polling: _,
            api: crate::profile::ApiRules { patient_place: _, email_place: _, own: _ },
            access: _,
        } = load_source("hl7v2", &[]).unwrap();
        let PlatformProfile {
            profile: _,
            sources: _,
            confirmed_by: _,
            provider: _,
            patient: _,
            email: _,
            demographics: _,
            types: _,
            times: _,
            modality: _,
            group: _,
            statuses: _,
            delivery: _,
            exceptions: _,
            checks: _,
        } = load_platform("webhook", &[]).unwrap();
        let source = |id: &str, overrides: &[_]| load_source(id, overrides).err();
        let platform = |id: &str, overrides: &[_]| load_platform(id, overrides).err();
        let mut wanted: Vec<String> = [
            "[statuses]",
            "[[status_rules]]",
            "zones",
            "sources",
            "confirmed_by",
            "api.patient_place",
            "api.email_place",
        ]
        .map(|key| format!("`{key}`"))
        .into();
        for group in [
            "cadence",
            "types",
            "departments",
            "free_text",
            "lineage",
            "can",
            "hl7v2",
            "fhir_r4",
            "files",
            "polling",
            "access",
        ] {
            wanted.extend(keys(group, source, "hl7v2"));
        }
        let groups =
            ["provider", "patient", "email", "demographics", "types", "times", "modality", "group", "statuses"];
        for group in groups.into_iter().chain(["delivery", "exceptions", "checks"]) {
            wanted.extend(keys(group, platform, "webhook"));
        }
        assert!(wanted.len() > 40, "{wanted:?}");
        let missing: Vec<&String> = wanted.iter().filter(|key| !paper.contains(key.as_str())).collect();
        assert!(missing.is_empty(), "docs/profiles.md does not explain {missing:?}");
    }
}
