//! Booking, confirming, checking in; calling off only where it is switched on.

use super::{PATIENTS, VISITS};
use crate::diary::{Booking, Edit, Standing};
use crate::practice::LocalTime;
use crate::vendors::call::{Call, empty, guid, json, number_in, problem};
use crate::vendors::office::Office;
use axum::response::Response;
use serde_json::{Value, json as value};

fn unfit(detail: &str) -> Response {
    problem(422, "Unprocessable Content", detail)
}

/// A number, also as a text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

pub(super) fn book(office: &mut Office, call: &Call) -> Response {
    booked(office, call).unwrap_or_else(|answer| answer)
}

fn booked(office: &mut Office, call: &Call) -> Result<Response, Response> {
    let body = call.json().unwrap_or_default();
    let asked = &body["appointment"];
    // Both the single and the plural are in use.
    let patient = asked["patient"]["id"].as_str().or_else(|| asked["patients"][0]["id"].as_str());
    let patient = patient.and_then(|id| number_in(id, PATIENTS)).ok_or_else(|| unfit("patient is not known."))?;
    let time = |name: &str| {
        let text = asked[name].as_str().unwrap_or_default();
        text.parse::<jiff::Timestamp>().map_err(|_| unfit(&format!("{name} is no time with an offset.")))
    };
    let (start, end) = (time("start_time")?, time("end_time")?);
    let (Some(provider), Some(place)) = (number(&asked["provider_id"]), number(&asked["location_id"])) else {
        return Err(unfit("provider_id and location_id are needed."));
    };
    let Some(zone) = office.diary.place(place).map(|place| place.zone.clone()) else {
        return Err(unfit("location_id is not known."));
    };
    let minutes = u16::try_from(end.duration_since(start).as_mins()).unwrap_or(0).max(1);
    if office.diary.overlapping(provider, zone.to_datetime(start), minutes, None).is_some() {
        return Err(problem(409, "Conflict", "The time is taken."));
    }
    let booking = Booking {
        patient: Some(patient),
        provider: Some(provider),
        kind: number(&asked["visit_reason_id"]),
        place: Some(place),
        start: Some(LocalTime::Instant(start)),
        minutes: Some(minutes),
        reason: asked["chief_complaint"].as_str().unwrap_or_default().to_owned(),
        note: asked["comments"].as_str().unwrap_or_default().to_owned(),
        ..Booking::default()
    };
    let now = office.now;
    let id = office.diary.book(booking, now).map_err(|refusal| unfit(&refusal.to_string()))?;
    Ok(json(201, &value!({"appointment": guid(VISITS, id)})))
}

fn set(office: &mut Office, id: &str, standing: Standing, status: u16) -> Response {
    let found = number_in(id, VISITS).filter(|id| office.diary.visits.contains_key(id));
    let Some(id) = found else { return problem(404, "Not Found", "There is no such appointment.") };
    let now = office.now;
    match office.diary.edit(id, Edit { status: Some(standing), ..Edit::default() }, now) {
        Ok(()) => empty(status),
        Err(refusal) => unfit(&refusal.to_string()),
    }
}

/// `is_confirmed` on the next list; the status stays `P`.
pub(super) fn confirm(office: &mut Office, id: &str) -> Response {
    set(office, id, Standing::Confirmed, 200)
}

pub(super) fn check_in(office: &mut Office, id: &str) -> Response {
    set(office, id, Standing::CheckedIn, 200)
}

/// No reason travels with it.
pub(super) fn cancel(office: &mut Office, id: &str) -> Response {
    set(office, id, Standing::Cancelled, 204)
}
