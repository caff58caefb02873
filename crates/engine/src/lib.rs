//! What happens when: messages are taken in, decided on and delivered; facts change and visits heal; people ask and get
//! answers.
//!
//! The engine knows ports, not protocols: connectors hand it records and carry its deliveries, the store keeps what it
//! says, `domain` decides. All changes go through one place, the [`scribe`], in batches that are durable before anyone
//! is told.

pub mod backfill;
mod checks;
pub mod decide;
pub mod deliver;
mod engine;
mod error;
mod events;
mod exceptions;
mod ids;
pub mod ingest;
pub mod notify;
pub mod ops;
pub mod poll;
pub mod ports;
pub mod rejudge;
pub mod scribe;
pub mod setup;
mod shares;
mod tasks;

pub use crate::engine::{Duty, Engine, EngineOptions, Running, Sweeps, Threads};
pub use error::{Error, Result};
pub use ids::IdSource;
pub use notify::{NoticeOptions, keep_notices};
pub use tasks::{Stop, keep_retention};
