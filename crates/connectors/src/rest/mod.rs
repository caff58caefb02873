//! What readers of vendors' interfaces over HTTP share: asking in turn and within limits, what an answer means, and
//! access tokens.
//!
//! A connector keeps a [`Caller`] for one integration and, where the vendor gives out tokens, a [`TokenShelf`]. It
//! writes a [`Call`] for each question; [`Caller::send`] takes the turn, keeps the time limit and the size, and gives
//! back the answer, whatever its status. [`failure`] says which failure a status is.

mod answer;
mod caller;
mod origin;
mod query;
mod token;
mod words;

pub use answer::{failure, header, no_answer, server_time};
pub use caller::Outside;
pub use caller::{Call, Caller};
pub use origin::{is_same_origin, origin};
pub use query::{form, percent};
pub use token::{Grant, TokenShelf};
pub use words::{credentials, words};
