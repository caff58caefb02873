//! Creating and updating: 201 with a location, `If-Match` against the version, 412 when it is another.

use super::resources::{appointment, id, number, standing, version};
use super::search::visit_number;
use super::{fhir, outcome};
use crate::diary::{Booking, Edit};
use crate::practice::LocalTime;
use crate::vendors::call::{Call, with};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

/// What a resource says that this server keeps.
struct Said {
    start: Timestamp,
    minutes: u16,
    patients: Vec<u64>,
    provider: Option<u64>,
    place: Option<u64>,
    kind: Option<u64>,
}

fn said(office: &Office, body: &Value) -> Result<Said, Response> {
    let invalid = |text: &str| outcome(422, "processing", text);
    let time = |name: &str| {
        let text = body[name].as_str().unwrap_or_default();
        text.parse::<Timestamp>().map_err(|_| invalid(&format!("Appointment.{name} is no instant.")))
    };
    let (start, end) = (time("start")?, time("end")?);
    let actors: Vec<&str> = body["participant"]
        .as_array()
        .map(|rows| rows.iter().filter_map(|row| row["actor"]["reference"].as_str()).collect())
        .unwrap_or_default();
    let of = |prefix: &str| actors.iter().filter_map(|actor| number(actor, prefix)).collect::<Vec<u64>>();
    let code = body["appointmentType"]["coding"][0]["code"].as_str();
    Ok(Said {
        start,
        minutes: u16::try_from(end.duration_since(start).as_mins()).unwrap_or(30).max(1),
        patients: of("Patient/pat-"),
        provider: of("Practitioner/prac-").first().copied(),
        place: of("Location/loc-").first().copied(),
        kind: office.diary.kinds.iter().find(|kind| Some(kind.code.as_str()) == code).map(|kind| kind.id),
    })
}

pub(super) fn create(office: &mut Office, call: &Call) -> Response {
    let body = call.json().unwrap_or_default();
    let said = match said(office, &body) {
        Ok(said) => said,
        Err(answer) => return answer,
    };
    let booking = Booking {
        patients: said.patients,
        provider: said.provider,
        kind: said.kind,
        place: said.place,
        start: Some(LocalTime::Instant(said.start)),
        minutes: Some(said.minutes),
        status: body["status"].as_str().and_then(standing),
        reason: body["description"].as_str().unwrap_or_default().to_owned(),
        note: body["comment"].as_str().unwrap_or_default().to_owned(),
        ..Booking::default()
    };
    let now = office.now;
    match office.diary.book(booking, now) {
        Ok(number) => shown(office, call, number, 201),
        Err(refusal) => outcome(422, "processing", &refusal.to_string()),
    }
}

fn shown(office: &Office, call: &Call, number: u64, status: u16) -> Response {
    let Some(visit) = office.diary.visits.get(&number) else {
        return outcome(404, "not-found", "There is no such Appointment.");
    };
    let version = version(&office.diary, visit);
    let answer = with(fhir(status, &appointment(office, visit)), "etag", &format!("W/\"{version}\""));
    with(answer, "location", &format!("{}/Appointment/{}/_history/{version}", call.origin, id(visit)))
}

pub(super) fn update(office: &mut Office, call: &Call, wanted: &str) -> Response {
    let found = visit_number(wanted).and_then(|id| office.diary.visits.get(&id));
    let Some(visit) = found.filter(|visit| !visit.is_deleted) else {
        return outcome(404, "not-found", "There is no such Appointment.");
    };
    let (number, tag) = (visit.id, format!("W/\"{}\"", version(&office.diary, visit)));
    let wished = call.header("if-match");
    if !wished.is_empty() && wished != tag {
        return outcome(412, "conflict", "The version is another one.");
    }
    let body = call.json().unwrap_or_default();
    let said = match said(office, &body) {
        Ok(said) => said,
        Err(answer) => return answer,
    };
    let edit = Edit {
        provider: said.provider,
        place: said.place,
        kind: said.kind,
        start: Some(LocalTime::Instant(said.start)),
        minutes: Some(said.minutes),
        status: body["status"].as_str().and_then(standing),
        note: body["comment"].as_str().map(str::to_owned),
        ..Edit::default()
    };
    let now = office.now;
    match office.diary.edit(number, edit, now) {
        Ok(()) => shown(office, call, number, 200),
        Err(refusal) => outcome(422, "processing", &refusal.to_string()),
    }
}
