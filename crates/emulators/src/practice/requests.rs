//! What the desk (or a test, by the control plane) asks for.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

/// A time by the clinic's clocks, or an instant with an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalTime {
    /// `2027-04-01T09:30`
    Local(DateTime),
    /// `2027-04-01T14:30:00Z`
    Instant(Timestamp),
}

impl LocalTime {
    /// Reads one; `None` when it is neither.
    #[must_use]
    pub fn read(text: &str) -> Option<LocalTime> {
        let text = text.trim();
        let instant = text.parse().map(LocalTime::Instant);
        instant.or_else(|_| text.parse().map(LocalTime::Local)).ok()
    }

    /// By the clocks of a zone.
    #[must_use]
    pub fn by(self, zone: &TimeZone) -> DateTime {
        match self {
            LocalTime::Local(local) => local,
            LocalTime::Instant(instant) => zone.to_datetime(instant),
        }
    }
}

impl From<DateTime> for LocalTime {
    fn from(local: DateTime) -> LocalTime {
        LocalTime::Local(local)
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LocalTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        LocalTime::read(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("{text:?} is no time such as 2027-04-01T09:30 or 2027-04-01T14:30:00Z"))
        })
    }
}

/// A visit to be booked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booking {
    /// The id it shall have; else the next one.
    #[serde(default)]
    pub id: Option<String>,
    /// Whose, by id.
    pub patient: String,
    /// With whom, by id.
    pub provider: String,
    /// The kind of visit, by id.
    #[serde(rename = "type")]
    pub visit_type: String,
    /// Where, by id; else where such visits usually are.
    #[serde(default)]
    pub department: Option<String>,
    /// When.
    pub start: LocalTime,
    /// How long; else as long as such visits usually are.
    #[serde(default)]
    pub minutes: Option<u16>,
    /// What the patient comes for.
    #[serde(default)]
    pub reason: String,
    /// A note of the desk.
    #[serde(default)]
    pub note: Option<String>,
    /// How it stands; else booked.
    #[serde(default)]
    pub status: Option<String>,
}

impl Booking {
    /// A plain booking.
    #[must_use]
    pub fn new(patient: &str, provider: &str, visit_type: &str, start: impl Into<LocalTime>) -> Booking {
        Booking {
            id: None,
            patient: patient.to_owned(),
            provider: provider.to_owned(),
            visit_type: visit_type.to_owned(),
            department: None,
            start: start.into(),
            minutes: None,
            reason: String::new(),
            note: None,
            status: None,
        }
    }
}

/// What is to change about a visit. What is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Another patient.
    pub patient: Option<String>,
    /// Another provider.
    pub provider: Option<String>,
    /// Another kind of visit.
    #[serde(rename = "type")]
    pub visit_type: Option<String>,
    /// Another department.
    pub department: Option<String>,
    /// Another time.
    pub start: Option<LocalTime>,
    /// Another length.
    pub minutes: Option<u16>,
    /// Another status: `Cancelled` calls the visit off, `NoShow` says that nobody came, `Deleted` takes it out of the
    /// diary, and any other word is a status of the visit.
    pub status: Option<String>,
    /// What the patient comes for; with `Cancelled`, why it was called off.
    pub reason: Option<String>,
    /// A note of the desk; an empty one removes it.
    pub note: Option<String>,
}

/// What is to change about a patient. What is not named stays; what is empty is removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the fields are those of `Patient`")]
pub struct PatientEdit {
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
