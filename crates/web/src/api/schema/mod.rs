//! What the engine's answers look like in JSON, for the description of the API only: nothing here is ever made. The
//! module [`crate::api`] says why these are types of their own.
#![allow(dead_code, reason = "the types are descriptions; only their schemas are used")]

mod appointment;
mod card;
mod cause;
mod check;
mod document;
mod envelope;
mod explanation;
mod feedback;
mod integration;
mod log;
mod patient;
mod problem;
mod reason;
mod rejudged;
mod statuses;
mod user;

pub(crate) use appointment::*;
pub(crate) use card::*;
pub(crate) use cause::*;
pub(crate) use check::*;
pub(crate) use document::*;
pub(crate) use envelope::*;
pub(crate) use explanation::*;
pub(crate) use feedback::*;
pub(crate) use integration::*;
pub(crate) use log::*;
pub(crate) use patient::*;
pub(crate) use problem::*;
pub(crate) use reason::*;
pub(crate) use rejudged::*;
pub(crate) use statuses::*;
pub(crate) use user::*;

/// An instant, RFC 3339 in UTC.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2026-11-21T15:04:05Z"))]
pub(crate) struct Moment(String);
