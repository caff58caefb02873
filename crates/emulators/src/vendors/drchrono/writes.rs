//! Booking, moving, calling off: 201 with the record, 204 without a body, 409 on an overlap (all confirmed).

use super::list::naive_time;
use super::rows::{find, row, standing};
use super::{bad, not_found};
use crate::diary::{Booking, Edit};
use crate::practice::LocalTime;
use crate::vendors::call::{Call, empty, json};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::civil::DateTime;
use serde_json::{Map, Value, json as value};

type Fields = Map<String, Value>;

fn fields(call: &Call) -> Result<Fields, Response> {
    match call.json() {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err(json(400, &value!({"detail": "JSON parse error"}))),
    }
}

/// A number, also as a text.
fn number(fields: &Fields, name: &str) -> Result<Option<u64>, Response> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
            number.map(Some).ok_or_else(|| bad(name, "A valid integer is required."))
        }
    }
}

fn text(fields: &Fields, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn time(fields: &Fields) -> Result<Option<DateTime>, Response> {
    match fields.get("scheduled_time") {
        None => Ok(None),
        Some(value) => {
            let time = value.as_str().and_then(naive_time);
            time.map(Some).ok_or_else(|| bad("scheduled_time", "Datetime has wrong format."))
        }
    }
}

/// Somebody is booked then. Rows that were called off may hold their time all the same (seen by a live client).
fn conflict(office: &Office, provider: u64, start: DateTime, minutes: u16, but: Option<u64>) -> Option<Response> {
    let diary = &office.diary;
    let end = start.saturating_add(jiff::SignedDuration::from_mins(i64::from(minutes)));
    let holds = office.is_on("cancelled_blocks")
        && diary.visits.values().any(|visit| {
            visit.provider == provider
                && Some(visit.id) != but
                && visit.standing.is_off()
                && visit.start < end
                && visit.end() > start
        });
    if holds || diary.overlapping(provider, start, minutes, but).is_some() {
        return Some(json(409, &value!({"detail": "Appointment overlaps with another appointment."})));
    }
    None
}

pub(super) fn book(office: &mut Office, call: &Call) -> Response {
    fields(call).and_then(|fields| booked(office, &fields)).unwrap_or_else(|answer| answer)
}

fn booked(office: &mut Office, fields: &Fields) -> Result<Response, Response> {
    for name in ["doctor", "exam_room", "office", "scheduled_time"] {
        if !fields.contains_key(name) {
            return Err(bad(name, "This field is required."));
        }
    }
    let Some(patient) = number(fields, "patient")? else { return Err(bad("patient", "This field may not be null.")) };
    let kind = number(fields, "profile")?;
    let minutes = number(fields, "duration")?.and_then(|minutes| u16::try_from(minutes).ok());
    let minutes = minutes.or_else(|| office.diary.kind(kind?).map(|kind| kind.minutes));
    let Some(minutes) = minutes else { return Err(bad("duration", "This field is required without a profile.")) };
    let provider = number(fields, "doctor")?;
    let Some(start) = time(fields)? else { return Err(bad("scheduled_time", "This field is required.")) };
    let overlaps = fields.get("allow_overlapping").and_then(Value::as_bool).unwrap_or(false);
    if let (false, Some(provider)) = (overlaps, provider)
        && let Some(answer) = conflict(office, provider, start, minutes, None)
    {
        return Err(answer);
    }
    let booking = Booking {
        patient: Some(patient),
        provider,
        kind,
        place: number(fields, "office")?,
        start: Some(LocalTime::Local(start)),
        minutes: Some(minutes),
        status: text(fields, "status").map(|word| standing(&word)),
        reason: text(fields, "reason").unwrap_or_default(),
        note: text(fields, "notes").unwrap_or_default(),
        ..Booking::default()
    };
    let now = office.now;
    let id = office.diary.book(booking, now).map_err(|refusal| bad("detail", &refusal.to_string()))?;
    let created = office.diary.visits.get(&id).map(|visit| row(office, visit, false));
    Ok(json(201, &created.unwrap_or_default()))
}

pub(super) fn change(office: &mut Office, call: &Call, id: &str) -> Response {
    fields(call).and_then(|fields| changed(office, &fields, id)).unwrap_or_else(|answer| answer)
}

fn changed(office: &mut Office, fields: &Fields, id: &str) -> Result<Response, Response> {
    let visit = find(&office.diary, id).filter(|visit| !visit.is_deleted).ok_or_else(not_found)?;
    let (number_of, start, provider) = (visit.id, visit.start, visit.provider);
    let edit = Edit {
        patient: number(fields, "patient")?,
        provider: number(fields, "doctor")?,
        kind: number(fields, "profile")?,
        place: number(fields, "office")?,
        start: time(fields)?.map(LocalTime::Local),
        minutes: number(fields, "duration")?.and_then(|minutes| u16::try_from(minutes).ok()),
        status: text(fields, "status").map(|word| standing(&word)),
        called_off: None,
        reason: text(fields, "reason"),
        note: text(fields, "notes"),
    };
    let overlaps = fields.get("allow_overlapping").and_then(Value::as_bool).unwrap_or(false);
    if !overlaps && (edit.start.is_some() || edit.provider.is_some()) {
        let start = time(fields)?.unwrap_or(start);
        let minutes = edit.minutes.unwrap_or(visit.minutes);
        if let Some(answer) = conflict(office, edit.provider.unwrap_or(provider), start, minutes, Some(number_of)) {
            return Err(answer);
        }
    }
    let now = office.now;
    office.diary.edit(number_of, edit, now).map_err(|refusal| bad("detail", &refusal.to_string()))?;
    Ok(empty(204))
}

/// A soft delete: the row is marked, and hidden from then on.
pub(super) fn delete(office: &mut Office, id: &str) -> Response {
    let Some(number) = find(&office.diary, id).filter(|visit| !visit.is_deleted).map(|visit| visit.id) else {
        return not_found();
    };
    let now = office.now;
    office.diary.delete(number, now).map_or_else(|_| not_found(), |()| empty(204))
}
