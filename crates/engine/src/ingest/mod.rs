//! Taking messages in: stored as they came, understood as far as possible, decided on; acknowledged when they are
//! durable.

mod appointment;
mod left_behind;
mod lineage;
mod message;
mod patient;
mod porter;
mod rolling;
mod series;
mod subjects;
mod take_in;
mod under_way;

pub(crate) use message::digest;
pub use message::{Content, Incoming, Line, Receipt};
pub use store::EnvelopeFormat;
pub use take_in::{HandedIn, hand_in};

pub(crate) use appointment::{Heard, apply_appointment};
pub(crate) use left_behind::{LeftBehind, decide_left_behind};
pub(crate) use lineage::{Fresh, commit_paired, given_up_fact, retire, series_fact};
pub(crate) use patient::{PatientNews, apply_merge, apply_patient, wake_visits_of};
pub(crate) use porter::{Door, Porter};
pub(crate) use rolling::go_on;
pub(crate) use under_way::UnderWay;
