//! The web server from outside: a real engine on a real store, real HL7 v2 messages, real HTTP to a bound port.
//!
//! Every answer of the API that any test gets is checked against the published description, field by field
//! (`harness/schema.rs`).
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod access;
mod checks;
mod console;
mod contract;
mod documents;
mod errors;
mod exceptions;
mod harness;
mod live;
mod openapi;
mod operations;
mod pages;
mod past;
mod patients;
mod privacy;
mod rejudged;
mod systems;
