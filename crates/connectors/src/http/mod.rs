//! Calling others over HTTP: one client for webhooks, for reading from practice systems and for the command line.

mod address;
mod client;
mod resolver;

pub use address::AddressPolicy;
pub use client::{HttpAnswer, HttpClient, Trouble};
