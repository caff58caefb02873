//! Who asks, and what they may do. Deny by default: a route without an [`Access`] cannot be written, and a request
//! that nobody recognised reaches no handler but the open ones.

mod access;
mod guard;
mod once;
mod origin;
mod session;
mod who;

pub use access::{Access, Action};
pub use once::OneTimeLogin;

pub(crate) use access::{may_decide, may_link};
pub(crate) use guard::guard;
pub(crate) use origin::is_same_origin;
pub(crate) use session::{cleared, cookie, fresh};
pub(crate) use who::Who;
