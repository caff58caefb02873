//! The store from outside: one contract that every backend passes, and what is true of single backends only.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod backends;
mod contract;
mod everything;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod history;
mod migrations;
#[cfg(feature = "postgres")]
mod postgres;
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;
