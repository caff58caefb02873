//! Reading sources by asking: one engine for every vendor that is polled.

mod reader;

pub use reader::{
    Ask, Capabilities, Failure, LEASE_SECS, Next, NoReaders, One, Pace, Page, Problem, Readers, Sheet, SourceReader,
    Window,
};
