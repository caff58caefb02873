//! Patients, locations, providers, columns of the schedule, reasons.

use super::rows::inline_patient;
use super::{ENTITY, PATIENTS};
use crate::diary::{Patient, PatientRecord};
use crate::vendors::call::{Call, guid, json, number_in, problem};
use crate::vendors::office::Office;
use axum::response::Response;
use serde_json::{Value, json as value};

fn find<'o>(office: &'o Office, id: &str) -> Option<&'o Patient> {
    let found = number_in(id, PATIENTS).and_then(|id| office.diary.patients.get(&id));
    found.filter(|patient| patient.merged_into.is_none())
}

fn unknown() -> Response {
    problem(404, "Not Found", "There is no such patient.")
}

pub(super) fn patient(office: &Office, id: &str) -> Response {
    let Some(patient) = find(office, id) else { return unknown() };
    let phone = |number: &str, code: &str, primary: bool| value!({"phone_number": number, "phone_type_code": code, "phone_ext": null, "is_primary": primary});
    let whole = value!({
        "id": guid(PATIENTS, patient.id), "first_name": patient.given, "last_name": patient.family,
        "date_of_birth": patient.birth_date, "email": patient.email, "gender_code": patient.sex,
        "marital_status": null, "chart_number": (100_000 + patient.id).to_string(),
        "phones": [phone(&patient.mobile, "M", true), phone(&patient.phone, "H", false)],
        "addresses": [{
            "line1": patient.street, "line2": null, "city": patient.city, "state": patient.state,
            "zip": patient.postal_code, "country_name": "US", "is_primary": true,
        }],
    });
    json(200, &value!({"patient": whole}))
}

pub(super) fn insurances(office: &Office, id: &str) -> Response {
    if find(office, id).is_none() {
        return unknown();
    }
    let policy = value!({
        "policy_priority": "primary", "member_number": "XM-00017", "policy_number": "P-1", "effective_from": "2026-01-01",
        "payer": {"id": 7, "name": "Example Mutual"},
    });
    let profile =
        value!({"id": 1, "name": "Default", "self_pay": false, "default": true, "insurance_policies": [policy]});
    json(200, &value!({"insurance_profiles": [profile]}))
}

/// Only these fields; anything else is refused (our choice).
pub(super) fn search(office: &Office, call: &Call) -> Response {
    let body = call.json().unwrap_or_default();
    let Some(fields) = body["fields"].as_object() else {
        return problem(422, "Unprocessable Content", "fields is expected.");
    };
    let known = ["first_name", "last_name", "date_of_birth"];
    if let Some(other) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return problem(422, "Unprocessable Content", &format!("{other} cannot be searched for."));
    }
    let is = |name: &str, value: &str| {
        fields.get(name).and_then(Value::as_str).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let found = office
        .diary
        .patients
        .values()
        .filter(|patient| patient.merged_into.is_none())
        .filter(|patient| is("first_name", &patient.given) && is("last_name", &patient.family))
        .filter(|patient| is("date_of_birth", &patient.birth_date.map(|day| day.to_string()).unwrap_or_default()))
        .take(body["limit"].as_u64().unwrap_or(20) as usize)
        .map(inline_patient);
    json(200, &value!({"patients": found.collect::<Vec<_>>()}))
}

pub(super) fn create(office: &mut Office, call: &Call) -> Response {
    let body = call.json().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (patient, address, phone) = (&body["patient"], &body["addresses"][0], &body["phones"][0]);
    let zip = text(&address["zip_code"]).or_else(|| text(&address["zip"]));
    let record = PatientRecord {
        family: text(&patient["last_name"]),
        given: text(&patient["first_name"]),
        birth_date: text(&patient["date_of_birth"]),
        sex: text(&patient["gender_code"]),
        street: text(&address["line1"]),
        city: text(&address["city"]),
        state: text(&address["state"]),
        postal_code: zip,
        phone: None,
        mobile: text(&phone["phone_number"]),
        email: text(&patient["email"]),
        language: None,
    };
    let now = office.now;
    match office.diary.add_patient(record, now) {
        Ok(id) => json(201, &value!({"patient": guid(PATIENTS, id)})),
        Err(refusal) => problem(422, "Unprocessable Content", &refusal.to_string()),
    }
}

pub(super) fn locations(office: &Office) -> Response {
    let rows = office.diary.places.iter().map(|row| {
        value!({
            "id": row.id, "name": row.name, "is_visible_appointment_scheduler": true, "place_of_service_code": "11",
            "address": {"line1": row.street, "city": row.city, "zip_code": row.postal_code, "state_name": row.state,
                        "country_name": "US"},
            "phones": [{"phone_number": row.phone, "phone_type": "W", "is_primary": true}],
        })
    });
    json(200, &value!({"locations": rows.collect::<Vec<_>>()}))
}

pub(super) fn providers(office: &Office) -> Response {
    let rows = office.diary.providers.iter().map(|row| {
        value!({
            "id": row.id, "npi": row.npi, "name": row.name(), "email": row.email, "phone_number": "217-555-0180",
            "specialty": {"name": "Family Medicine", "taxonomy": "207Q00000X"},
        })
    });
    json(200, &value!({"providers": rows.collect::<Vec<_>>()}))
}

pub(super) fn resources(office: &Office) -> Response {
    let rows = office.diary.providers.iter().map(|row| {
        value!({"resource": {
            "id": row.id - 712, "name": row.name(), "code": row.family.to_uppercase(), "description": row.name(),
            "status": if row.is_active { "A" } else { "I" }, "is_for_requests": true,
            "appointment_confirmation": true, "business_entity_id": ENTITY,
        }})
    });
    json(200, &value!(rows.collect::<Vec<_>>()))
}

pub(super) fn reasons(office: &Office) -> Response {
    let rows = office.diary.kinds.iter().map(|row| value!({"id": row.id, "name": row.name, "description": row.name}));
    json(200, &value!(rows.collect::<Vec<_>>()))
}
