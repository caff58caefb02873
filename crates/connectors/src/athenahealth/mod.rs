//! athenaOne, read over the vendor's own REST interface (version 1): a changed feed that hands each change out once,
//! the booked window of each department, and single visits.
//!
//! What the vendor confirms, what is inferred and what is our own choice stands in docs/systems/athenahealth.md; its
//! words, events and limits in the profile.

mod access;
mod again;
mod feed;
mod hook;
mod place;
mod reader;
mod rows;
mod search;
mod words;

pub(crate) use again::again;
pub(crate) use reader::reader;
