//! A FHIR R4 server that we did not write: `sekmet` of the Python package `sekmet-fhir`, started by each test, with
//! SMART Backend Services at its door and rest-hook subscriptions. A desk changes visits at random; in the end both
//! sides hold the same.

mod desk;
mod hooks;
mod server;
mod walk;
mod world;
