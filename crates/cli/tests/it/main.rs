//! The real binary on real sockets.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
#![expect(clippy::print_stdout, reason = "what was measured is told")]

mod bells;
mod browser;
mod carrier;
mod commands;
mod configuration;
mod demo;
mod emulate;
mod healing;
mod kill_nine;
mod mllp_send;
mod nodes;
mod readiness;
mod service;
mod store_copy;
mod support;
