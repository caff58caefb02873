//! The wire formats from outside: what other crates and other systems rely on.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod arbitrary;
mod mllp;
mod roundtrip;
mod siu;
