//! Patients, providers, departments, types, reasons (field names confirmed). Here ids of providers and types are
//! numbers, and booleans of patients are booleans.

use super::rows::{day, read_day};
use super::{Ask, booked, error, invalid, no_such_id};
use crate::diary::{Modality, Patient, PatientRecord};
use crate::vendors::call::{Call, json};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json as value};

/// Default and most rows of most lists that are not appointments (confirmed).
const PAGE: (u64, u64) = (1500, 5000);

pub(super) fn row(patient: &Patient) -> Value {
    let mut row = value!({
        "patientid": patient.id.to_string(), "firstname": patient.given, "lastname": patient.family,
        "sex": patient.sex, "emailexists": patient.email.is_some(), "homephone": patient.phone,
        "mobilephone": patient.mobile, "address1": patient.street, "city": patient.city, "state": patient.state,
        "zip": patient.postal_code, "status": if patient.merged_into.is_some() { "deleted" } else { "active" },
        "departmentid": "12", "primarydepartmentid": "12", "privacyinformationverified": true,
        "consenttocall": true, "consenttotext": true, "donotcall": false, "contactpreference": "MOBILEPHONE",
        "contactpreference_appointment_email": true, "contactpreference_appointment_sms": true,
        "contactpreference_appointment_phone": false, "language6392code": "eng", "portalaccessgiven": true,
    });
    if let Some(email) = &patient.email {
        row["email"] = email.as_str().into();
    }
    if let Some(born) = patient.birth_date {
        row["dob"] = day(born).into();
    }
    row
}

pub(super) fn patients(office: &mut Office, call: &Call, ask: &Ask, rest: &[&str]) -> Response {
    match rest {
        ["enhancedbestmatch"] => return best_match(office, ask),
        [id] => {
            let found = id.parse().ok().and_then(|id: u64| office.diary.patients.get(&id));
            let found = found.filter(|patient| patient.merged_into.is_none());
            return found.map_or_else(no_such_id, |patient| json(200, &value!([row(patient)])));
        }
        [id, "insurances"] => {
            let insurance = value!({
                "insuranceid": format!("{id}1"), "insuranceplanname": "Example Mutual", "sequencenumber": 1,
                "insuranceidnumber": "XM-00017", "eligibilitystatus": "Eligible",
            });
            return json(200, &value!({"insurances": [insurance], "totalcount": 1}));
        }
        [] => {}
        _ => return error(404, "Invalid URL."),
    }
    let is = |name: &str, value: &str| ask.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value));
    let all = office.diary.patients.values().filter(|patient| patient.merged_into.is_none());
    let rows: Vec<Value> = all
        .filter(|patient| is("firstname", &patient.given) && is("lastname", &patient.family))
        .filter(|patient| is("dob", &patient.birth_date.map(day).unwrap_or_default()))
        .map(row)
        .collect();
    booked::page(office, call, "patients", rows, PAGE)
}

/// An array, each with a score; at most five of at least 16 (confirmed). The score itself is our choice.
fn best_match(office: &Office, ask: &Ask) -> Response {
    if let Err(answer) = ask.needs(&["firstname", "lastname", "dob"]) {
        return answer;
    }
    let is = |name: &str, value: &str| ask.get(name).is_some_and(|wanted| wanted.eq_ignore_ascii_case(value));
    let mut found: Vec<(i32, &Patient)> = office
        .diary
        .patients
        .values()
        .filter(|patient| patient.merged_into.is_none())
        .map(|patient| {
            let born = patient.birth_date.map(day).unwrap_or_default();
            let email = patient.email.as_deref().unwrap_or_default();
            let parts = [
                (is("lastname", &patient.family), 8),
                (is("firstname", &patient.given), 6),
                (is("dob", &born), 10),
                (is("email", email), 4),
            ];
            (parts.iter().filter(|(hit, _)| *hit).map(|(_, points)| points).sum(), patient)
        })
        .filter(|(score, _)| *score >= 16)
        .collect();
    found.sort_by_key(|(score, patient)| (-score, patient.id));
    let rows = found.into_iter().take(5).map(|(score, patient)| {
        let mut row = row(patient);
        row["score"] = score.to_string().into();
        row
    });
    json(200, &value!(rows.collect::<Vec<_>>()))
}

pub(super) fn create(office: &mut Office, ask: &Ask) -> Response {
    if let Err(answer) = ask.needs(&["firstname", "lastname", "dob", "departmentid"]) {
        return answer;
    }
    let phone = ["mobilephone", "homephone", "workphone"].iter().find_map(|name| ask.get(name));
    if phone.is_none() && ask.get("email").is_none() {
        return error(400, "A contact phone is required.");
    }
    let text = |name: &str| ask.get(name).map(str::to_owned);
    let Some(born) = ask.get("dob").and_then(read_day) else {
        return invalid("date", ask.get("dob").unwrap_or_default());
    };
    let record = PatientRecord {
        family: text("lastname"),
        given: text("firstname"),
        birth_date: Some(born.to_string()),
        sex: text("sex"),
        street: text("address1"),
        city: text("city"),
        state: text("state"),
        postal_code: text("zip"),
        phone: text("homephone"),
        mobile: text("mobilephone"),
        email: text("email"),
        language: None,
    };
    let now = office.now;
    match office.diary.add_patient(record, now) {
        Ok(id) => json(200, &value!([{"patientid": id.to_string()}])),
        Err(refusal) => error(400, &refusal.to_string()),
    }
}

/// A list, or an array of the one with this id.
fn some(office: &mut Office, call: &Call, key: &str, id: &str, rest: &[&str], rows: Vec<Value>) -> Response {
    match rest {
        [] => booked::page(office, call, key, rows, PAGE),
        [wanted] => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let found = rows.into_iter().find(|row| text(&row[id]) == *wanted);
            found.map_or_else(no_such_id, |row| json(200, &value!([row])))
        }
        _ => error(404, "Invalid URL."),
    }
}

pub(super) fn providers(office: &mut Office, call: &Call, rest: &[&str]) -> Response {
    let rows = office.diary.providers.iter().filter(|row| row.is_active).map(|row| {
        value!({
            "providerid": row.id, "displayname": format!("{}, {}", row.name(), row.degree), "firstname": row.given,
            "lastname": row.family, "npi": row.npi.parse::<u64>().unwrap_or_default(), "specialty": "Family Medicine",
            "providertype": row.degree, "entitytype": "Person", "hideinportal": false,
        })
    });
    let rows = rows.collect();
    some(office, call, "providers", "providerid", rest, rows)
}

/// The zone comes as a name of the old kind, with the offset now and in winter.
pub(super) fn departments(office: &mut Office, call: &Call, rest: &[&str]) -> Response {
    let hours = |zone: &TimeZone, at: Timestamp| zone.to_offset(at).seconds() / 3600;
    let winter: Timestamp = Timestamp::from_second(1_768_478_400).unwrap_or_default();
    let rest = match rest {
        [id, "checkinrequired"] => {
            let known = office.diary.places.iter().any(|row| row.id.to_string() == *id);
            let fields = value!({"fieldlist": ["firstname", "lastname", "dob"]});
            return if known { json(200, &fields) } else { no_such_id() };
        }
        rest => rest,
    };
    let providers: Vec<String> = office.diary.providers.iter().map(|row| row.id.to_string()).collect();
    let rows = office.diary.places.iter().map(|row| {
        let (now, standard) = (hours(&row.zone, office.now), hours(&row.zone, winter));
        let steady = row.zone_name.ends_with("Phoenix") || row.zone_name.ends_with("Brisbane");
        value!({
            "departmentid": row.id.to_string(), "name": row.name, "patientdepartmentname": row.name,
            "address": row.street, "city": row.city, "state": row.state, "zip": row.postal_code, "phone": row.phone,
            "timezonename": old_name(&row.zone_name), "timezoneoffset": standard, "timezone": now,
            "doesnotobservedst": steady, "providerlist": providers, "chartsharinggroupid": "1",
            "providergroupid": "1",
        })
    });
    let rows = rows.collect();
    some(office, call, "departments", "departmentid", rest, rows)
}

fn old_name(zone: &str) -> &str {
    match zone {
        "America/New_York" => "US/Eastern",
        "America/Chicago" => "US/Central",
        "America/Denver" => "US/Mountain",
        "America/Phoenix" => "US/Arizona",
        "America/Los_Angeles" => "US/Pacific",
        other => other,
    }
}

/// Types that are not for patients are hidden unless asked for (our choice: the group and the phone kind).
pub(super) fn types(office: &mut Office, call: &Call, rest: &[&str]) -> Response {
    let all = call.query.get("hidenonpatient") == Some("false") || !rest.is_empty();
    let rows =
        office.diary.kinds.iter().filter(|row| all || !(row.is_group || row.modality == Modality::Phone)).map(|row| {
            value!({
                "appointmenttypeid": row.id, "name": row.name, "shortname": row.code, "duration": row.minutes,
                "patientdisplayname": row.name, "generic": false, "patient": true, "templatetypeonly": false,
                "createencounteroncheckin": true,
            })
        });
    let rows = rows.collect();
    some(office, call, "appointmenttypes", "appointmenttypeid", rest, rows)
}

/// Reasons that patients can give; here one for each kind of visit, under the kind's number.
pub(super) fn reasons(office: &Office, ask: &Ask) -> Response {
    if let Err(answer) = ask.needs(&["departmentid", "providerid"]) {
        return answer;
    }
    let rows: Vec<Value> = office
        .diary
        .kinds
        .iter()
        .map(|row| {
            value!({"reasonid": row.id, "reason": row.name, "reasontype": "all", "schedulingminhours": 24,
                    "schedulingmaxdays": 90, "description": row.name})
        })
        .collect();
    json(200, &value!({"patientappointmentreasons": rows, "totalcount": rows.len()}))
}
