//! Whom we talk to: one folder a protocol or vendor.
//!
//! Connectors speak; they do not decide. A source connector turns what arrives into records and hands them to the
//! engine; a platform connector carries cards and brings the answer back.

mod again;
mod athenahealth;
mod carecloud;
mod drchrono;
pub mod fhir_r4;
mod files;
mod greenway_prime_suite;
pub mod hl7v2;
mod hs1;
pub mod http;
mod kareo;
mod loose;
pub mod mail;
pub mod post;
mod readers;
mod recurrence;
pub mod rest;
pub mod sms;
pub mod webhook;

pub use again::ReadAgain;
pub use readers::VendorReaders;
