//! Time as an argument: instants, the clinic's zone, business days, and the marks that rules measure against.
//!
//! Nothing here reads a clock. `now` is always handed in.

mod calendar;
mod marks;
mod moment;
mod zone;

pub use calendar::{Calendar, day_number, day_of_number};
pub(crate) use marks::months_later;
pub use marks::{TimeMarks, enters_horizon};
pub use moment::Moment;
pub use zone::{Placed, Placement, UnknownZone, Zone};
