//! What the desk (or a test, by the control plane) asks for.

use crate::diary::Standing;
use crate::practice::LocalTime;
use serde::{Deserialize, Deserializer};

/// A visit to be booked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Booking {
    /// The id it shall have: for vendors whose open times have ids of their own. Else the next one.
    #[serde(skip)]
    pub id: Option<u64>,
    /// Whose, by id; nobody blocks the time.
    #[serde(deserialize_with = "some_id")]
    pub patient: Option<u64>,
    /// Whose, when a group comes.
    #[serde(deserialize_with = "ids")]
    pub patients: Vec<u64>,
    /// With whom; else the first provider.
    #[serde(deserialize_with = "some_id")]
    pub provider: Option<u64>,
    /// What for; else the first kind of visit.
    #[serde(rename = "type", deserialize_with = "some_id")]
    pub kind: Option<u64>,
    /// Where; else the first place.
    #[serde(rename = "department", deserialize_with = "some_id")]
    pub place: Option<u64>,
    /// When.
    pub start: Option<LocalTime>,
    /// How long; else as long as such visits take.
    pub minutes: Option<u16>,
    /// How it stands; else booked.
    pub status: Option<Standing>,
    /// What the patient comes for.
    pub reason: String,
    /// A note of the desk.
    pub note: String,
    /// Several may come, even if one or nobody is on it yet.
    pub group: bool,
    /// A series.
    pub repeat: Option<Repeat>,
}

/// How a visit repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// So many weeks from one to the next.
    pub weeks: u32,
    /// So many visits in all.
    pub count: u32,
}

/// What is to change about a visit. What is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edit {
    /// Another patient on a visit of one.
    #[serde(deserialize_with = "some_id")]
    pub patient: Option<u64>,
    /// Another provider.
    #[serde(deserialize_with = "some_id")]
    pub provider: Option<u64>,
    /// Another kind of visit.
    #[serde(rename = "type", deserialize_with = "some_id")]
    pub kind: Option<u64>,
    /// Another place.
    #[serde(rename = "department", deserialize_with = "some_id")]
    pub place: Option<u64>,
    /// Another time.
    pub start: Option<LocalTime>,
    /// Another length.
    pub minutes: Option<u16>,
    /// How it stands from here on; also what calls it off.
    pub status: Option<Standing>,
    /// Why it was called off.
    pub called_off: Option<String>,
    /// What the patient comes for.
    pub reason: Option<String>,
    /// A note of the desk.
    pub note: Option<String>,
}

/// What is to change about a patient, or a new one. What is not named stays; an empty text is removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the fields are those of `Patient`")]
pub struct PatientRecord {
    pub family: Option<String>,
    pub given: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Option<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub phone: Option<String>,
    pub mobile: Option<String>,
    pub email: Option<String>,
    pub language: Option<String>,
}

/// An id as number or as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    fn number<E: serde::de::Error>(self) -> Result<u64, E> {
        match self {
            Id::Number(number) => Ok(number),
            Id::Text(text) => text.trim().parse().map_err(|_| E::custom(format!("{text:?} is no id: ids are numbers"))),
        }
    }
}

fn some_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Option::<Id>::deserialize(deserializer)?.map(Id::number).transpose()
}

fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    Vec::<Id>::deserialize(deserializer)?.into_iter().map(Id::number).collect()
}
