//! The front desk of a vendor's twin: server-rendered pages and forms that work without scripts, under `/_twin/`.

mod pages;
mod visit;

use crate::diary::Refusal;
use crate::http::{page, see_other, stylesheet};
use crate::vendors::shared::{Room, Shared};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;

/// What every handler gets.
type Desk = State<Arc<Shared>>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_twin/", get(pages::diary))
        .route("/_twin", get(async || see_other("/_twin/")))
        .route("/_twin/desk/visits/new", get(visit::blank))
        .route("/_twin/desk/visits", post(visit::book))
        .route("/_twin/desk/visits/{id}", get(visit::show))
        .route("/_twin/desk/visits/{id}/move", post(visit::move_to))
        .route("/_twin/desk/visits/{id}/change", post(visit::change))
        .route("/_twin/desk/visits/{id}/cancel", post(visit::cancel))
        .route("/_twin/desk/visits/{id}/delete", post(visit::delete))
        .route("/_twin/desk/patients", get(pages::patients))
        .route("/_twin/desk/patients/{id}", get(pages::patient).post(pages::save))
        .route("/_twin/twin.css", get(async || stylesheet(include_str!("../../../assets/twin.css"))))
        .with_state(shared)
}

/// What stands around every page.
struct Frame {
    clinic: String,
    vendor: &'static str,
    zone: String,
    now: String,
    here: &'static str,
    error: Option<String>,
}

impl Frame {
    fn of(desk: &Shared, room: &Room, here: &'static str, error: Option<&Refusal>) -> Frame {
        let diary = &room.office.diary;
        Frame {
            clinic: diary.name.clone(),
            vendor: desk.name,
            zone: diary.places[0].zone_name.clone(),
            now: diary.local(room.office.now).strftime("%A %-d %B %Y, %H:%M").to_string(),
            here,
            error: error.map(ToString::to_string),
        }
    }
}

/// A visit in a table.
struct Row {
    id: u64,
    time: String,
    who: String,
    kind: String,
    provider: String,
    place: String,
    status: String,
    tone: &'static str,
    is_over: bool,
}

impl Row {
    fn of(room: &Room, visit: &crate::diary::Visit, format: &str) -> Row {
        let diary = &room.office.diary;
        let names = visit.present().filter_map(|person| diary.patients.get(&person.patient));
        let mut who = names.map(crate::diary::Patient::name).collect::<Vec<_>>().join(", ");
        if visit.is_block() {
            who = format!("Blocked: {}", visit.reason);
        }
        Row {
            id: visit.id,
            time: visit.start.strftime(format).to_string(),
            who,
            kind: diary.kind_of(visit).name.clone(),
            provider: diary.provider_of(visit).name(),
            place: diary.place_of(visit).name.clone(),
            status: if visit.is_deleted { "deleted".to_owned() } else { visit.standing.word().replace('_', " ") },
            tone: if visit.standing.is_off() || visit.is_deleted { "warn" } else { "" },
            is_over: visit.standing.is_ended() || diary.ends_at(visit) <= room.office.now,
        }
    }
}

/// Something to choose in a form.
struct Choice {
    id: u64,
    name: String,
    is_chosen: bool,
}

fn choices<'c>(rows: impl Iterator<Item = (u64, &'c str)>, chosen: u64) -> Vec<Choice> {
    rows.map(|(id, name)| Choice { id, name: name.to_owned(), is_chosen: id == chosen }).collect()
}

fn provider_choices(room: &Room, chosen: u64) -> Vec<Choice> {
    let named = room.office.diary.providers.iter().map(|row| (row.id, row.name()));
    named.map(|(id, name)| Choice { id, name, is_chosen: id == chosen }).collect()
}

#[derive(Template)]
#[template(path = "vendors/missing.html")]
struct Missing {
    frame: Frame,
}

/// There is no such visit or patient.
fn nothing_here(desk: &Shared) -> Response {
    page(StatusCode::NOT_FOUND, desk.look(|room| Missing { frame: Frame::of(desk, room, "", None) }.render()))
}

/// The answer's status: 422 when something was refused.
fn status_of(error: Option<&Refusal>) -> StatusCode {
    if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}
