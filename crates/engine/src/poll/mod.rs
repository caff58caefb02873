//! Reading sources by asking: one engine for every vendor that is polled.
//!
//! A row of the store says of each integration what was read, and when what is due ([`domain::polling`]). A task claims
//! rows that are due, each for the time of a lease, so that of several processes one reads; it asks the reader for a
//! page and hands bytes, records, cursor and coverage to the scribe in one piece of work. What is asked of whom how
//! often is the profile's; who speaks to the vendor is a connector's ([`SourceReader`]).

mod census;
mod claim;
mod failure;
mod filed;
mod kept;
mod listed;
mod meter;
mod pace;
mod page;
mod reader;
mod reading;
mod removed;
mod runner;
mod sheets;
mod single;
mod work;

pub use meter::{LATE_SECS, ReadMeasures};
pub use reader::{
    Ask, Capabilities, Failure, FileList, Filed, Heard, Knock, LEASE_SECS, Next, NoReaders, One, Pace, Page,
    PatientWanted, Problem, Readers, Sheet, SourceReader, Window,
};

pub(crate) use failure::told;
pub(crate) use kept::{HowRead, reading_of_old};
pub(crate) use listed::Reading;
pub(crate) use meter::ReadMeter;
pub(crate) use pace::{Governor, scope};
pub(crate) use page::WINDOW_FEED;
pub(crate) use removed::remove;
pub(crate) use runner::{ReaderShelf, places, poll_sources};
pub(crate) use sheets::{Storing, take_sheets};
pub(crate) use single::{keep_one_now, keep_patient_now};
