//! The set-up as it is used: rule sets and endpoints of every integration, rebuilt where they changed when the store's
//! epoch moves.

mod book;
mod endpoint;
mod reading;

pub(crate) use book::assemble;
pub use book::{Integration, SetupBook, SetupRegistry};
pub use endpoint::Endpoint;
pub use reading::Changed;
