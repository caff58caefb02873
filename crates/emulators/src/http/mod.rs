//! What both twins need of HTTP: serving a router on a listener, and answering with pages, JSON and problems.

mod answer;
mod server;

pub(crate) use answer::{Problem, created, page, read_json, see_other, stylesheet};
pub(crate) use server::{HangUp, Server};
