//! The shared store: PostgreSQL, for any number of processes side by side.
//!
//! A writer's changes are collected and sent in one go, table by table, when the batch is committed or when the batch
//! itself asks for something they would change. Two batches may be open at the same time on different nodes:
//!
//! * Whoever replaces an appointment or a patient names the revision that was read. If somebody was faster, the batch
//!   fails with a conflict and is done anew.
//! * What a batch decides on the ground of the set-up or of a patient cannot change under it: it holds locks on both
//!   until its end, so that whoever changes them afterwards finds everything that waits for the change.
//! * Due cards, timers and changed facts that one open batch has in hand are passed over by others.

mod ahead;
mod appointments;
mod audit;
mod batch;
mod bells;
mod causes;
mod checks;
mod connection;
mod coverage;
mod envelopes;
mod error;
mod events;
mod exceptions;
mod feedback;
mod here;
mod holders;
mod latest_batch;
mod ledger;
mod locks;
mod merged;
mod notices;
mod open;
mod outbox;
mod patience;
mod patients;
mod pending;
mod polls;
mod porter;
mod queue_use;
mod session;
mod setup;
mod shape;
mod statistics;
mod tokens;
mod undecided;
mod values;
mod waits;

pub use open::PostgresStore;
#[cfg(feature = "sqlite")]
pub(crate) use {
    connection::{Link, Server, wait},
    error::store_error,
};
