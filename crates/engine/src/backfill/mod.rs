//! Taking over a whole diary: many visits of one file at a time, in one batch, kept in one envelope.
//!
//! It is the way of live messages with another door: the same merge, the same gates, the same rows. What differs is
//! that a chunk of lines shares an envelope, that a chunk or line which brings nothing new leaves nothing at all, and
//! that history is kept without being sent ([`domain::model::TakenOver`]).

mod chunk;
mod same;
mod work;

pub use chunk::{Chunk, ChunkLine, ChunkReport, Rejected};
pub use work::{Backfill, HandedChunk};
