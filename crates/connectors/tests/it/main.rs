//! The connectors from outside, on real sockets, with a real engine and store behind them.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod athenahealth;
mod carecloud;
mod drchrono;
mod fhir;
mod files;
mod framing;
mod kareo;
mod malformed;
mod prime;
mod sekmet;
mod twin;
mod world;
