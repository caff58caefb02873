//! The twins from outside, on real sockets.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod believable;
mod desk;
mod link;
mod messages;
mod platform_faults;
mod platform_hook;
mod practice_site;
mod signature;
mod support;
mod vendors;
