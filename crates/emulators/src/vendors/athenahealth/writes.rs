//! What is written to a visit: form fields in, and answers of the vendor's many kinds (confirmed).

use super::rows::{row, standing_of};
use super::slots::find;
use super::{Ask, error, no_such_id};
use crate::diary::{Edit, Refusal, Standing, Visit};
use crate::practice::LocalTime;
use crate::vendors::call::{Call, json};
use crate::vendors::office::Office;
use axum::response::Response;
use serde_json::json as value;

fn visit<'o>(office: &'o Office, id: &str) -> Result<&'o Visit, Response> {
    let found = id.parse().ok().and_then(|id: u64| office.diary.visits.get(&id));
    found.filter(|visit| !visit.is_deleted).ok_or_else(no_such_id)
}

fn refused(refusal: &Refusal) -> Response {
    error(404, &refusal.to_string())
}

/// `PUT /appointments/booked/{id}`: a bare `1`, or a bare text that describes the fault.
pub(super) fn edit(office: &mut Office, ask: &Ask, id: &str) -> Response {
    let id = match visit(office, id) {
        Ok(visit) => visit.id,
        Err(answer) => return answer,
    };
    let edit = Edit {
        provider: ask.number("providerid"),
        place: ask.number("departmentid"),
        kind: ask.number("appointmenttypeid"),
        ..Edit::default()
    };
    let now = office.now;
    match office.diary.edit(id, edit, now) {
        Ok(()) => json(200, &value!(1)),
        Err(refusal) => json(200, &value!(refusal.to_string())),
    }
}

/// Everything under `/appointments/{id}/`.
pub(super) fn act(office: &mut Office, call: &Call, ask: &Ask, id: &str, act: &str) -> Response {
    match (call.method.as_str(), act) {
        ("PUT", "cancel") => cancel(office, ask, id),
        ("PUT", "reschedule") => reschedule(office, ask, id),
        ("PUT", "freeze") => json(200, &value!({"success": true, "errormessage": ""})),
        ("POST", "startcheckin" | "checkin" | "cancelcheckin" | "checkout") => stage(office, id, act),
        ("POST", "notes") => note(office, ask, id),
        ("GET", "notes") => visit(office, id).map_or_else(
            |answer| answer,
            |visit| {
                // Other names here than in the row.
                let notes = if visit.note.is_empty() {
                    Vec::new()
                } else {
                    vec![value!({"noteid": "5120", "notetext": visit.note, "displayonschedule": "true"})]
                };
                json(200, &value!({"notes": notes, "totalcount": notes.len()}))
            },
        ),
        ("GET" | "PUT", "confirmationstatus") => confirmation(office, call, ask, id),
        _ => error(404, "Invalid URL."),
    }
}

fn cancel(office: &mut Office, ask: &Ask, id: &str) -> Response {
    let done = ask.needs(&["patientid"]).and_then(|()| {
        let visit = visit(office, id)?;
        if visit.patient() != ask.number("patientid") || visit.standing.is_off() {
            return Err(error(404, "The appointment is not available."));
        }
        Ok(visit.id)
    });
    let id = match done {
        Ok(id) => id,
        Err(answer) => return answer,
    };
    let reason = ask.get("appointmentcancelreasonid").and_then(|text| text.parse().ok());
    let edit = Edit {
        status: Some(standing_of(reason)),
        called_off: ask.get("cancellationreason").map(str::to_owned),
        ..Edit::default()
    };
    let now = office.now;
    match office.diary.edit(id, edit, now) {
        Ok(()) => json(200, &value!({"status": "x"})),
        Err(refusal) => refused(&refusal),
    }
}

/// The new record comes back, as an array; the old one becomes `x`, reason -4, and names the new one.
fn reschedule(office: &mut Office, ask: &Ask, id: &str) -> Response {
    let found = ask.needs(&["newappointmentid", "patientid"]).and_then(|()| {
        let old = visit(office, id)?;
        let slot = ask.number("newappointmentid").and_then(|new| find(office, new));
        match slot {
            Some(slot) if old.patient() == ask.number("patientid") && !old.standing.is_off() => Ok((old.id, slot)),
            _ => Err(error(404, "The appointment is not available.")),
        }
    });
    let (old, slot) = match found {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let now = office.now;
    match office.diary.replace_as(old, Some(slot.id), LocalTime::Local(slot.start), now) {
        Ok(new) => {
            let edit = Edit { provider: Some(slot.provider), place: Some(slot.place), ..Edit::default() };
            if let Err(refusal) = office.diary.edit(new, edit, now) {
                return refused(&refusal);
            }
            json(200, &value!([office.diary.visits.get(&new).map(|visit| row(&office.diary, visit))]))
        }
        Err(refusal) => refused(&refusal),
    }
}

/// `{success, message}`; checking in twice is a 404 with a message (confirmed).
fn stage(office: &mut Office, id: &str, act: &str) -> Response {
    let (id, standing) = match visit(office, id) {
        Ok(visit) => (visit.id, visit.standing.clone()),
        Err(answer) => return answer,
    };
    let next = match act {
        "checkin" if standing == Standing::CheckedIn => {
            return error(404, "This appointment has already been checked in.");
        }
        "checkin" => Standing::CheckedIn,
        "cancelcheckin" => Standing::Booked,
        "checkout" => Standing::Completed,
        _ => standing,
    };
    let now = office.now;
    match office.diary.edit(id, Edit { status: Some(next), ..Edit::default() }, now) {
        Ok(()) => json(200, &value!({"success": true, "message": ""})),
        Err(refusal) => json(200, &value!({"success": false, "message": refusal.to_string()})),
    }
}

fn note(office: &mut Office, ask: &Ask, id: &str) -> Response {
    let found = ask.needs(&["notetext"]).and_then(|()| visit(office, id).map(|visit| visit.id));
    let id = match found {
        Ok(id) => id,
        Err(answer) => return answer,
    };
    let edit = Edit { note: ask.get("notetext").map(str::to_owned), ..Edit::default() };
    let now = office.now;
    match office.diary.edit(id, edit, now) {
        Ok(()) => json(200, &value!({"success": true})),
        Err(refusal) => refused(&refusal),
    }
}

fn confirmation(office: &mut Office, call: &Call, ask: &Ask, id: &str) -> Response {
    let (id, standing) = match visit(office, id) {
        Ok(visit) => (visit.id, visit.standing.clone()),
        Err(answer) => return answer,
    };
    if call.method == "GET" {
        let confirmed = standing == Standing::Confirmed;
        let body = if confirmed {
            value!([{"appointmentconfirmationstatusid": "2", "name": "Confirmed"}])
        } else {
            value!([])
        };
        return json(200, &body);
    }
    let status = match ask.get("appointmentconfirmationid") {
        Some("2" | "41") => Standing::Confirmed,
        _ => Standing::Booked,
    };
    let now = office.now;
    match office.diary.edit(id, Edit { status: Some(status), ..Edit::default() }, now) {
        Ok(()) => json(200, &value!({"success": true})),
        Err(refusal) => refused(&refusal),
    }
}
