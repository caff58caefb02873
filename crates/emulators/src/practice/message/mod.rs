//! The messages that the system sends, written as its vendor would have written them.

mod adt;
mod header;
mod patient;
mod siu;
mod trigger;

pub(super) use adt::adt;
pub(super) use siu::{VisitParts, siu};
pub(super) use trigger::Trigger;

use jiff::Timestamp;
use jiff::civil::DateTime;

/// What one message is stamped with.
#[derive(Clone, Debug)]
pub(super) struct Stamped {
    /// When it was made.
    pub(super) at: Timestamp,
    /// What the system's clock showed: the same, unless the clock is wrong.
    pub(super) shown: Timestamp,
    /// MSH-10.
    pub(super) control_id: String,
}

/// A local time to the minute, without offset: what a system of this kind sends.
fn minute(time: DateTime) -> String {
    time.strftime("%Y%m%d%H%M").to_string()
}

/// A local time to the second.
fn second(time: DateTime) -> String {
    time.strftime("%Y%m%d%H%M%S").to_string()
}

/// A local time to the millisecond.
fn millisecond(time: DateTime) -> String {
    time.strftime("%Y%m%d%H%M%S%.3f").to_string()
}
