//! Reading visits from Greenway Prime Suite's day sheet (`User/PatientListGet`).
//!
//! Facts: several public clients of the service. There is no list of changes, no read of one visit, no status field and
//! nothing that tells of a visit that was called off: windows are read again and again, and what is missing twice from
//! complete readings is gone. docs/systems/greenway-prime-suite.md says what is confirmed and what is inferred.

mod again;
mod answer;
mod asked;
mod reader;
mod rows;
mod rules;
mod times;

pub(crate) use again::again;
pub(crate) use reader::reader;
