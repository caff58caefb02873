//! Reading visits from CareCloud's API, version 2: windows of days, page by page, compared with what is held.
//!
//! What is known of this API comes from clients that run against it or its sandbox; the vendor's own pages could not be
//! read. Seen there: the token endpoint with `Basic`, the wrapped list, days as `YYYYMMDD`, who is in a record. Not
//! seen: any filter by change, webhooks, a read of one visit, how pages are told, limits. Our own choice where nothing
//! is known: `Link` pages (RFC 8288), and that the answer's status alone decides ([`crate::rest::failure`]).
//!
//! Nothing is asked for changes, for there is no such question: the windows are read again and again, and the engine
//! writes down what differs. A record's `updated_at` is not relied upon, for the same reason.

mod again;
mod names;
mod people;
mod place;
mod reader;
mod token;
mod value;
mod visit;

pub(crate) use again::again;
pub(crate) use reader::reader;
