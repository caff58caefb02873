//! Taking messages in: stored as they came, understood as far as possible, decided on, and only then acknowledged.

mod appointment;
mod lineage;
mod message;
mod patient;
mod rolling;
mod series;
mod take_in;

pub(crate) use message::digest;
pub use message::{Content, Incoming, Receipt};
pub use store::EnvelopeFormat;
pub use take_in::{HandedIn, hand_in};

pub(crate) use appointment::{Heard, apply_appointment};
pub(crate) use lineage::{Fresh, commit_paired, retire, series_fact};
pub(crate) use patient::{PatientNews, apply_merge, apply_patient, wake_visits_of};
pub(crate) use rolling::go_on;
