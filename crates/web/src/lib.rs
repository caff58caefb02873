//! What people and programs see: the API under `/api/v1`, the console, and what monitoring asks for.
//!
//! API and console share one router, one auth layer and one way of telling what went wrong, so that nothing can be
//! reachable on one side that the other side guards. A route cannot be added without saying who may use it
//! ([`Access`]); whoever is confined to a practice finds nothing of others (404), and what a role may not do in its own
//! practice is refused (403).
//!
//! Nothing is decided here: every call ends in a use case of [`engine::ops`].

mod api;
mod app;
mod assets;
mod auth;
mod console;
mod failure;
mod health;
mod judging;
mod meter;
mod options;
mod route;
mod router;
mod serve;
mod shell;

pub use api::openapi::document as openapi;
pub use auth::{Access, Action, OneTimeLogin};
pub use options::{Limits, WebOptions};
pub use route::{Route, Subject, Surface};
pub use router::{router, routes};
pub use serve::serve;
