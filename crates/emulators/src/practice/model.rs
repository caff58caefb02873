//! What a practice system holds: plain rows, as its vendor would have them.

use crate::practice::Status;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeSet;

/// The clinic that the system belongs to.
#[derive(Clone, Debug)]
pub struct Clinic {
    /// As people call it.
    pub name: String,
    /// MSH-4: who the messages come from.
    pub facility: String,
    /// MSH-3: which system they come from.
    pub application: String,
    /// Where its clocks hang.
    pub zone: TimeZone,
    /// The zone's IANA name.
    pub zone_name: String,
}

impl Clinic {
    /// An instant as the clinic's clocks show it.
    #[must_use]
    pub fn local(&self, instant: Timestamp) -> DateTime {
        self.zone.to_datetime(instant)
    }

    /// The instant of a local time. One that the clocks skip is moved on by what they skip; of one that comes twice
    /// the first is meant.
    #[must_use]
    pub fn instant(&self, local: DateTime) -> Timestamp {
        self.zone.to_ambiguous_timestamp(local).compatible().unwrap_or(Timestamp::MAX)
    }
}

/// Somebody whom patients can be booked with.
#[derive(Clone, Debug, Serialize)]
pub struct Provider {
    /// The system's id.
    pub id: String,
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Degree, behind the name.
    pub degree: String,
}

impl Provider {
    /// The name as on the door.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}, {}", self.given, self.family, self.degree)
    }
}

/// Somebody who works at the desk.
#[derive(Clone, Debug, Serialize)]
pub struct Staff {
    /// The system's id.
    pub id: String,
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
}

/// A department with the room its visits are booked in.
#[derive(Clone, Debug, Serialize)]
pub struct Department {
    /// The system's id.
    pub id: String,
    /// As people call it.
    pub name: String,
    /// The room.
    pub room: String,
}

/// A kind of visit.
#[derive(Clone, Debug, Serialize)]
pub struct VisitType {
    /// The system's id.
    pub id: String,
    /// The name, as staff typed it.
    pub name: String,
    /// How long such a visit takes.
    pub minutes: u16,
    /// The department such visits are booked in.
    pub department: String,
}

/// A field of a patient's record that can be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PatientField {
    /// Date of birth.
    BirthDate,
    /// The address.
    Address,
    /// The telephone number.
    Phone,
    /// The mobile number.
    Mobile,
    /// The e-mail address.
    Email,
}

/// A patient's record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Patient {
    /// The system's id.
    pub id: String,
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: String,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// `F`, `M`, `O` or `U`.
    pub sex: String,
    /// Street and number.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Telephone at home.
    pub phone: Option<String>,
    /// Mobile telephone.
    pub mobile: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Language, as a code.
    pub language: String,
    /// What somebody emptied: messages say so by a null until there is a value again.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub removed: BTreeSet<PatientField>,
}

impl Patient {
    /// The name as the diary shows it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}, {}", self.family, self.given)
    }

    /// Which of the fields that can be emptied have a value.
    pub(super) fn present(&self) -> BTreeSet<PatientField> {
        let address = [&self.street, &self.city, &self.state, &self.postal_code];
        let fields = [
            (PatientField::BirthDate, self.birth_date.is_some()),
            (PatientField::Address, address.into_iter().any(Option::is_some)),
            (PatientField::Phone, self.phone.is_some()),
            (PatientField::Mobile, self.mobile.is_some()),
            (PatientField::Email, self.email.is_some()),
        ];
        fields.into_iter().filter_map(|(field, present)| present.then_some(field)).collect()
    }
}

/// A visit in the diary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Visit {
    /// The system's id: the source id of everything that follows from it.
    pub id: String,
    /// Whose.
    pub patient: String,
    /// With whom.
    pub provider: String,
    /// The kind of visit, by its id.
    #[serde(rename = "type")]
    pub visit_type: String,
    /// Where, by the department's id.
    pub department: String,
    /// When, by the clinic's clocks.
    pub start: DateTime,
    /// How long.
    pub minutes: u16,
    /// How it stands.
    pub status: Status,
    /// What the patient comes for.
    pub reason: String,
    /// A note of the desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why it was called off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called_off: Option<String>,
    /// When it was entered.
    pub booked_at: Timestamp,
    /// Who entered it, by the staff member's id.
    pub entered_by: String,
}

impl Visit {
    /// When it ends.
    #[must_use]
    pub fn end(&self) -> DateTime {
        self.start.saturating_add(jiff::SignedDuration::from_mins(i64::from(self.minutes)))
    }
}
