//! FHIR R4: resources of a server, of a file or handed in over HTTP, into records.
//!
//! Facts: FHIR R4 (4.0.1) §13.11 Appointment, §8.1 Patient, §2.36 Bundle. Where servers differ, the source profile says
//! how ([`domain::profile::FhirRules`]). What is not read here is not lost: the envelope keeps the bytes.

mod actors;
mod appointment;
mod backfill;
mod bundle;
mod chunks;
mod decode;
mod intake;
mod patient;
mod problem;
mod rest;
mod series;
mod terms;
mod timing;

pub use actors::Included;
pub use appointment::{decode_appointment, removed_appointment};
pub use backfill::{BackfillError, BackfillOptions, BackfillProgress, take_over};
pub use bundle::{DecodedBundle, DecodedEntry, decode_bundle};
pub use decode::{Decoded, decode_resource};
pub(crate) use intake::read_again;
pub use intake::{Answered, FhirIntake};
pub use patient::decode_patient;
pub use problem::Problem;
pub(crate) use rest::{again, reader};
pub use terms::Terms;
