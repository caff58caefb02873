//! The console: pages made on the server, which work without scripts. One file a page, with its template under
//! `templates/pages/`.
//!
//! Nothing that a person types is ever part of a URL: what is searched for goes by POST. Ids of visits are.

pub(crate) mod appointments;
pub(crate) mod audit;
pub(crate) mod case;
pub(crate) mod cause;
pub(crate) mod causes;
pub(crate) mod checks;
pub(crate) mod envelope;
pub(crate) mod feedback;
pub(crate) mod gates;
pub(crate) mod integrations;
pub(crate) mod live;
pub(crate) mod login;
pub(crate) mod patient;
pub(crate) mod patients;
pub(crate) mod purpose;
pub(crate) mod reasons;
pub(crate) mod redrive;
pub(crate) mod rejudged;
pub(crate) mod search;
pub(crate) mod statuses;
pub(crate) mod systems;
pub(crate) mod today;
pub(crate) mod unrouted;
pub(crate) mod users;

mod answer;
mod chip;
mod clock;
mod failure;
mod form;
mod frame;
mod markdown;
mod url;
mod visit;

pub(crate) use chip::Chip;
pub(crate) use clock::Clock;
pub(crate) use failure::failure_page;
pub(crate) use form::PageForm;
pub(crate) use frame::{Frame, Nav, Notice, page};
