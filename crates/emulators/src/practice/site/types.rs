//! The kinds of visit, and renaming one.

use super::{Desk, Frame, Said, back_to, word};
use crate::http::page;
use crate::practice::shared::Shared;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "practice/types.html")]
struct TypesPage {
    frame: Frame,
    types: Vec<Kind>,
}

struct Kind {
    id: String,
    name: String,
    coming: String,
}

pub(super) async fn show(State(desk): Desk, Query(said): Query<Said>) -> Response {
    render(&desk, StatusCode::OK, &said, None)
}

fn render(desk: &Shared, status: StatusCode, said: &Said, error: Option<String>) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        let practice = &room.practice;
        let local = practice.clinic().local(now);
        let coming = |id: &str| {
            let of_kind = practice.visits().filter(|visit| visit.visit_type == id && visit.end() > local);
            match of_kind.filter(|visit| !visit.status.is_ended()).count() {
                1 => "1 coming visit".to_owned(),
                n => format!("{n} coming visits"),
            }
        };
        let types = practice.types().iter();
        let types = types.map(|row| Kind { id: row.id.clone(), name: row.name.clone(), coming: coming(&row.id) });
        let frame = Frame::of(room, now, "types").saying(said).with_error(error);
        TypesPage { frame, types: types.collect() }.render()
    });
    page(status, html)
}

#[derive(Deserialize)]
pub(super) struct RenameForm {
    name: String,
}

pub(super) async fn rename(State(desk): Desk, Path(id): Path<String>, Form(form): Form<RenameForm>) -> Response {
    let renamed = desk.act(|practice, now| {
        let before = practice.visit_type(&id).map(|kind| kind.name.clone())?;
        practice.rename_type(&id, &form.name, now)?;
        Ok::<_, crate::practice::Refusal>(before != form.name)
    });
    match renamed {
        Ok(true) => back_to("/types", "renamed"),
        Ok(false) => back_to("/types", word(&[], "")),
        Err(refusal) => render(&desk, StatusCode::UNPROCESSABLE_ENTITY, &Said::default(), Some(refusal.to_string())),
    }
}
