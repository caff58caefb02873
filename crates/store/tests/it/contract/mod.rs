//! What every backend promises, one file an aggregate.

mod appointments;
mod audit;
mod batches;
mod causes;
mod checks;
mod coverage;
mod edges;
mod envelopes;
mod events;
mod exceptions;
mod feedback;
mod isolation;
mod ledger;
mod notices;
mod outbox;
mod patients;
mod polls;
mod promises;
mod queue_use;
mod setup;
mod tokens;
pub(crate) mod undecided;
mod waits;
