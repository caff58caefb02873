//! Causes: all appointments of an integration stopped by the same reason and subject; what a person fixes once.

use crate::Result;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;

/// One appointment's share in a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Why.
    pub reason: Reason,
    /// What about.
    pub subject: Text,
}

/// A cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseRow {
    /// Its id in the API.
    pub id: Text,
    /// Whose.
    pub integration: IntegrationKey,
    /// Why.
    pub reason: Reason,
    /// What about.
    pub subject: Text,
    /// How many appointments it stops now.
    pub count: u64,
    /// How many of them have not begun at the moment asked about: those that can still be saved.
    pub coming: u64,
    /// When the first one was stopped.
    pub opened_at: Moment,
    /// The earliest start among them that is not before the moment asked about.
    pub next_start: Option<Moment>,
    /// When the last one was released.
    pub closed_at: Option<Moment>,
}

/// The id of a cause: the same on every node, telling nothing of the subject.
pub fn cause_id(integration: IntegrationKey, reason: Reason, subject: &str) -> Text {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&integration.practice.0.to_le_bytes());
    hasher.update(&integration.integration.to_le_bytes());
    hasher.update(&reason.number().to_le_bytes());
    hasher.update(subject.as_bytes());
    Text::from(format!("cau_{}", &hasher.finalize().to_hex()[..16]))
}

/// Reading causes.
pub trait CauseReads {
    /// Open causes of an integration: those that stop most visits still to come first, then those that stop most.
    fn open_causes(&mut self, integration: IntegrationKey, now: Moment, limit: usize) -> Result<Vec<CauseRow>>;

    /// One cause by its id.
    fn cause(&mut self, id: &str, now: Moment) -> Result<Option<CauseRow>>;

    /// Appointments under a cause, in order of source id.
    fn stopped_by(
        &mut self,
        integration: IntegrationKey,
        stop: &Stop,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Text>>;
}

/// Changing causes.
pub trait CauseWrites {
    /// The appointment is stopped. `true` when this opened the cause.
    fn put_stop(&mut self, key: &AppointmentKey, stop: &Stop, start: Option<Moment>, now: Moment) -> Result<bool>;

    /// It is stopped by this no longer. `true` when this closed the cause.
    fn delete_stop(&mut self, key: &AppointmentKey, stop: &Stop, now: Moment) -> Result<bool>;
}
