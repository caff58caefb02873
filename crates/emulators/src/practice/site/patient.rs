//! Patients: the list, a record, and a new one.

use super::view::{Row, last_messages};
use super::{Desk, Frame, Said, back_to, nothing_here, word};
use crate::http::page;
use crate::practice::shared::Shared;
use crate::practice::{Patient, PatientEdit};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "practice/patients.html")]
struct PatientsPage {
    frame: Frame,
    patients: Vec<Listed>,
}

struct Listed {
    id: String,
    name: String,
    born: String,
    email: String,
    mobile: String,
}

pub(super) async fn list(State(desk): Desk) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        let listed = |patient: &Patient| Listed {
            id: patient.id.clone(),
            name: patient.name(),
            born: patient.birth_date.map(|day| day.to_string()).unwrap_or_default(),
            email: patient.email.clone().unwrap_or_default(),
            mobile: patient.mobile.clone().unwrap_or_default(),
        };
        let mut patients: Vec<Listed> = room.practice.patients().map(listed).collect();
        patients.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        PatientsPage { frame: Frame::of(room, now, "patients"), patients }.render()
    });
    page(StatusCode::OK, html)
}

#[derive(Template)]
#[template(path = "practice/patient.html")]
struct PatientPage {
    frame: Frame,
    id: String,
    name: String,
    action: String,
    is_new: bool,
    fields: Vec<Field>,
    rows: Vec<Row>,
}

struct Field {
    key: &'static str,
    label: &'static str,
    kind: &'static str,
    value: String,
    is_required: bool,
}

/// The form's fields with the values of an edit.
fn fields(edit: &PatientEdit) -> Vec<Field> {
    let field = |key, label, kind, value: &Option<String>, is_required| Field {
        key,
        label,
        kind,
        value: value.clone().unwrap_or_default(),
        is_required,
    };
    vec![
        field("family", "Family name", "text", &edit.family, true),
        field("given", "Given names", "text", &edit.given, true),
        field("birth_date", "Date of birth", "date", &edit.birth_date, false),
        field("sex", "Sex (F, M, O, U)", "text", &edit.sex, false),
        // Typed as text on purpose: systems of this kind take what is typed, right or wrong.
        field("email", "E-mail", "text", &edit.email, false),
        field("mobile", "Mobile", "tel", &edit.mobile, false),
        field("phone", "Telephone", "tel", &edit.phone, false),
        field("street", "Street", "text", &edit.street, false),
        field("city", "City", "text", &edit.city, false),
        field("state", "State", "text", &edit.state, false),
        field("postal_code", "Postal code", "text", &edit.postal_code, false),
        field("language", "Language", "text", &edit.language, false),
    ]
}

/// A record as the form shows it.
fn as_edit(patient: &Patient) -> PatientEdit {
    PatientEdit {
        family: Some(patient.family.clone()),
        given: Some(patient.given.clone()),
        birth_date: patient.birth_date.map(|day| day.to_string()),
        sex: Some(patient.sex.clone()),
        street: patient.street.clone(),
        city: patient.city.clone(),
        state: patient.state.clone(),
        postal_code: patient.postal_code.clone(),
        phone: patient.phone.clone(),
        mobile: patient.mobile.clone(),
        email: patient.email.clone(),
        language: Some(patient.language.clone()),
    }
}

pub(super) async fn show(State(desk): Desk, Path(id): Path<String>, Query(said): Query<Said>) -> Response {
    render(&desk, &id, StatusCode::OK, &said, None)
}

/// The record; with what was typed and why it was not taken, when it was not.
fn render(
    desk: &Shared,
    id: &str,
    status: StatusCode,
    said: &Said,
    refused: Option<(&PatientEdit, String)>,
) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        let practice = &room.practice;
        let patient = practice.patient(id)?;
        let (local, last) = (practice.clinic().local(now), last_messages(practice));
        let mut visits: Vec<_> = practice.visits().filter(|visit| visit.patient == id).collect();
        visits.sort_by_key(|visit| (visit.start, visit.id.as_str()));
        let rows = visits.into_iter().map(|visit| Row::of(practice, &last, visit, local, "%-d %b %Y %H:%M"));
        let fields = refused.as_ref().map_or_else(|| fields(&as_edit(patient)), |(typed, _)| fields(typed));
        let error = refused.map(|(_, error)| error);
        Some(
            PatientPage {
                frame: Frame::of(room, now, "").saying(said).with_error(error),
                id: id.to_owned(),
                name: patient.name(),
                action: format!("/patients/{id}"),
                is_new: false,
                fields,
                rows: rows.collect(),
            }
            .render(),
        )
    });
    match html {
        Some(html) => page(status, html),
        None => nothing_here(desk),
    }
}

pub(super) async fn save(State(desk): Desk, Path(id): Path<String>, Form(edit): Form<PatientEdit>) -> Response {
    match desk.act(|practice, now| practice.edit_patient(&id, edit.clone(), now)) {
        Ok(told) => back_to(&format!("/patients/{id}"), word(&told, "saved")),
        Err(refusal) => {
            let refused = Some((&edit, refusal.to_string()));
            render(&desk, &id, StatusCode::UNPROCESSABLE_ENTITY, &Said::default(), refused)
        }
    }
}

pub(super) async fn blank(State(desk): Desk) -> Response {
    let start = PatientEdit { sex: Some("U".into()), language: Some("en".into()), ..PatientEdit::default() };
    render_blank(&desk, StatusCode::OK, &start, None)
}

fn render_blank(desk: &Shared, status: StatusCode, edit: &PatientEdit, error: Option<String>) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        PatientPage {
            frame: Frame::of(room, now, "patients").with_error(error),
            id: String::new(),
            name: "New patient".to_owned(),
            action: "/patients".to_owned(),
            is_new: true,
            fields: fields(edit),
            rows: Vec::new(),
        }
        .render()
    });
    page(status, html)
}

pub(super) async fn add(State(desk): Desk, Form(record): Form<PatientEdit>) -> Response {
    match desk.act(|practice, now| practice.add_patient(record.clone(), now)) {
        Ok(id) => back_to(&format!("/patients/{id}"), "added"),
        Err(refusal) => render_blank(&desk, StatusCode::UNPROCESSABLE_ENTITY, &record, Some(refusal.to_string())),
    }
}
