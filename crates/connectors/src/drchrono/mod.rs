//! Reading visits from DrChrono's API, version 4.
//!
//! Facts: the vendor's published description and prose, and code that runs against the vendor. A list wants a date
//! filter, comes by the scheduled time and not by the change, and has opaque cursors; times are naive, those of visits
//! by the provider's clock and those of changes by a clock that nobody names; deleted rows show with `show_archived`
//! only; occurrences of a series exist on reading only until somebody touches them. What follows from each is told
//! beside the code that bears it; docs/systems/drchrono.md says what is confirmed and what is inferred.

mod again;
mod answer;
mod auth;
mod hook;
mod names;
mod patients;
mod place;
mod reader;
mod rules;
mod search;
mod visits;

pub(crate) use again::again;
pub(crate) use reader::reader;
