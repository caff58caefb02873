//! The API: JSON in and out, one file a resource.
//!
//! # The description
//!
//! `/api/openapi.json` is made from the annotations at each handler and from the types in [`schema`], which mirror what
//! the engine's answers serialise to. They are types of their own, so that the engine stays free of anything to do with
//! HTTP and its description; the price is that the two could drift apart, so the tests check every answer they get
//! against the description, field by field.

mod body;
pub(crate) mod openapi;
pub(crate) mod params;
pub(crate) mod schema;
pub(crate) mod v1;

pub(crate) use body::JsonBody;
pub(crate) use params::Params;
