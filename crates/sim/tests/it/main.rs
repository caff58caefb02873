//! Worlds by the hundred, and the same worlds twice.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod seeds;
mod twice;
