//! The site interface of booking portals: slug and key, the appointment book, the set-up of booking, availability.

use super::exact::{practitioners, row};
use super::{PATIENTS, SLUG, VISITS};
use crate::diary::{Booking, Edit, PatientRecord, Standing, Visit};
use crate::practice::LocalTime;
use crate::vendors::call::{Call, empty, guid, json, number_in, problem};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use serde_json::{Value, json as value};

pub(super) fn answer(office: &mut Office, call: &Call, label: &str, rest: &[&str]) -> Response {
    match (call.method.as_str(), rest) {
        ("GET", []) => details(office, label),
        ("GET", ["practitioners"]) => json(200, &value!({"practitioners": practitioners(office)})),
        ("GET", ["booking", "rules"]) => json(200, &value!({"rules": rules(office)})),
        ("GET", ["availability"]) => availability(office, call),
        ("GET", ["appointmentbook"]) => book_of(office, call),
        ("POST", ["appointments"]) => book(office, call),
        ("GET", ["appointments", id]) => match number_in(id, VISITS).and_then(|id| office.diary.visits.get(&id)) {
            Some(visit) if !visit.is_deleted => json(200, &row(office, visit)),
            _ => problem(404, "Not Found", "There is no such appointment."),
        },
        ("DELETE", ["appointments", id]) => cancel(office, id),
        _ => problem(404, "Not Found", "There is no such path."),
    }
}

fn details(office: &Office, label: &str) -> Response {
    let place = &office.diary.places[0];
    json(
        200,
        &value!({
            "siteSlug": SLUG, "name": office.diary.name, "timeZone": place.zone_name, "country": "AU", "pms": label,
            "pmsSpecificSiteId": "1", "siteStatus": "Operational", "publishDays": published(office),
            "appointmentStacking": office.is_on("stacking"),
        }),
    )
}

/// 30 days unless set, never more than 90.
fn published(office: &Office) -> u64 {
    office.number("publish_days").clamp(1, 90)
}

/// The id of a booking reason looks like this.
fn reason_id(kind: u64) -> String {
    format!("0-{kind}-418")
}

fn rules(office: &Office) -> Vec<Value> {
    let kinds = office.diary.kinds.iter().filter(|kind| !kind.is_group);
    kinds
        .flat_map(|kind| {
            office.diary.providers.iter().filter(|row| row.is_active).map(move |provider| {
                value!({
                    "bookingScenario": "ExistingPatient", "practitionerIdentifier": format!("DR{}", provider.id),
                    "reasonIdentifier": reason_id(kind.id), "reasonName": kind.name,
                    "duration": format!("PT{}M", kind.minutes), "maximumBookingLeadTime": "P90D",
                })
            })
        })
        .collect()
}

fn days(office: &Office, call: &Call) -> Result<(Date, Date), Response> {
    let today = office.diary.local(office.now).date();
    let read = |name: &str, usual: Date| match call.query.get(name) {
        None => Ok(usual),
        Some(text) => {
            text.parse().map_err(|_| problem(400, "Bad Request", &format!("{name} is a day such as 2026-11-19.")))
        }
    };
    Ok((read("from", today)?, read("to", today.saturating_add(published(office).cast_signed().days()))?))
}

fn book_of(office: &mut Office, call: &Call) -> Response {
    let (from, to) = match days(office, call) {
        Ok(days) => days,
        Err(answer) => return answer,
    };
    // What was called off leaves the book (inferred).
    let visits = office.diary.between(from, to).into_iter();
    let visits: Vec<&Visit> = visits.filter(|visit| !visit.is_deleted && !visit.standing.is_off()).collect();
    let mut rows: Vec<Value> = visits.into_iter().map(|visit| row(office, visit)).collect();
    if let Some(status) = office.spoil(call, &mut rows) {
        return problem(status, "Error", "The site cannot be reached.");
    }
    json(200, &value!({"appointments": rows}))
}

/// Without stacking, only the first gap at the top of each run of free time.
fn gaps(mut free: Vec<DateTime>, is_stacked: bool) -> Vec<DateTime> {
    if is_stacked {
        return free;
    }
    let mut last: Option<DateTime> = None;
    free.retain(|start| {
        let follows = last.is_some_and(|last| last.saturating_add(jiff::SignedDuration::from_mins(30)) == *start);
        last = Some(*start);
        !follows
    });
    free
}

fn availability(office: &mut Office, call: &Call) -> Response {
    let (from, to) = match days(office, call) {
        Ok(days) => days,
        Err(answer) => return answer,
    };
    let today = office.diary.local(office.now).date();
    let last = to.min(today.saturating_add(published(office).cast_signed().days()));
    let is_stacked = office.is_on("stacking");
    let wanted = call.query.get("reason");
    let mut rows = Vec::new();
    for kind in office.diary.kinds.iter().filter(|kind| wanted.is_none_or(|wanted| wanted == reason_id(kind.id))) {
        for provider in office.diary.providers.iter().filter(|row| row.is_active) {
            let mut dates = Vec::new();
            let mut on = from.max(today);
            while on <= last {
                let slots = gaps(office.diary.free(provider.id, on, kind.minutes), is_stacked).into_iter().map(|start| {
                    let end = start.saturating_add(jiff::SignedDuration::from_mins(i64::from(kind.minutes)));
                    value!({"startTime": start.strftime("%H:%M").to_string(), "endTime": end.strftime("%H:%M").to_string()})
                });
                let slots: Vec<Value> = slots.collect();
                if !slots.is_empty() {
                    dates.push(value!({"date": on, "timeSlots": slots}));
                }
                on = on.tomorrow().unwrap_or(Date::MAX);
            }
            rows.push(value!({
                "practitionerIdentifier": format!("DR{}", provider.id), "reasonIdentifier": reason_id(kind.id),
                "bookingScenario": "ExistingPatient", "availabilityDates": dates,
            }));
        }
    }
    if let Some(status) = office.spoil(call, &mut rows) {
        return problem(status, "Error", "The site cannot be reached.");
    }
    json(200, &value!({"availability": rows}))
}

/// Booking: 409 when the time is taken. The length comes from the practice, never from the portal.
fn book(office: &mut Office, call: &Call) -> Response {
    let body = call.json().unwrap_or_default();
    let unfit = |text: &str| problem(422, "Unprocessable Content", text);
    let Some(start) = body["start"].as_str().and_then(LocalTime::read) else { return unfit("start cannot be read.") };
    let provider = body["practitionerIdentifier"].as_str().and_then(|id| id.strip_prefix("DR")?.parse::<u64>().ok());
    let Some(provider) = provider else { return unfit("practitionerIdentifier is not known.") };
    let kind = body["reasonIdentifier"].as_str().and_then(|id| id.split('-').nth(1)?.parse().ok());
    let kind = kind.and_then(|id| office.diary.kind(id)).map(|kind| (kind.id, kind.minutes));
    let Some((kind, minutes)) = kind else { return unfit("reasonIdentifier is not known.") };
    let local = start.by(&office.diary.places[0].zone);
    if office.diary.overlapping(provider, local, minutes, None).is_some() {
        return problem(409, "Conflict", "The time is taken.");
    }
    let now = office.now;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let patient = match body["patient"]["id"].as_str() {
        Some(id) => number_in(id, PATIENTS).filter(|id| office.diary.patients.contains_key(id)),
        None => {
            let record = PatientRecord {
                family: text(&body["patient"]["lastName"]),
                given: text(&body["patient"]["firstName"]),
                birth_date: text(&body["patient"]["dateOfBirth"]),
                email: text(&body["patient"]["email"]),
                mobile: text(&body["patient"]["mobile"]),
                ..PatientRecord::default()
            };
            office.diary.add_patient(record, now).ok()
        }
    };
    let Some(patient) = patient else { return unfit("patient is not known, and lacks a name.") };
    let booking = Booking {
        patient: Some(patient),
        provider: Some(provider),
        kind: Some(kind),
        start: Some(LocalTime::Local(local)),
        ..Booking::default()
    };
    match office.diary.book(booking, now) {
        Ok(id) => {
            json(201, &value!({"id": guid(VISITS, id), "patientId": guid(PATIENTS, patient), "status": "Pending"}))
        }
        Err(refusal) => unfit(&refusal.to_string()),
    }
}

/// Not offered unless the site granted it: patients call, staff delete.
fn cancel(office: &mut Office, id: &str) -> Response {
    if !office.is_on("can_cancel") {
        return problem(403, "Forbidden", "appointments:cancel was not granted.");
    }
    let Some(id) = number_in(id, VISITS) else { return problem(404, "Not Found", "There is no such appointment.") };
    let now = office.now;
    match office.diary.edit(id, Edit { status: Some(Standing::CancelledByPatient), ..Edit::default() }, now) {
        Ok(()) => empty(204),
        Err(_) => problem(404, "Not Found", "There is no such appointment."),
    }
}
