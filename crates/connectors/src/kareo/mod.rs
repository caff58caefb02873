//! Reading visits from Kareo's (Tebra's) SOAP service, version 2.1.
//!
//! Facts: the vendor's technical guide, and a client checked against production. Members in another order than the
//! schema's are dropped without a word; errors come inside HTTP 200; an empty list is a row without an id; lists have
//! no pages, no e-mail address, no way of meeting and one patient only, so each row is completed by its detail; each
//! operation wants a gap of its own. docs/systems/kareo.md says what is confirmed and what is inferred.

mod again;
mod answer;
mod auth;
mod patients;
mod place;
mod reader;
mod rules;
mod soap;
mod times;
mod visits;
mod xml;

pub(crate) use again::again;
pub(crate) use reader::reader;
