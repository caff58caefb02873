//! Reading visits from a FHIR R4 server: changes by `_lastUpdated`, windows by `date`, single visits by id.
//!
//! Facts: FHIR R4 §3.1.0 (REST), §3.1.1 (search: paging by next-links, `_lastUpdated`, `_include`), HL7 SMART App
//! Launch 2.2 "Backend Services". What servers do differently is told beside the code that bears it.

mod again;
mod auth;
mod hook;
mod patients;
mod place;
mod reader;
mod token;

pub(crate) use again::again;
pub(crate) use reader::reader;
