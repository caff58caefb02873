//! Exception items: what people do about a cause, by when, and whom it goes to when they do not.
//!
//! A cause is what is observed: it is open while it stops visits and closes when it stops none. An item stands beside
//! it and follows it. People acknowledge it, put it off or say that it is resolved; none of that closes it.

mod item;
mod queue_use;

pub use item::{Asked, Follows, Handling, Item, Move, MoveKind, Situation, Told};
pub use queue_use::{Lasted, QueueUse, half_closed};
