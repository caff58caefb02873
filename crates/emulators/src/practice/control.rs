//! The control plane, `/_twin/`: for tests and scripts, not for people.

use crate::http::{Problem, created, read_json};
use crate::practice::shared::{Room, Shared};
use crate::practice::{Booking, Change, PatientEdit, Refusal};
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

type Desk = State<Arc<Shared>>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_twin/state", get(state))
        .route("/_twin/appointments", post(book))
        .route("/_twin/appointments/{id}", get(appointment))
        .route("/_twin/appointments/{id}", patch(change))
        .route("/_twin/appointments/{id}", delete(remove))
        .route("/_twin/patients", post(add_patient))
        .route("/_twin/patients/{id}", patch(edit_patient))
        .route("/_twin/types/{id}", patch(rename_type))
        .route("/_twin/messages/{control_id}/again", post(send_again))
        .route("/_twin/faults", get(faults))
        .route("/_twin/faults", put(set_faults))
        .route("/_twin/feed", put(set_feed))
        .with_state(shared)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let detail = refusal.to_string();
        match refusal {
            refusal if refusal.is_unknown() => Problem::not_found(detail),
            Refusal::Ended { .. } => Problem::new(StatusCode::CONFLICT, "ended", detail),
            Refusal::IdTaken(_) => Problem::new(StatusCode::CONFLICT, "id_taken", detail),
            _ => Problem::unusable(detail),
        }
    }
}

/// Everything there is.
async fn state(State(desk): Desk) -> Json<Value> {
    let now = desk.clock.now();
    Json(desk.look(|room| {
        let practice = &room.practice;
        json!({
            "twin": "practice",
            "now": now,
            "clinic": {
                "name": practice.clinic.name, "facility": practice.clinic.facility,
                "application": practice.clinic.application, "time_zone": practice.clinic.zone_name,
            },
            "shape": practice.shape,
            "feed": feed(room),
            "faults": practice.faults.to_json(),
            "providers": practice.providers,
            "departments": practice.departments,
            "types": practice.types,
            "patients": practice.patients.values().collect::<Vec<_>>(),
            "appointments": practice.visits.values().collect::<Vec<_>>(),
            "messages": practice.messages().collect::<Vec<_>>(),
            "settled": practice.queue.is_settled(),
            "planted": practice.planted,
        })
    }))
}

fn feed(room: &Room) -> Value {
    let line = &room.line;
    json!({
        "address": line.address, "connected": line.is_open, "connections": line.connections,
        "late_answers": line.late_answers,
    })
}

async fn appointment(State(desk): Desk, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    desk.look(|room| room.practice.visit(&id).map(|visit| Json(json!(visit))))
        .ok_or_else(|| Refusal::UnknownVisit(id).into())
}

async fn book(State(desk): Desk, body: Bytes) -> Result<Response, Problem> {
    let booking: Booking = read_json(&body)?;
    let booked = desk.act(|practice, now| {
        let id = practice.book(booking, now)?;
        Ok::<_, Refusal>(json!({"id": id, "appointment": practice.visit(&id)}))
    })?;
    Ok(created(booked))
}

async fn change(State(desk): Desk, Path(id): Path<String>, body: Bytes) -> Result<Json<Value>, Problem> {
    let change: Change = read_json(&body)?;
    told(&desk, &id, |practice, now| practice.change(&id, change, now))
}

async fn remove(State(desk): Desk, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    told(&desk, &id, |practice, now| practice.delete(&id, now))
}

fn told(
    desk: &Shared,
    id: &str,
    act: impl FnOnce(&mut crate::practice::Practice, jiff::Timestamp) -> Result<Vec<String>, Refusal>,
) -> Result<Json<Value>, Problem> {
    let answer = desk.act(|practice, now| {
        let messages = act(practice, now)?;
        Ok::<_, Refusal>(json!({"id": id, "messages": messages, "appointment": practice.visit(id)}))
    })?;
    Ok(Json(answer))
}

async fn add_patient(State(desk): Desk, body: Bytes) -> Result<Response, Problem> {
    let record: PatientEdit = read_json(&body)?;
    let id = desk.act(|practice, now| practice.add_patient(record, now))?;
    Ok(created(json!({"id": id})))
}

async fn edit_patient(State(desk): Desk, Path(id): Path<String>, body: Bytes) -> Result<Json<Value>, Problem> {
    let edit: PatientEdit = read_json(&body)?;
    let messages = desk.act(|practice, now| practice.edit_patient(&id, edit, now))?;
    Ok(Json(json!({"id": id, "messages": messages})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

async fn rename_type(State(desk): Desk, Path(id): Path<String>, body: Bytes) -> Result<Json<Value>, Problem> {
    let Rename { name } = read_json(&body)?;
    let messages = desk.act(|practice, now| practice.rename_type(&id, &name, now))?;
    Ok(Json(json!({"id": id, "messages": messages})))
}

async fn send_again(State(desk): Desk, Path(control_id): Path<String>) -> Result<StatusCode, Problem> {
    if desk.act(|practice, _| practice.send_again(&control_id)) {
        return Ok(StatusCode::ACCEPTED);
    }
    Err(Problem::not_found(format!("There is no message {control_id} that could be sent again.")))
}

async fn faults(State(desk): Desk) -> Json<Value> {
    Json(desk.look(|room| room.practice.faults.to_json()))
}

async fn set_faults(State(desk): Desk, body: Bytes) -> Result<Json<Value>, Problem> {
    let plan: Value = read_json(&body)?;
    let set = desk.act(|practice, _| {
        practice.faults = practice.faults.replaced_by(&plan)?;
        Ok::<_, crate::faults::BadFaults>(practice.faults.to_json())
    });
    set.map(Json).map_err(|error| Problem::unusable(error.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Feed {
    address: Option<SocketAddr>,
}

async fn set_feed(State(desk): Desk, body: Bytes) -> Result<Response, Problem> {
    let Feed { address } = read_json(&body)?;
    desk.point_at(address);
    Ok(Json(desk.look(feed)).into_response())
}
