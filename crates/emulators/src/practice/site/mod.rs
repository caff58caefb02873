//! The site for the desk: server-rendered pages and forms that work without scripts.

mod booking;
mod diary;
mod messages;
mod patient;
mod types;
mod view;
mod visit;

use crate::http::{page, see_other, stylesheet};
use crate::practice::shared::{Room, Shared};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// What every handler gets.
type Desk = State<Arc<Shared>>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(diary::show))
        .route("/visits/new", get(booking::show))
        .route("/visits", post(booking::book))
        .route("/visits/{id}", get(visit::show))
        .route("/visits/{id}/move", post(visit::move_to))
        .route("/visits/{id}/change", post(visit::change))
        .route("/visits/{id}/cancel", post(visit::cancel))
        .route("/visits/{id}/no-show", post(visit::no_show))
        .route("/visits/{id}/delete", post(visit::delete))
        .route("/patients", get(patient::list))
        .route("/patients", post(patient::add))
        .route("/patients/new", get(patient::blank))
        .route("/patients/{id}", get(patient::show))
        .route("/patients/{id}", post(patient::save))
        .route("/types", get(types::show))
        .route("/types/{id}", post(types::rename))
        .route("/messages", get(messages::list))
        .route("/messages/{control_id}", get(messages::show))
        .route("/messages/{control_id}/again", post(messages::again))
        .route("/assets/twin.css", get(async || stylesheet(include_str!("../../../assets/twin.css"))))
        .fallback(missing)
        .with_state(shared)
}

/// What stands around every page.
pub(super) struct Frame {
    clinic: String,
    zone: String,
    now: String,
    here: &'static str,
    said: Option<&'static str>,
    error: Option<String>,
    line: String,
    waiting: usize,
}

impl Frame {
    fn of(room: &Room, now: Timestamp, here: &'static str) -> Frame {
        let clinic = room.practice.clinic();
        let line = match (room.line.address, room.line.is_open) {
            (None, _) => "not set up".to_owned(),
            (Some(address), true) => format!("connected with {address}"),
            (Some(address), false) => format!("no connection with {address}"),
        };
        Frame {
            clinic: clinic.name.clone(),
            zone: clinic.zone_name.clone(),
            now: clinic.local(now).strftime("%A %-d %B %Y, %H:%M").to_string(),
            here,
            said: None,
            error: None,
            line,
            waiting: room.practice.queue.waiting(),
        }
    }

    fn saying(self, query: &Said) -> Frame {
        Frame { said: query.sentence(), ..self }
    }

    fn with_error(self, error: Option<String>) -> Frame {
        Frame { error, ..self }
    }
}

/// What was done by the form before this page.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    said: Option<String>,
}

impl Said {
    fn sentence(&self) -> Option<&'static str> {
        Some(match self.said.as_deref()? {
            "booked" => "The visit is booked.",
            "moved" => "The visit is moved.",
            "changed" => "The change is saved.",
            "cancelled" => "The visit is called off.",
            "no_show" => "It is noted that nobody came.",
            "deleted" => "The visit is taken out of the diary.",
            "saved" => "The record is saved.",
            "added" => "The patient is added.",
            "renamed" => "The visit type is renamed.",
            "again" => "The message goes out again.",
            "unchanged" => "Nothing was changed.",
            _ => return None,
        })
    }
}

/// Back to a page, with a word about what was done.
fn back_to(path: &str, said: &str) -> Response {
    see_other(&format!("{path}?said={said}"))
}

/// The word for a change that told something, or nothing.
fn word<'w>(told: &[String], word: &'w str) -> &'w str {
    if told.is_empty() { "unchanged" } else { word }
}

#[derive(Template)]
#[template(path = "practice/missing.html")]
struct MissingPage {
    frame: Frame,
}

async fn missing(State(desk): Desk) -> Response {
    nothing_here(&desk)
}

fn nothing_here(desk: &Shared) -> Response {
    let now = desk.clock.now();
    let frame = desk.look(|room| Frame::of(room, now, ""));
    page(StatusCode::NOT_FOUND, MissingPage { frame }.render())
}
