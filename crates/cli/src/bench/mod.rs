//! Measuring this machine: the service as a child process on real sockets, loaded by senders in this one, beside a null
//! server that does no more than keep bytes, because only the ratio of the two says something about the program.

mod child;
mod growth;
mod messages;
mod null;
mod receiver;
mod sender;
mod size;
mod sources;
mod spread;

pub(crate) use child::Child;
pub(crate) use growth::{GrowthArgs, growth};
pub(crate) use messages::{Draw, document};
pub(crate) use null::{Keeping, null_server};
pub(crate) use receiver::{Arrivals, receive};
pub(crate) use sender::{Load, Sent, send};
pub(crate) use size::size;
pub(crate) use sources::{BackfillArgs, CadenceArgs, backfill, cadence};
pub(crate) use spread::{Spread, median};
