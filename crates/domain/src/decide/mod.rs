//! From a snapshot to a decision: all gates run, the verdict follows, and the card the platform should show is made
//! complete. From a decision and the state of its delivery to the verdict of this moment.

mod card;
mod decision;
mod delivery;
mod past;
mod verdict;

pub use card::{changed_parts, event_type};
pub use decision::{Decision, Judged, Judgement, PatientRead, Wish, decide, decide_without, judge_all};
pub use delivery::{Delivery, DeliveryState};
pub use past::{Past, past};
pub use verdict::{Verdict, settle};
