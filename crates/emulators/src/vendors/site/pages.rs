//! The diary, and patients.

use super::{Desk, Frame, Row, nothing_here, status_of};
use crate::diary::{Patient, PatientRecord, Refusal};
use crate::http::{page, see_other};
use crate::vendors::shared::Shared;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

/// So many days on one page.
const DAYS: i64 = 3;

#[derive(Template)]
#[template(path = "vendors/diary.html")]
struct DiaryPage {
    frame: Frame,
    days: Vec<Day>,
    earlier: Date,
    later: Date,
    is_now: bool,
}

struct Day {
    label: String,
    caption: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
pub(super) struct From {
    from: Option<String>,
}

pub(super) async fn diary(State(desk): Desk, Query(query): Query<From>) -> Response {
    let html = desk.look(|room| {
        let diary = &room.office.diary;
        let today = diary.local(room.office.now).date();
        let from = query.from.as_deref().and_then(|day| day.parse().ok()).unwrap_or(today);
        let days = (0..DAYS).map(|n| {
            let date = from.saturating_add(n.days());
            let rows: Vec<Row> =
                diary.between(date, date).into_iter().map(|visit| Row::of(room, visit, "%H:%M")).collect();
            let label = date.strftime("%A %-d %B %Y").to_string();
            let label = if date == today { format!("Today, {label}") } else { label };
            Day { label, caption: format!("{} rows", rows.len()), rows }
        });
        DiaryPage {
            frame: Frame::of(&desk, room, "diary", None),
            days: days.collect(),
            earlier: from.saturating_sub(DAYS.days()),
            later: from.saturating_add(DAYS.days()),
            is_now: from == today,
        }
        .render()
    });
    page(StatusCode::OK, html)
}

#[derive(Template)]
#[template(path = "vendors/patients.html")]
struct PatientsPage {
    frame: Frame,
    rows: Vec<Listed>,
}

struct Listed {
    id: u64,
    name: String,
    born: String,
    email: String,
}

pub(super) async fn patients(State(desk): Desk) -> Response {
    let html = desk.look(|room| {
        let everybody = room.office.diary.patients.values().filter(|patient| patient.merged_into.is_none());
        let mut rows: Vec<Listed> = everybody
            .map(|patient| Listed {
                id: patient.id,
                name: format!("{}, {}", patient.family, patient.given),
                born: patient.birth_date.map(|day| day.to_string()).unwrap_or_default(),
                email: patient.email.clone().unwrap_or_default(),
            })
            .collect();
        rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        PatientsPage { frame: Frame::of(&desk, room, "patients", None), rows }.render()
    });
    page(StatusCode::OK, html)
}

#[derive(Template)]
#[template(path = "vendors/patient.html")]
struct PatientPage {
    frame: Frame,
    id: u64,
    name: String,
    fields: Vec<Field>,
    rows: Vec<Row>,
}

struct Field {
    key: &'static str,
    label: &'static str,
    value: String,
}

fn fields(patient: &Patient) -> Vec<Field> {
    let field = |key, label, value: &str| Field { key, label, value: value.to_owned() };
    let born = patient.birth_date.map(|day| day.to_string()).unwrap_or_default();
    vec![
        field("family", "Family name", &patient.family),
        field("given", "Given names", &patient.given),
        field("birth_date", "Date of birth (YYYY-MM-DD)", &born),
        field("sex", "Sex (F, M, O, U)", &patient.sex),
        field("email", "E-mail", patient.email.as_deref().unwrap_or_default()),
        field("mobile", "Mobile", &patient.mobile),
        field("phone", "Telephone", &patient.phone),
        field("street", "Street", &patient.street),
        field("city", "City", &patient.city),
        field("state", "State", &patient.state),
        field("postal_code", "Postal code", &patient.postal_code),
    ]
}

fn render(desk: &Shared, id: u64, error: Option<&Refusal>) -> Response {
    let html = desk.look(|room| {
        let diary = &room.office.diary;
        let patient = diary.patients.get(&id)?;
        let mut visits: Vec<_> =
            diary.visits.values().filter(|visit| visit.people.iter().any(|person| person.patient == id)).collect();
        visits.sort_by_key(|visit| (visit.start, visit.id));
        let rows = visits.into_iter().map(|visit| Row::of(room, visit, "%-d %b %Y %H:%M"));
        Some(
            PatientPage {
                frame: Frame::of(desk, room, "", error),
                id,
                name: patient.name(),
                fields: fields(patient),
                rows: rows.collect(),
            }
            .render(),
        )
    });
    html.map_or_else(|| nothing_here(desk), |html| page(status_of(error), html))
}

pub(super) async fn patient(State(desk): Desk, Path(id): Path<u64>) -> Response {
    render(&desk, id, None)
}

pub(super) async fn save(State(desk): Desk, Path(id): Path<u64>, Form(record): Form<PatientRecord>) -> Response {
    match desk.at_desk(|diary, now| diary.edit_patient(id, record, now)) {
        Ok(()) => see_other(&format!("/_twin/desk/patients/{id}")),
        Err(refusal) => render(&desk, id, Some(&refusal)),
    }
}
