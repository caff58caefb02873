//! The rows of a diary.

use crate::diary::Standing;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Serialize;

/// The first number of each kind of row; the next row has the next. A vendor's own numbers look like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the kinds of row")]
pub struct Ids {
    pub visit: u64,
    pub patient: u64,
    pub provider: u64,
    pub place: u64,
    pub kind: u64,
}

/// Somebody whom patients can be booked with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields say it")]
pub struct Provider {
    pub id: u64,
    pub family: String,
    pub given: String,
    pub degree: String,
    pub npi: String,
    pub email: String,
    pub is_active: bool,
}

impl Provider {
    /// Given and family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// A location with its clocks.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields say it")]
pub struct Place {
    pub id: u64,
    pub code: String,
    pub name: String,
    pub zone: TimeZone,
    pub zone_name: String,
    pub street: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub phone: String,
}

impl Place {
    /// The instant of a local time: one that the clocks skip is moved on, of one that comes twice the first is meant.
    #[must_use]
    pub fn instant(&self, local: DateTime) -> Timestamp {
        self.zone.to_ambiguous_timestamp(local).compatible().unwrap_or(Timestamp::MAX)
    }
}

/// How a visit takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Modality {
    Video,
    InPerson,
    Phone,
}

/// A kind of visit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields say it")]
pub struct Kind {
    pub id: u64,
    pub code: String,
    pub name: String,
    pub minutes: u16,
    pub modality: Modality,
    pub is_group: bool,
}

/// A patient's record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields say it")]
pub struct Patient {
    pub id: u64,
    pub family: String,
    pub given: String,
    pub birth_date: Option<Date>,
    pub sex: String,
    pub street: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub phone: String,
    pub mobile: String,
    pub email: Option<String>,
    pub language: String,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    /// The record that took this one in.
    pub merged_into: Option<u64>,
}

impl Patient {
    /// Given and family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// One patient's part in a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// A number of its own, for vendors that number the rows.
    pub id: u64,
    /// Whose.
    pub patient: u64,
    /// How it stands for this patient.
    pub standing: Standing,
    /// When that was last changed.
    pub changed_at: Timestamp,
    /// When the patient was added.
    pub created_at: Timestamp,
    /// Taken off the visit again.
    pub is_removed: bool,
}

/// A row of the diary: a visit of one patient or of a group, or time that nobody can book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The vendor's number.
    pub id: u64,
    /// Who comes; nobody when the row blocks time.
    pub people: Vec<Attendance>,
    /// Several may come.
    pub is_group: bool,
    /// With whom.
    pub provider: u64,
    /// Where.
    pub place: u64,
    /// What for.
    pub kind: u64,
    /// When, by the clocks of the place.
    pub start: DateTime,
    /// How long.
    pub minutes: u16,
    /// How the visit stands as a whole.
    pub standing: Standing,
    /// What the patient comes for.
    pub reason: String,
    /// A note of the desk.
    pub note: String,
    /// Why it was called off, in the desk's words.
    pub called_off: Option<String>,
    /// The visits that repeat it share this number: the first one's id.
    pub series: Option<u64>,
    /// Which of a series it is, from 0.
    pub occurrence: u32,
    /// When it was to be when it was entered; it may have been moved since.
    pub first_start: DateTime,
    /// The visit that this one took the place of.
    pub replaces: Option<u64>,
    /// The visit that took the place of this one.
    pub replaced_by: Option<u64>,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Marked as deleted; some vendors go on showing it.
    pub is_deleted: bool,
}

impl Visit {
    /// When it ends, by the clocks of the place.
    #[must_use]
    pub fn end(&self) -> DateTime {
        self.start.saturating_add(jiff::SignedDuration::from_mins(i64::from(self.minutes)))
    }

    /// Those who are still on it.
    pub fn present(&self) -> impl Iterator<Item = &Attendance> {
        self.people.iter().filter(|person| !person.is_removed)
    }

    /// The one patient of an ordinary visit.
    #[must_use]
    pub fn patient(&self) -> Option<u64> {
        self.people.first().map(|person| person.patient)
    }

    /// Time that nobody can book: a row without a patient.
    #[must_use]
    pub fn is_block(&self) -> bool {
        self.people.is_empty() && !self.is_group
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum What {
    Booked,
    Moved,
    Changed,
    Confirmed,
    Arrived,
    Completed,
    Cancelled,
    NoShow,
    Replaced,
    Joined,
    Left,
    Deleted,
    Purged,
    PatientAdded,
    PatientEdited,
    PatientMerged,
}

/// One entry of the log of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// From 1, without gaps.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// To which visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<u64>,
    /// To which patient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient: Option<u64>,
}
