//! Reading a source by asking: a scripted practice system, the engine on one thread, and a clock that goes with the
//! runtime's paused time.

pub(crate) mod diary;
mod failures;
mod gaps;
mod removal;
mod together;
pub(crate) mod world;
