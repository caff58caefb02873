//! What is true: the model, time, statuses, profiles, gates and decisions of Punctual.
//!
//! No IO, no async, no clock, no randomness: `now` is an argument, and everything a rule may look at is in a
//! [`gates::Snapshot`]. The engine loads, this crate decides, the engine acts.

pub mod checks;
pub mod decide;
pub mod exception;
pub mod explain;
pub mod gates;
pub mod ids;
pub mod ledger;
pub mod matching;
pub mod merge;
pub mod model;
pub mod notice;
pub mod phi;
pub mod polling;
pub mod profile;
pub mod reasons;
pub mod setup;
pub mod status;
pub mod text;
pub mod time;

pub use phi::Phi;
pub use text::Text;
