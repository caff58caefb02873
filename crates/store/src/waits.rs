//! What appointments wait for, and facts that changed.

use crate::Result;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;

/// Which appointments a changed fact concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WakeScope {
    /// Those that wait for it.
    Waiting,
    /// Those, and every one still to come: the change may also stop what passed until now.
    Upcoming,
}

impl WakeScope {
    /// The stored number.
    pub const fn number(self) -> u8 {
        match self {
            WakeScope::Waiting => 0,
            WakeScope::Upcoming => 1,
        }
    }

    /// Reads the stored number back.
    pub const fn from_number(number: u8) -> WakeScope {
        if number == 0 { WakeScope::Waiting } else { WakeScope::Upcoming }
    }
}

/// A fact that changed, kept until every appointment under it has been decided again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredRow {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub integration: IntegrationKey,
    /// The wake key as text.
    pub wake_key: Text,
    /// Which appointments it concerns.
    pub scope: WakeScope,
    /// What happened, in words.
    pub why: Text,
    /// When.
    pub at: Moment,
    /// How far it has been worked off: the last source id (waiting), or start and source id (upcoming).
    pub after: Option<Text>,
}

/// Reading what waits.
pub trait WaitReads {
    /// Appointments under a wake key, in order of source id.
    fn waiting(
        &mut self,
        integration: IntegrationKey,
        wake_key: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Text>>;

    /// Appointments whose instant has come, earliest first.
    fn timers_due(&mut self, now: Moment, limit: usize) -> Result<Vec<(Moment, AppointmentKey)>>;

    /// The earliest instant that somebody waits for.
    fn next_timer(&mut self) -> Result<Option<Moment>>;

    /// Facts that changed and are not worked off, oldest first.
    fn fired(&mut self, limit: usize) -> Result<Vec<FiredRow>>;
}

/// Changing what waits.
pub trait WaitWrites {
    /// The appointment waits for the fact.
    fn put_wait(&mut self, key: &AppointmentKey, wake_key: &str) -> Result<()>;

    /// It waits for it no longer.
    fn delete_wait(&mut self, key: &AppointmentKey, wake_key: &str) -> Result<()>;

    /// The appointment waits for the instant.
    fn put_timer(&mut self, key: &AppointmentKey, due_at: Moment) -> Result<()>;

    /// It waits for it no longer.
    fn delete_timer(&mut self, key: &AppointmentKey, due_at: Moment) -> Result<()>;

    /// A fact changed.
    fn fire(
        &mut self,
        integration: IntegrationKey,
        wake_key: &str,
        scope: WakeScope,
        why: &str,
        at: Moment,
    ) -> Result<()>;

    /// It has been worked off up to here; `None`: wholly.
    fn advance_fired(&mut self, id: i64, after: Option<&str>) -> Result<()>;
}
