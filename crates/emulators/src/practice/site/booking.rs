//! Booking a visit.

use super::view::{Choice, choices, provider_choices, time_of, type_choices};
use super::{Desk, Frame, back_to};
use crate::http::page;
use crate::practice::shared::Shared;
use crate::practice::{Booking, Refusal};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "practice/booking.html")]
struct BookingPage {
    frame: Frame,
    patients: Vec<Choice>,
    types: Vec<Choice>,
    providers: Vec<Choice>,
    date: String,
    time: String,
    minutes: String,
    reason: String,
    note: String,
}

/// The form as it was sent, or as it begins.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct BookingForm {
    patient: String,
    #[serde(rename = "type")]
    visit_type: String,
    provider: String,
    date: String,
    time: String,
    minutes: String,
    reason: String,
    note: String,
}

#[derive(Deserialize)]
pub(super) struct For {
    #[serde(default)]
    patient: String,
}

pub(super) async fn show(State(desk): Desk, Query(query): Query<For>) -> Response {
    // In two hours, on the full hour: a time that is likely to be meant.
    let soon = desk.clock.now().saturating_add(SignedDuration::from_hours(2)).unwrap_or_else(|_| desk.clock.now());
    let soon = desk.look(|room| room.practice.clinic().local(soon));
    let form = BookingForm {
        patient: query.patient,
        date: soon.date().to_string(),
        time: format!("{:02}:00", soon.hour()),
        minutes: "30".to_owned(),
        ..BookingForm::default()
    };
    render(&desk, StatusCode::OK, form, None)
}

fn render(desk: &Shared, status: StatusCode, form: BookingForm, error: Option<String>) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        let practice = &room.practice;
        let mut patients: Vec<_> = practice.patients().map(|patient| (patient.id.as_str(), patient.name())).collect();
        patients.sort_by(|a, b| a.1.cmp(&b.1));
        BookingPage {
            frame: Frame::of(room, now, "booking").with_error(error),
            patients: choices(patients.into_iter(), &form.patient),
            types: type_choices(practice, &form.visit_type),
            providers: provider_choices(practice, &form.provider),
            date: form.date,
            time: form.time,
            minutes: form.minutes,
            reason: form.reason,
            note: form.note,
        }
        .render()
    });
    page(status, html)
}

pub(super) async fn book(State(desk): Desk, Form(form): Form<BookingForm>) -> Response {
    let booked = read(&form).and_then(|booking| desk.act(|practice, now| practice.book(booking, now)));
    match booked {
        Ok(id) => back_to(&format!("/visits/{id}"), "booked"),
        Err(refusal) => render(&desk, StatusCode::UNPROCESSABLE_ENTITY, form, Some(refusal.to_string())),
    }
}

fn read(form: &BookingForm) -> Result<Booking, Refusal> {
    let unreadable = |what, value: &str| Refusal::Unreadable { what, value: value.to_owned() };
    let start = time_of(&form.date, &form.time).ok_or_else(|| unreadable("The time", &form.time))?;
    let minutes = form.minutes.trim().parse().map_err(|_| unreadable("The length", &form.minutes))?;
    Ok(Booking {
        minutes: Some(minutes),
        reason: form.reason.clone(),
        note: Some(form.note.clone()),
        ..Booking::new(&form.patient, &form.provider, &form.visit_type, start)
    })
}
