//! System files: how a connector is set up against its twin, and what it says of each case.

use super::case::folder;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One connector. Texts may name `{twin}` (the twin's address), `{drop}` (a folder of the scene),
/// `{hook}` (where the vendor may call us) and whatever the
/// twin says under `access`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct System {
    pub(crate) twin: Twin,
    /// The document's `source`.
    pub(crate) source: toml::Table,
    /// Secrets by the name of their environment variable.
    #[serde(default)]
    pub(crate) secrets: BTreeMap<String, String>,
    /// Values of the profile that are otherwise for the scene, so that its days are short.
    #[serde(default)]
    pub(crate) overrides: BTreeMap<String, toml::Value>,
    /// Where the twin tells what its site's own status words mean.
    #[serde(default)]
    pub(crate) status_table: Option<StatusTable>,
    /// How the vendor calls who and what is in the practice's set-up: `{id}`, `{code}`, `{npi}` of the twin's own.
    #[serde(default)]
    pub(crate) ids: Ids,
    /// What is left of a status in the vendor's words: neutral word to the status that the platform then shows.
    #[serde(default)]
    pub(crate) says: BTreeMap<String, String>,
    /// Of what is compared, what the vendor cannot say: `end`, `provider`, `people`.
    #[serde(default)]
    pub(crate) leaves_out: Vec<String>,
    /// What the reader says of itself.
    pub(crate) reads: Reads,
    /// What it says of each case.
    pub(crate) cases: BTreeMap<String, Claim>,
}

/// The vendor's twin.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Twin {
    pub(crate) vendor: String,
    #[serde(default)]
    pub(crate) switches: Map<String, Value>,
}

/// A site's own status words, as its twin tells them under `access`: rows with the word and `means`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusTable {
    /// A JSON pointer to the rows.
    pub(crate) at: String,
    /// Which member of a row is the word.
    pub(crate) word: String,
}

/// Patterns of ids.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ids {
    pub(crate) provider: String,
    pub(crate) department: String,
    /// Empty: it tells of none.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// By which word the set-up approves a type: `{name}`, or `{code}` where the vendor tells nothing else.
    #[serde(rename = "type_name")]
    pub(crate) kind_name: String,
    /// From the twin's name of a visit to the source id here.
    pub(crate) visit: String,
}

impl Default for Ids {
    fn default() -> Ids {
        let id = || "{id}".to_owned();
        Ids { provider: id(), department: id(), kind: id(), kind_name: "{name}".to_owned(), visit: id() }
    }
}

/// What the reader can be asked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reads {
    pub(crate) changes: bool,
    pub(crate) consumes: bool,
    pub(crate) windows: bool,
    pub(crate) single: bool,
    pub(crate) stamps: bool,
}

/// What a connector says of a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Claim {
    /// It is run, and must pass.
    Passes,
    /// The vendor's interface cannot: why.
    Cannot(String),
    /// Not yet: what is missing.
    NotYet(String),
}

impl System {
    /// Reads `systems/{name}.toml`.
    pub(crate) fn read(name: &str) -> System {
        let path = folder().join(format!("systems/{name}.toml"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Names whatever a twin says under `access`.
    pub(crate) fn name_all(access: &Value, names: &mut BTreeMap<String, String>) {
        for (name, value) in access.as_object().unwrap() {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Object(_) => {
                    System::name_all(value, names);
                    continue;
                }
                other => other.to_string(),
            };
            // What is the scene's own stays so: a twin tells of its folder only once it has written there.
            names.entry(name.clone()).or_insert(text);
        }
    }

    /// A text with every `{name}` in it filled in.
    pub(crate) fn fill(text: &str, names: &BTreeMap<String, String>) -> String {
        names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    pub(crate) fn fill_toml(value: &mut toml::Value, names: &BTreeMap<String, String>) {
        System::each_text(value, &|text| System::fill(text, names));
    }

    /// Another text in place of one, wherever it stands.
    pub(crate) fn replace(value: &mut toml::Value, text: &str, by: &str) {
        System::each_text(value, &|held| held.replace(text, by));
    }

    fn each_text(value: &mut toml::Value, change: &dyn Fn(&str) -> String) {
        match value {
            toml::Value::String(text) => *text = change(text),
            toml::Value::Table(table) => table.iter_mut().for_each(|(_, value)| System::each_text(value, change)),
            toml::Value::Array(items) => items.iter_mut().for_each(|value| System::each_text(value, change)),
            _ => {}
        }
    }

    pub(crate) fn fill_json(value: &mut Value, names: &BTreeMap<String, String>) {
        if let Value::String(text) = value {
            *text = System::fill(text, names);
        }
    }
}
