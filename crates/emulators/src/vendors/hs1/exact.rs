//! EXACT API v1.0: reads, and one change. Errors are plain texts.

use super::{PATIENTS, PRACTICE, VISITS};
use crate::diary::{Edit, Standing, Visit};
use crate::practice::LocalTime;
use crate::vendors::VendorFault;
use crate::vendors::call::{Call, empty, guid, json, number_in, typed};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json as value};

/// Status words since April 2023, and before.
fn word(standing: &Standing, is_old: bool) -> &'static str {
    let (new, old) = match standing {
        Standing::Proposed => ("Unset", "Unset"),
        Standing::Confirmed => ("Confirmed", "Confirmed"),
        Standing::CheckedIn => ("Arrived", "Arrived"),
        Standing::InProgress => ("InSurgery", "Seated"),
        Standing::Completed => ("Completed", "Complete"),
        Standing::NoShow => ("DidNotAttend", "FailedToAttend"),
        Standing::Rescheduled => ("Cancelled", "Rebooked"),
        standing if standing.is_off() => ("Cancelled", "Cancelled"),
        _ => ("Pending", "Booked"),
    };
    if is_old { old } else { new }
}

fn standing(word: &str) -> Option<Standing> {
    Some(match word {
        "Pending" | "Booked" => Standing::Booked,
        "Confirmed" => Standing::Confirmed,
        "Arrived" => Standing::CheckedIn,
        "InSurgery" => Standing::InProgress,
        "Completed" => Standing::Completed,
        "Cancelled" => Standing::Cancelled,
        "DidNotAttend" => Standing::NoShow,
        _ => return None,
    })
}

pub(super) fn row(office: &Office, visit: &Visit) -> Value {
    let diary = &office.diary;
    let (place, provider) = (diary.place_of(visit), diary.provider_of(visit));
    let at = |at: Timestamp| at.to_zoned(place.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let changed = |is: bool| is.then(|| at(visit.changed_at));
    value!({
        "id": guid(VISITS, visit.id),
        "patientId": visit.patient().map(|id| guid(PATIENTS, id)),
        "payorId": null,
        "location": {"id": place.id.to_string(), "code": place.code, "name": place.name, "phone": place.phone,
                     "line1": place.street, "postCode": place.postal_code},
        "providers": [{"id": format!("DR{}", provider.id), "type": "Dentist", "name": format!("Dr {}", provider.name())}],
        "startDate": at(diary.starts_at(visit)),
        "endDate": at(diary.ends_at(visit)),
        "scheduledDurationMinutes": visit.minutes,
        "chairDurationMinutes": visit.minutes.saturating_sub(5),
        "actualDurationMinutes": null,
        "status": word(&visit.standing, office.is_on("old_words")),
        "isFirstVisit": false,
        "arrivalDate": changed(visit.standing == Standing::CheckedIn),
        "completionDate": changed(visit.standing == Standing::Completed),
        "cancellationDate": changed(visit.standing.is_off()),
        "familyAppointmentIds": [],
        "createdDate": visit.created_at.to_string(),
        "lastUpdatedDate": visit.changed_at.to_string(),
    })
}

fn plain(status: u16, text: &'static str) -> Response {
    typed(status, "text/plain", text)
}

pub(super) fn answer(office: &mut Office, call: &Call, rest: &[&str]) -> Response {
    if call.header("x-api-version") != "1.0" {
        return plain(400, "The x-api-version header must be 1.0.");
    }
    match (call.method.as_str(), rest) {
        ("GET", ["Subscriptions", "active"]) => json(200, &value!([{"practiceId": PRACTICE, "status": "Active"}])),
        (method, ["Practices", practice, rest @ ..]) if *practice == PRACTICE => match (method, rest) {
            ("GET", ["Appointments"]) => window(office, call),
            ("GET", ["Appointments", id]) => {
                let found = number_in(id, VISITS).and_then(|id| office.diary.visits.get(&id));
                let found = found.filter(|visit| !visit.is_deleted);
                found.map_or_else(|| plain(404, "Appointment not found."), |visit| json(200, &row(office, visit)))
            }
            ("PATCH", ["Appointments", id]) => change(office, call, id),
            ("GET", ["details"]) => details(office),
            ("GET", ["Practitioners"]) => json(200, &value!({"practitioners": practitioners(office)})),
            ("GET", ["Patients", id]) => patient(office, id, false),
            ("GET", ["Patients", id, "ContactDetails"]) => patient(office, id, true),
            _ => plain(404, "Not found."),
        },
        (_, ["Practices", ..]) => plain(403, "The practice has no active subscription."),
        _ => plain(404, "Not found."),
    }
}

/// A time with an offset; without one the call is a 400.
fn time(call: &Call, name: &str) -> Option<Timestamp> {
    // A plus that was not escaped has become a blank on its way.
    call.query.get(name)?.replace(' ', "+").parse().ok()
}

fn window(office: &mut Office, call: &Call) -> Response {
    let (Some(from), Some(to)) = (time(call, "from"), time(call, "to")) else {
        return plain(400, "from and to must be ISO 8601 date times with an offset.");
    };
    let start = match call.query.get("continuationToken") {
        None => 0,
        Some(token) => match token.strip_prefix("ct-").and_then(|at| at.parse::<usize>().ok()) {
            Some(at) if office.hit(VendorFault::CursorExpired, token, &call.path).is_none() => at,
            _ => return plain(400, "The continuation token is not known."),
        },
    };
    let is = |name: &str, value: &str| call.query.get(name).is_none_or(|wanted| wanted == value);
    let diary = &office.diary;
    let mut visits: Vec<&Visit> = diary
        .visits
        .values()
        .filter(|visit| !visit.is_deleted && !visit.is_block() && (from..to).contains(&diary.starts_at(visit)))
        .filter(|visit| is("status", word(&visit.standing, office.is_on("old_words"))))
        .filter(|visit| is("practitionerId", &format!("DR{}", visit.provider)))
        .filter(|visit| is("patientId", &visit.patient().map(|id| guid(PATIENTS, id)).unwrap_or_default()))
        .filter(|visit| is("locationId", &visit.place.to_string()))
        .collect();
    visits.sort_by_key(|visit| (diary.starts_at(visit), visit.id));
    let (total, size) = (visits.len(), (office.number("page_size") as usize).max(1));
    let mut rows: Vec<Value> = visits.into_iter().skip(start).take(size).map(|visit| row(office, visit)).collect();
    if let Some(status) = office.spoil(call, &mut rows) {
        return plain(status, "The practice cannot be reached.");
    }
    let next = (start + size < total).then(|| format!("ct-{}", start + size));
    json(200, &value!({"appointments": rows, "continuationToken": next}))
}

/// The one change there is: 409 when it does not fit.
fn change(office: &mut Office, call: &Call, id: &str) -> Response {
    let found = number_in(id, VISITS).and_then(|id| office.diary.visits.get(&id));
    let Some(visit) = found.filter(|visit| !visit.is_deleted) else { return plain(404, "Appointment not found.") };
    let body = call.json().unwrap_or_default();
    let start = match body["startDate"].as_str().map(str::parse::<Timestamp>) {
        None => None,
        Some(Ok(at)) => Some(at),
        Some(Err(_)) => return plain(400, "startDate must carry an offset."),
    };
    if let Some(at) = start {
        let local = office.diary.place_of(visit).zone.to_datetime(at);
        if office.diary.overlapping(visit.provider, local, visit.minutes, Some(visit.id)).is_some() {
            return plain(409, "The appointment conflicts with another.");
        }
    }
    if visit.standing.is_ended() {
        return plain(409, "The appointment is over.");
    }
    let number = visit.id;
    let edit = Edit {
        start: start.map(LocalTime::Instant),
        status: body["status"].as_str().and_then(standing),
        ..Edit::default()
    };
    let now = office.now;
    match office.diary.edit(number, edit, now) {
        Ok(()) => office.diary.visits.get(&number).map_or_else(|| empty(204), |visit| json(200, &row(office, visit))),
        Err(_) => plain(400, "The change cannot be read."),
    }
}

pub(super) fn practitioners(office: &Office) -> Vec<Value> {
    let rows = office.diary.providers.iter().filter(|row| row.is_active);
    rows.map(|row| value!({"id": format!("DR{}", row.id), "name": format!("Dr {}", row.name()), "type": "Dentist"}))
        .collect()
}

/// A practice tells its offset only, and no zone.
fn details(office: &Office) -> Response {
    let diary = &office.diary;
    let offset = diary.places[0].zone.to_offset(office.now).seconds() / 60;
    let places: Vec<Value> =
        diary.places.iter().map(|row| value!({"id": row.id.to_string(), "code": row.code, "name": row.name})).collect();
    json(
        200,
        &value!({
            "name": diary.name, "country": "AU", "locations": places, "practiceTimezoneUtcOffsetMinutes": offset,
            "pmsVersion": "13.860", "openingHours": [],
        }),
    )
}

fn patient(office: &Office, id: &str, contact: bool) -> Response {
    let found = number_in(id, PATIENTS).and_then(|id| office.diary.patients.get(&id));
    let Some(patient) = found.filter(|row| row.merged_into.is_none()) else { return plain(404, "Patient not found.") };
    if contact {
        let phones = [("Mobile", &patient.mobile), ("Home", &patient.phone)];
        let phones = phones.map(|(kind, number)| value!({"type": kind, "number": number}));
        let emails: Vec<&String> = patient.email.iter().collect();
        return json(200, &value!({"emailAddresses": emails, "phoneNumbers": phones}));
    }
    json(
        200,
        &value!({
            "id": id, "firstName": patient.given, "lastName": patient.family, "dateOfBirth": patient.birth_date,
            "sex": patient.sex, "consentedToMarketing": "NotAsked", "patientHasEmail": patient.email.is_some(),
            "patientHasSms": true, "patientHasAddress": true,
        }),
    )
}
