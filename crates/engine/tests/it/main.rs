//! The engine from outside, with everything it needs of the world in its simplest form.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod checks;
mod door;
mod notes;
mod polling;
mod queue;
mod setup;
mod views;
