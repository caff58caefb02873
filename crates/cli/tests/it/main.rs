//! The real binary on real sockets.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
#![expect(clippy::print_stdout, reason = "what was measured is told")]

mod backfill;
mod bells;
mod browser;
mod carrier;
mod checked;
mod commands;
mod configuration;
mod conformance;
mod data_checks;
mod demo;
mod emulate;
mod events;
mod faults;
mod growth;
mod hanging;
mod healing;
mod kept_first;
mod mllp_send;
mod neighbours;
mod notices;
mod readiness;
mod service;
mod source_search;
mod sources;
mod store_copy;
mod support;
mod two_desks;
