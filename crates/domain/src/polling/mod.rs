//! Reading a source by asking: what is remembered of it, when it is due, and what counts as removed. Pure: `now` is an
//! argument; the engine does the asking.

mod pace;
mod removal;
mod state;
mod timetable;

pub use pace::PaceState;
pub use removal::{Absent, Guard, Missing, Ruled};
pub use state::{Asked, Census, FeedState, PollState, ReadKind, Sweep, Trouble};
pub use timetable::{Span, Timetable};
