//! The embedded store: one SQLite file with a write-ahead log that is synced before anybody hears of a batch. One
//! writer at a time, readers on connections of their own.

mod appointments;
mod audit;
mod causes;
mod checkpoint;
mod checks;
mod coverage;
mod envelopes;
mod events;
mod exceptions;
mod feedback;
mod ledger;
mod notices;
mod open;
mod outbox;
mod patients;
mod polls;
mod queue_use;
mod room;
mod session;
mod setup;
mod space;
mod statements;
mod sync;
mod tokens;
mod undecided;
mod values;
mod waits;

#[cfg(feature = "postgres")]
pub(crate) use open::session_error;
pub use open::{SqliteOptions, SqliteStore};
pub use space::{Space, leave_memory};
