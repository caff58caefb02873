//! Worlds by the hundred, the same worlds twice, and planted faults that must be noticed.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod found;
mod mutants;
mod seeds;
mod twice;
