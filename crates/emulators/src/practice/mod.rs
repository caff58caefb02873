//! An emulated practice system: a front desk's diary that tells its changes by HL7 v2 over MLLP.
//!
//! [`Practice`] is the system without its sockets: providers, visit types, patients, visits, and the messages that
//! every change queues. [`Practice::start`] gives it a site for the desk, a control plane under `/_twin/`, and a
//! connection on which the messages go out one by one, each until it is answered.
//!
//! It behaves like an ambulatory system of the usual kind: every message carries the whole visit, times are local and
//! without offset, statuses are the vendor's words, MSH-7 and MSH-10 rise, and a message that gets no answer is sent
//! again as it was, under the same control id.

pub mod believable;
mod control;
mod desk;
mod faults;
mod handle;
mod link;
mod message;
mod model;
mod options;
mod queue;
mod refusal;
mod requests;
mod shared;
mod site;
mod stamps;
mod status;
mod system;

pub use faults::PracticeFault;
pub use handle::PracticeHandle;
pub use model::{Clinic, Department, Patient, PatientField, Provider, Staff, Visit, VisitType};
pub use options::{PracticeOptions, Shape};
pub use queue::{Answer, Message, MessageState};
pub use refusal::Refusal;
pub use requests::{Booking, Change, LocalTime, PatientEdit};
pub use status::Status;
pub use system::Practice;

/// The names under which this twin is asked for: systems that are known to push HL7 v2, or to stand behind an engine
/// that does, and the format itself.
pub const VENDORS: [&str; 3] = ["hl7v2", "kareo", "greenway-intergy"];
