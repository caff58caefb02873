//! Users, doctors, offices, profiles, blocks and patients (field names confirmed by the published description).

use super::list::{naive_time, page};
use super::rows::{naive, server_zone};
use super::{USER, bad, not_found};
use crate::diary::{Patient, PatientRecord, Provider};
use crate::vendors::call::{Call, json};
use crate::vendors::office::Office;
use axum::response::Response;
use serde_json::{Value, json as value};

pub(super) fn users(rest: &[&str]) -> Response {
    let user = value!({"id": USER, "username": "frontdesk", "is_staff": true, "is_doctor": false, "practice_group": 1});
    match rest {
        [] => json(200, &value!({"previous": null, "results": [user], "next": null})),
        [id] if *id == USER.to_string() => json(200, &user),
        _ => not_found(),
    }
}

/// A list, or the one of this id.
fn some(office: &mut Office, call: &Call, rest: &[&str], rows: Vec<Value>) -> Response {
    match rest {
        [] => page(office, call, rows, 250),
        [id] => {
            let found = rows.into_iter().find(|row| row["id"].as_u64() == id.parse().ok());
            found.map_or_else(not_found, |row| json(200, &row))
        }
        _ => not_found(),
    }
}

pub(super) fn doctors(office: &mut Office, call: &Call, rest: &[&str]) -> Response {
    let zone = office.diary.places[0].zone_name.clone();
    let row = |row: &Provider| {
        value!({
            "id": row.id, "first_name": row.given, "last_name": row.family, "suffix": row.degree,
            "specialty": "Family Practitioner", "job_title": "Physician", "npi_number": row.npi,
            "group_npi_number": "1999999900", "email": row.email, "timezone": zone,
            "is_account_suspended": !row.is_active, "practice_group": 1, "practice_group_name": office.diary.name,
        })
    };
    let rows = office.diary.providers.iter().map(row).collect();
    some(office, call, rest, rows)
}

/// Offices have no time zone; the doctor they belong to comes as a text (both confirmed).
pub(super) fn offices(office: &mut Office, call: &Call, rest: &[&str]) -> Response {
    let doctor = office.diary.providers[0].id.to_string();
    let rows = office.diary.places.iter().map(|row| {
        value!({
            "id": row.id, "name": row.name, "doctor": doctor, "address": row.street, "city": row.city,
            "state": row.state, "zip_code": row.postal_code, "country": "US", "phone_number": row.phone,
            "exam_rooms": [{"index": 1, "name": "Exam 1", "online_scheduling": false}],
            "start_time": "09:00:00", "end_time": "17:00:00", "online_scheduling": false, "online_timeslots": [],
            "archived": false,
        })
    });
    let rows = rows.collect();
    some(office, call, rest, rows)
}

pub(super) fn profiles(office: &mut Office, call: &Call, rest: &[&str]) -> Response {
    let doctor = office.diary.providers[0].id;
    let rows = office.diary.kinds.iter().enumerate().map(|(n, row)| {
        value!({
            "id": row.id, "name": row.name, "color": "#3B7DD8", "duration": row.minutes, "reason": "",
            "doctor": doctor, "online_scheduling": false, "sort_order": n, "archived": false,
            "is_virtual_base": row.modality == crate::diary::Modality::Video,
        })
    });
    let rows = rows.collect();
    some(office, call, rest, rows)
}

pub(super) fn blocks(office: &mut Office, call: &Call) -> Response {
    let rows = office.diary.visits.values().filter(|visit| visit.is_block() && !visit.is_deleted).map(|visit| {
        value!({
            "id": visit.id, "provider": visit.provider, "office": visit.place, "exam_room": 0,
            "start_time": visit.start.to_string(), "end_time": visit.end().to_string(), "series": visit.series,
            "appointment_break": visit.id, "description": visit.reason, "practice_group": 1,
        })
    });
    let rows = rows.collect();
    page(office, call, rows, 250)
}

pub(super) fn row(office: &Office, patient: &Patient) -> Value {
    let zone = server_zone(office);
    let sex = match patient.sex.as_str() {
        "F" => "Female",
        "M" => "Male",
        "O" => "Other",
        _ => "",
    };
    value!({
        "id": patient.id, "chart_id": format!("CH{}", patient.id), "first_name": patient.given, "middle_name": "",
        "last_name": patient.family, "nick_name": "", "date_of_birth": patient.birth_date, "gender": sex,
        "email": patient.email.as_deref().unwrap_or_default(), "cell_phone": patient.mobile,
        "home_phone": patient.phone, "office_phone": "", "address": patient.street, "city": patient.city,
        "state": patient.state, "zip_code": patient.postal_code, "doctor": office.diary.providers[0].id,
        "offices": [office.diary.places[0].id], "patient_status": "A", "disable_sms_messages": false,
        "preferred_language": "eng", "preferred_language_code": patient.language,
        "responsible_party_name": null, "patient_payment_profile": "Insurance", "primary_insurance": {},
        "created_at": naive(patient.created_at, &zone), "updated_at": naive(patient.changed_at, &zone),
    })
}

pub(super) fn patients(office: &mut Office, call: &Call) -> Response {
    let query = &call.query;
    let since = match query.get("since").map(naive_time) {
        None => None,
        Some(None) => return bad("since", "Enter a valid date/time."),
        Some(Some(local)) => server_zone(office).to_ambiguous_timestamp(local).compatible().ok(),
    };
    let is = |name: &str, value: &str| query.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value));
    let rows = office
        .diary
        .patients
        .values()
        .filter(|patient| patient.merged_into.is_none())
        .filter(|patient| since.is_none_or(|since| patient.changed_at >= since))
        .filter(|patient| is("first_name", &patient.given) && is("last_name", &patient.family))
        .filter(|patient| is("email", patient.email.as_deref().unwrap_or_default()))
        .filter(|patient| {
            let born = patient.birth_date.map(|day| day.to_string()).unwrap_or_default();
            is("date_of_birth", &born)
        })
        .map(|patient| row(office, patient));
    let rows = rows.collect();
    page(office, call, rows, 250)
}

/// A record that was merged away is gone (our choice).
pub(super) fn patient(office: &Office, id: &str) -> Response {
    let found = id.parse().ok().and_then(|id: u64| office.diary.patients.get(&id));
    match found.filter(|patient| patient.merged_into.is_none()) {
        Some(patient) => json(200, &row(office, patient)),
        None => not_found(),
    }
}

pub(super) fn create(office: &mut Office, call: &Call) -> Response {
    let Some(Value::Object(body)) = call.json() else { return bad("detail", "JSON is expected.") };
    for field in ["doctor", "gender", "first_name", "last_name"] {
        if body.get(field).is_none_or(Value::is_null) {
            return bad(field, "This field is required.");
        }
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let record = PatientRecord {
        family: text("last_name"),
        given: text("first_name"),
        birth_date: text("date_of_birth"),
        sex: text("gender").map(|sex| sex.chars().take(1).collect()),
        street: text("address"),
        city: text("city"),
        state: text("state"),
        postal_code: text("zip_code"),
        phone: text("home_phone"),
        mobile: text("cell_phone"),
        email: text("email"),
        language: text("preferred_language_code"),
    };
    let now = office.now;
    match office.diary.add_patient(record, now) {
        Ok(id) => {
            let created = office.diary.patients.get(&id).map(|patient| row(office, patient));
            json(201, &created.unwrap_or_default())
        }
        Err(refusal) => bad("detail", &refusal.to_string()),
    }
}
