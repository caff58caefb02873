//! The control plane of a vendor's twin, under `/_twin/`: acting as the front desk, reading what is true, and
//! setting faults, switches and the clock.

use crate::clock::Clock;
use crate::diary::{Booking, Diary, Edit, PatientRecord, Refusal, Standing};
use crate::http::{Problem, created, read_json};
use crate::practice::LocalTime;
use crate::vendors::shared::{Room, Shared};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, patch, post, put};
use axum::{Json, Router};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

type Twin = State<Arc<Shared>>;
type Answer = Result<Json<Value>, Problem>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_twin/state", get(state))
        .route("/_twin/changes", get(changes))
        .route("/_twin/appointments", post(book))
        .route("/_twin/appointments/{id}", get(appointment).patch(edit).delete(delete))
        .route("/_twin/appointments/{id}/replace", post(replace))
        .route("/_twin/appointments/{id}/patients/{patient}", put(join).patch(attend).delete(leave))
        .route("/_twin/patients", post(add_patient))
        .route("/_twin/patients/{id}", patch(edit_patient))
        .route("/_twin/patients/{id}/merge", post(merge))
        .route("/_twin/types/{id}", patch(rename))
        .route("/_twin/providers/{id}", patch(provider))
        .route("/_twin/faults", get(faults).put(set_faults))
        .route("/_twin/switches", get(switches).put(set_switches))
        .route("/_twin/clock", get(clock).put(set_clock))
        .route("/_twin/tokens/expire", post(expire))
        .route("/_twin/requests", get(requests))
        .route("/_twin/pushes", get(pushes))
        .with_state(shared)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Unknown { what: "visit" | "patient", .. } => Problem::not_found(refusal.to_string()),
            _ => Problem::unusable(refusal.to_string()),
        }
    }
}

#[derive(Default, Deserialize)]
struct Span {
    from: Option<String>,
    to: Option<String>,
}

impl Span {
    fn dates(&self) -> Result<(Date, Date), Problem> {
        let read = |text: &Option<String>, else_: Date| match text {
            Some(text) => text.parse().map_err(|_| Problem::unusable(format!("{text:?} is no day such as 2026-11-19"))),
            None => Ok(else_),
        };
        Ok((read(&self.from, Date::MIN)?, read(&self.to, Date::MAX)?))
    }
}

/// Everything there is; with `from` and `to`, the visits of these days only.
async fn state(State(twin): Twin, Query(span): Query<Span>) -> Answer {
    let (from, to) = span.dates()?;
    Ok(Json(twin.look(|room| {
        let diary = &room.office.diary;
        let visits = diary.between(from, to).into_iter().map(|visit| truth(room, visit));
        let gone = diary.gone.values().map(|visit| truth(room, visit));
        json!({
            "twin": "vendor",
            "vendor": twin.name,
            "seed": twin.seed,
            "now": room.office.now,
            "access": room.vendor.access(),
            "practice": diary.directory_truth(),
            "patients": diary.patients.values().map(Diary::patient_truth).collect::<Vec<_>>(),
            "appointments": visits.collect::<Vec<_>>(),
            "gone": gone.collect::<Vec<_>>(),
            "faults": room.office.faults.to_json(),
            "switches": room.office.switches,
            "changes": diary.changes.len(),
        })
    })))
}

fn truth(room: &Room, visit: &crate::diary::Visit) -> Value {
    room.office.diary.visit_truth(visit, &room.vendor.visit_id(visit))
}

fn one(twin: &Shared, id: u64) -> Answer {
    twin.look(|room| {
        let diary = &room.office.diary;
        let visit = diary.visits.get(&id).or_else(|| diary.gone.get(&id));
        visit.map(|visit| Json(truth(room, visit))).ok_or_else(|| Refusal::Unknown { what: "visit", id }.into())
    })
}

async fn changes(State(twin): Twin) -> Json<Value> {
    Json(twin.look(|room| json!({"items": room.office.diary.changes})))
}

async fn appointment(State(twin): Twin, Path(id): Path<u64>) -> Answer {
    one(&twin, id)
}

async fn book(State(twin): Twin, body: Bytes) -> Result<Response, Problem> {
    let booking: Booking = read_json(&body)?;
    let id = twin.at_desk(|diary, now| diary.book(booking, now))?;
    let Json(appointment) = one(&twin, id)?;
    let series: Vec<String> = twin.look(|room| {
        let of_series = room.office.diary.visits.values().filter(|visit| visit.series == Some(id));
        of_series.map(|visit| visit.id.to_string()).collect()
    });
    Ok(created(json!({"id": id.to_string(), "appointment": appointment, "series": series})))
}

async fn edit(State(twin): Twin, Path(id): Path<u64>, body: Bytes) -> Answer {
    let edit: Edit = read_json(&body)?;
    twin.at_desk(|diary, now| diary.edit(id, edit, now))?;
    one(&twin, id)
}

#[derive(Deserialize)]
struct Purge {
    #[serde(default)]
    purge: bool,
}

/// Marks a visit as deleted; `?purge=true` takes it out for good.
async fn delete(State(twin): Twin, Path(id): Path<u64>, Query(how): Query<Purge>) -> Answer {
    twin.at_desk(|diary, now| if how.purge { diary.purge(id, now) } else { diary.delete(id, now) })?;
    one(&twin, id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replace {
    start: LocalTime,
}

/// Calls a visit off and books another in its place.
async fn replace(State(twin): Twin, Path(id): Path<u64>, body: Bytes) -> Answer {
    let Replace { start } = read_json(&body)?;
    let new = twin.at_desk(|diary, now| diary.replace(id, start, now))?;
    one(&twin, new)
}

async fn join(State(twin): Twin, Path((id, patient)): Path<(u64, u64)>) -> Answer {
    twin.at_desk(|diary, now| diary.join(id, patient, now))?;
    one(&twin, id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attend {
    status: Standing,
}

async fn attend(State(twin): Twin, Path((id, patient)): Path<(u64, u64)>, body: Bytes) -> Answer {
    let Attend { status } = read_json(&body)?;
    twin.at_desk(|diary, now| diary.attend(id, patient, status, now))?;
    one(&twin, id)
}

async fn leave(State(twin): Twin, Path((id, patient)): Path<(u64, u64)>) -> Answer {
    twin.at_desk(|diary, now| diary.leave(id, patient, now))?;
    one(&twin, id)
}

async fn add_patient(State(twin): Twin, body: Bytes) -> Result<Response, Problem> {
    let record: PatientRecord = read_json(&body)?;
    let id = twin.at_desk(|diary, now| diary.add_patient(record, now))?;
    Ok(created(json!({"id": id.to_string()})))
}

async fn edit_patient(State(twin): Twin, Path(id): Path<u64>, body: Bytes) -> Answer {
    let record: PatientRecord = read_json(&body)?;
    twin.at_desk(|diary, now| diary.edit_patient(id, record, now))?;
    Ok(Json(twin.look(|room| room.office.diary.patients.get(&id).map_or(Value::Null, Diary::patient_truth))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    into: Value,
}

async fn merge(State(twin): Twin, Path(id): Path<u64>, body: Bytes) -> Answer {
    let Merge { into } = read_json(&body)?;
    let into = into.as_u64().or_else(|| into.as_str()?.parse().ok());
    let into = into.ok_or_else(|| Problem::unusable("into is the id of a patient"))?;
    twin.at_desk(|diary, now| diary.merge(id, into, now))?;
    Ok(Json(json!({"id": id.to_string(), "into": into.to_string()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

async fn rename(State(twin): Twin, Path(id): Path<u64>, body: Bytes) -> Answer {
    let Rename { name } = read_json(&body)?;
    twin.at_desk(|diary, _| diary.rename_kind(id, &name))?;
    Ok(Json(json!({"id": id.to_string(), "name": name})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Active {
    active: bool,
}

async fn provider(State(twin): Twin, Path(id): Path<u64>, body: Bytes) -> Answer {
    let Active { active } = read_json(&body)?;
    twin.at_desk(|diary, _| {
        let row = diary.providers.iter_mut().find(|row| row.id == id);
        row.map(|row| row.is_active = active).ok_or(Refusal::Unknown { what: "provider", id })
    })?;
    Ok(Json(json!({"id": id.to_string(), "active": active})))
}

async fn faults(State(twin): Twin) -> Json<Value> {
    Json(twin.look(|room| room.office.faults.to_json()))
}

async fn set_faults(State(twin): Twin, body: Bytes) -> Answer {
    let plan: Value = read_json(&body)?;
    let set = twin.set(|room, _| {
        let faults = room.office.faults.replaced_by(&plan)?;
        room.office.set_faults(faults);
        Ok::<_, crate::faults::BadFaults>(room.office.faults.to_json())
    });
    set.map(Json).map_err(|error| Problem::unusable(error.to_string()))
}

async fn switches(State(twin): Twin) -> Json<Value> {
    Json(twin.look(|room| json!(room.office.switches)))
}

/// Sets those that are named; the others stay.
async fn set_switches(State(twin): Twin, body: Bytes) -> Answer {
    let wanted: serde_json::Map<String, Value> = read_json(&body)?;
    twin.set(|room, _| {
        let switches = &mut room.office.switches;
        for (name, value) in &wanted {
            let known: Vec<&str> = switches.keys().map(String::as_str).collect();
            let Some(before) = switches.get(name) else {
                let known = known.join(", ");
                return Err(Problem::unusable(format!("there is no switch {name:?} here; there are {known}")));
            };
            if std::mem::discriminant(before) != std::mem::discriminant(value) {
                return Err(Problem::unusable(format!("{name} is set to something like {before}")));
            }
        }
        switches.extend(wanted);
        Ok(Json(json!(switches)))
    })
}

async fn clock(State(twin): Twin) -> Json<Value> {
    Json(json!({"now": twin.clock.now(), "runs": twin.clock.runs()}))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SetClock {
    now: Option<Timestamp>,
    advance_seconds: Option<i64>,
    run: Option<bool>,
}

/// `now` stops the clock there, `advance_seconds` moves it, `run` lets it run or stops it.
async fn set_clock(State(twin): Twin, body: Bytes) -> Answer {
    let wanted: SetClock = read_json(&body)?;
    twin.set(|_, clock| {
        if let Some(now) = wanted.now {
            clock.stop_at(now);
        }
        if let Some(seconds) = wanted.advance_seconds {
            clock.advance(seconds);
        }
        match wanted.run {
            Some(true) => clock.run(),
            Some(false) => clock.stop_at(clock.now()),
            None => {}
        }
    });
    Ok(clock(State(twin)).await)
}

/// No token is good any more.
async fn expire(State(twin): Twin) -> Json<Value> {
    twin.set(|room, _| room.office.tokens.expire_all());
    Json(json!({"expired": true}))
}

async fn requests(State(twin): Twin) -> Json<Value> {
    Json(twin.look(|room| json!({"items": room.requests})))
}

async fn pushes(State(twin): Twin) -> Json<Value> {
    Json(twin.look(|room| json!({"items": room.office.outbox.all()})))
}
