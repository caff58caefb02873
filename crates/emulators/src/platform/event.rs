//! What an event says, as the published contract describes it. Fields that the platform does not use are ignored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The statuses of the contract.
const STATUSES: [&str; 13] = [
    "proposed",
    "booked",
    "confirmed",
    "checked_in",
    "in_progress",
    "completed",
    "cancelled_by_patient",
    "cancelled_by_provider",
    "cancelled",
    "no_show",
    "rescheduled",
    "entered_in_error",
    "removed",
];

/// An event of any kind.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(rename = "timestamp")]
    _timestamp: Timestamp,
    data: Value,
}

/// What an event about an appointment carries.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct AppointmentData {
    pub(super) integration: String,
    pub(super) source_id: String,
    pub(super) version: u32,
    pub(super) card: CardData,
}

/// A card as it is sent.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct CardData {
    pub(super) tab: String,
    pub(super) status: String,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    #[serde(default)]
    pub(super) time_zone: Option<String>,
    #[serde(default, rename = "type")]
    pub(super) visit_type: Option<VisitType>,
    #[serde(default)]
    pub(super) modality: Option<String>,
    #[serde(default)]
    pub(super) provider: Option<Provider>,
    pub(super) participants: Vec<Participant>,
    #[serde(default)]
    pub(super) test: bool,
}

/// The type on a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct VisitType {
    /// The source's id.
    #[serde(default)]
    pub id: Option<String>,
    /// The name as the clinic writes it.
    #[serde(default)]
    pub name: Option<String>,
}

/// The provider on a card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Provider {
    /// The source's id.
    #[serde(default)]
    pub source_id: Option<String>,
    /// The platform's own id.
    #[serde(default)]
    pub platform_id: Option<String>,
    /// As the practice calls them.
    #[serde(default)]
    pub name: Option<String>,
}

/// A person on a card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Participant {
    /// The source's id; people whom the platform added have none.
    #[serde(default)]
    pub source_id: Option<String>,
    /// The platform's account.
    #[serde(default)]
    pub platform_id: Option<String>,
    /// Full name.
    #[serde(default)]
    pub name: Option<String>,
    /// The address that is the login.
    #[serde(default)]
    pub email: Option<String>,
    /// This person's own status.
    #[serde(default)]
    pub status: Option<String>,
    /// `source` or `platform`.
    #[serde(default)]
    pub origin: Option<String>,
}

/// What cannot be understood, as a code for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("body_unreadable")]
    Body,
    #[error("data_unreadable")]
    Data,
    #[error("source_id_empty")]
    SourceId,
    #[error("status_unknown")]
    Status,
    #[error("tab_unknown")]
    Tab,
    #[error("tab_contradicts_status")]
    TabContradicts,
    #[error("end_before_start")]
    EndBeforeStart,
}

impl Event {
    pub(super) fn read(body: &[u8]) -> Result<Event, Malformed> {
        serde_json::from_slice(body).map_err(|_| Malformed::Body)
    }

    /// What it says about an appointment; `None` for events about other things.
    pub(super) fn appointment(&self) -> Result<Option<AppointmentData>, Malformed> {
        if !self.kind.starts_with("appointment.") {
            return Ok(None);
        }
        let data = AppointmentData::deserialize(&self.data).map_err(|_| Malformed::Data)?;
        data.check()?;
        Ok(Some(data))
    }
}

impl AppointmentData {
    /// The visit it is about, without checking anything: for faults that strike before a signature is looked at.
    pub(super) fn peek(body: &[u8]) -> Option<String> {
        let value: Value = serde_json::from_slice(body).ok()?;
        value.pointer("/data/source_id")?.as_str().map(str::to_owned)
    }

    fn check(&self) -> Result<(), Malformed> {
        let card = &self.card;
        if self.source_id.is_empty() || self.integration.is_empty() {
            return Err(Malformed::SourceId);
        }
        if !STATUSES.contains(&card.status.as_str()) {
            return Err(Malformed::Status);
        }
        if !matches!(card.tab.as_str(), "upcoming" | "past") {
            return Err(Malformed::Tab);
        }
        if card.tab == "upcoming" && card.is_given_up() {
            return Err(Malformed::TabContradicts);
        }
        if card.start.zip(card.end).is_some_and(|(start, end)| end < start) {
            return Err(Malformed::EndBeforeStart);
        }
        Ok(())
    }
}

impl CardData {
    /// The visit is still to take place, or taking place.
    pub(super) fn is_on(&self) -> bool {
        matches!(self.status.as_str(), "proposed" | "booked" | "confirmed" | "checked_in" | "in_progress")
    }

    /// The visit will not take place, and nothing takes its place.
    pub(super) fn is_given_up(&self) -> bool {
        matches!(
            self.status.as_str(),
            "cancelled" | "cancelled_by_patient" | "cancelled_by_provider" | "entered_in_error" | "removed"
        )
    }
}
