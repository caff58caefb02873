//! Taking records in: what we held plus what an envelope says gives what we hold now. Pure, and indifferent to order
//! and repetition.

mod appointment;
mod patient;

pub use appointment::{Arrival, Merged, Novelty, merge_appointment};
pub use patient::{forget_absent, merge_patient};
