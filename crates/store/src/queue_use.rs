//! How the queue of a practice is used: counted by day, never by person.

use crate::Result;
use domain::exception::QueueUse;
use domain::ids::PracticeNo;

/// How often something was done with the queue on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseRow {
    /// The day at the practice, as days since 1970-01-01.
    pub day: i32,
    /// What was done.
    pub what: QueueUse,
    /// How often.
    pub count: u64,
}

/// Reading how a queue is used.
pub trait UseReads {
    /// What was counted from a day on, in order of day and kind.
    fn queue_use(&mut self, practice: PracticeNo, since: i32) -> Result<Vec<UseRow>>;
}

/// Counting it.
pub trait UseWrites {
    /// Adds to the counts of a day.
    fn add_use(&mut self, practice: PracticeNo, day: i32, counts: &[(QueueUse, u64)]) -> Result<()>;

    /// Removes the counts of before a day.
    fn forget_use(&mut self, practice: PracticeNo, before: i32) -> Result<()>;
}
