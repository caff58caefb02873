//! One visit, and what can be done with it.

use super::view::{Choice, MessageRow, provider_choices, time_of, tone, type_choices};
use super::{Desk, Frame, Said, back_to, nothing_here, word};
use crate::http::page;
use crate::practice::shared::{Room, Shared};
use crate::practice::{Change, Practice, Refusal, Status, Visit};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "practice/visit.html")]
struct VisitPage {
    frame: Frame,
    id: String,
    patient_id: String,
    patient: String,
    when: String,
    kind: String,
    provider: String,
    department: String,
    status: String,
    tone: &'static str,
    reason: String,
    note: Option<String>,
    called_off: Option<String>,
    entered: String,
    is_ended: bool,
    date: String,
    time: String,
    minutes: u16,
    types: Vec<Choice>,
    providers: Vec<Choice>,
    statuses: Vec<String>,
    messages: Vec<MessageRow>,
}

pub(super) async fn show(State(desk): Desk, Path(id): Path<String>, Query(said): Query<Said>) -> Response {
    render(&desk, &id, StatusCode::OK, &said, None)
}

fn render(desk: &Shared, id: &str, status: StatusCode, said: &Said, error: Option<String>) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        let visit = room.practice.visit(id)?;
        let frame = Frame::of(room, now, "").saying(said).with_error(error);
        Some(view(room, visit, frame).render())
    });
    match html {
        Some(html) => page(status, html),
        None => nothing_here(desk),
    }
}

fn view(room: &Room, visit: &Visit, frame: Frame) -> VisitPage {
    let practice = &room.practice;
    let staff = practice.staff.iter().find(|person| person.id == visit.entered_by);
    let entered = practice.clinic().local(visit.booked_at).strftime("%-d %B %Y, %H:%M");
    let by = staff.map_or_else(String::new, |person| format!(" by {} {}", person.given, person.family));
    let about = practice.messages().filter(|message| message.about == visit.id);
    let mut messages: Vec<_> = about.map(|message| MessageRow::of(practice, message)).collect();
    messages.reverse();
    VisitPage {
        frame,
        id: visit.id.clone(),
        patient_id: visit.patient.clone(),
        patient: practice.patient(&visit.patient).map_or_else(String::new, |patient| patient.name()),
        when: format!("{}, {} minutes", visit.start.strftime("%A %-d %B %Y, %H:%M"), visit.minutes),
        kind: practice.visit_type(&visit.visit_type).map_or_else(|_| String::new(), |kind| kind.name.clone()),
        provider: practice.provider(&visit.provider).map_or_else(|_| String::new(), |provider| provider.name()),
        department: practice.department(&visit.department).map_or_else(|_| String::new(), |row| row.name.clone()),
        status: visit.status.word().to_owned(),
        tone: tone(&visit.status),
        reason: visit.reason.clone(),
        note: visit.note.clone(),
        called_off: visit.called_off.clone(),
        entered: format!("{entered}{by}"),
        is_ended: visit.status.is_ended(),
        date: visit.start.date().to_string(),
        time: visit.start.strftime("%H:%M").to_string(),
        minutes: visit.minutes,
        types: type_choices(practice, &visit.visit_type),
        providers: provider_choices(practice, &visit.provider),
        statuses: Status::CHOICES.iter().map(|status| status.word().to_owned()).collect(),
        messages,
    }
}

#[derive(Deserialize)]
pub(super) struct MoveForm {
    date: String,
    time: String,
    minutes: u16,
}

pub(super) async fn move_to(State(desk): Desk, Path(id): Path<String>, Form(form): Form<MoveForm>) -> Response {
    let Some(start) = time_of(&form.date, &form.time) else {
        let refusal = Refusal::Unreadable { what: "The time", value: format!("{} {}", form.date, form.time) };
        return render(&desk, &id, StatusCode::UNPROCESSABLE_ENTITY, &Said::default(), Some(refusal.to_string()));
    };
    let change = Change { start: Some(start.into()), minutes: Some(form.minutes), ..Change::default() };
    act(&desk, &id, "moved", |practice, now| practice.change(&id, change, now))
}

#[derive(Deserialize)]
pub(super) struct ChangeForm {
    #[serde(rename = "type")]
    visit_type: String,
    provider: String,
    status: String,
    note: String,
}

pub(super) async fn change(State(desk): Desk, Path(id): Path<String>, Form(form): Form<ChangeForm>) -> Response {
    let change = Change {
        visit_type: Some(form.visit_type),
        provider: Some(form.provider),
        status: Some(form.status),
        note: Some(form.note),
        ..Change::default()
    };
    act(&desk, &id, "changed", |practice, now| practice.change(&id, change, now))
}

#[derive(Deserialize)]
pub(super) struct CancelForm {
    #[serde(default)]
    reason: String,
}

pub(super) async fn cancel(State(desk): Desk, Path(id): Path<String>, Form(form): Form<CancelForm>) -> Response {
    act(&desk, &id, "cancelled", |practice, now| practice.cancel(&id, Some(&form.reason), now))
}

pub(super) async fn no_show(State(desk): Desk, Path(id): Path<String>) -> Response {
    act(&desk, &id, "no_show", |practice, now| practice.no_show(&id, now))
}

pub(super) async fn delete(State(desk): Desk, Path(id): Path<String>) -> Response {
    act(&desk, &id, "deleted", |practice, now| practice.delete(&id, now))
}

/// Does it and shows the visit again; what cannot be done is said on the page.
fn act(
    desk: &Shared,
    id: &str,
    done: &str,
    act: impl FnOnce(&mut Practice, Timestamp) -> Result<Vec<String>, Refusal>,
) -> Response {
    match desk.act(act) {
        Ok(told) => back_to(&format!("/visits/{id}"), word(&told, done)),
        Err(refusal) => {
            let (status, error) = (StatusCode::UNPROCESSABLE_ENTITY, Some(refusal.to_string()));
            render(desk, id, status, &Said::default(), error)
        }
    }
}
