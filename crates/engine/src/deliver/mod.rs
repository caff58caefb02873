//! Delivery: making the platform's card equal to the wished one.
//!
//! A decision *wishes* for a card; the outbox remembers the wish; the courier carries it; the outcome comes back to the
//! scribe. A wish is born leased to the process that made it, so the first attempt needs no second commit. While a
//! lease lasts nobody else sends for that appointment, which keeps its versions in order; a newer wish replaces an
//! unsent one.

mod breaker;
mod claim;
mod courier;
mod enqueue;
mod outcome;
mod parcel;
mod payload;
mod portal;
mod schedule;

pub(crate) use claim::claim_visible;
pub(crate) use courier::{Courier, courier};
pub use courier::{CourierHandle, CourierOptions};
pub(crate) use enqueue::{card_of, clear_failure, enqueue, redrive, remind, resume, withdraw};
pub(crate) use outcome::{confirm_by_receipt, endpoint_is_gone};
pub use parcel::{Answer, Parcel};
pub use payload::{CardView, ParticipantCardView, card_view, payload};
pub(crate) use portal::{ToldThere, learn};
pub(crate) use schedule::next_attempt;
