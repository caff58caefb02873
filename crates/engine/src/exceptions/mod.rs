//! Exception items: kept beside the causes that are open, looked at when their time comes, and told of.
//!
//! What is open is observed: stops of visits, and what is wrong with a feed as a whole. An item follows it. A bell says
//! where causes changed; a sweep over all integrations is the truth.

mod counted;
mod keep;
mod mind;
mod seen;

pub(crate) use counted::{count_asked, count_use, today};
pub(crate) use keep::{follow, item_of, put};
pub(crate) use mind::mind_exceptions;
pub(crate) use seen::{Seen, cause_seen, causes_seen, situation};
