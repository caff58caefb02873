//! Patients, practices, providers, locations, reasons (member names confirmed).

use super::lists::filter;
use super::times::{read, server_zone, us};
use super::xml::{NO_SLASH, Node, SLASH, element, wrap};
use super::{PRACTICE, Refused};
use crate::diary::Patient;
use crate::vendors::call::Call;
use crate::vendors::office::Office;
use jiff::civil::Date;
use std::collections::BTreeMap;

const PATIENTS: [&str; 16] = [
    "FirstName",
    "FromCreatedDate",
    "FromDateOfBirth",
    "FromLastEncounterDate",
    "FromLastModifiedDate",
    "FullName",
    "Gender",
    "IsActive",
    "LastName",
    "PracticeName",
    "PrimaryInsurancePolicyCompanyName",
    "ReferringProviderFullName",
    "ToCreatedDate",
    "ToDateOfBirth",
    "ToLastEncounterDate",
    "ToLastModifiedDate",
];

fn sex(patient: &Patient) -> &'static str {
    match patient.sex.as_str() {
        "F" => "Female",
        "M" => "Male",
        _ => "Unknown",
    }
}

/// A list, or the placeholder that stands for none.
fn list(outer: &str, row: &str, rows: &[String]) -> String {
    let rows = if rows.is_empty() { format!("<{row}><ID/></{row}>") } else { rows.concat() };
    format!("<{outer}>{rows}</{outer}>")
}

fn texts(name: &str, members: &[(&str, String)]) -> String {
    let members: Vec<(&str, &str)> = members.iter().map(|(name, text)| (*name, text.as_str())).collect();
    wrap(name, &members)
}

fn row(office: &Office, patient: &Patient) -> String {
    let stamps = server_zone(office);
    let born = patient.birth_date.map(|day| day.strftime("%m/%d/%Y").to_string()).unwrap_or_default();
    texts(
        "PatientData",
        &[
            ("Active", patient.merged_into.is_none().to_string()),
            ("AddressLine1", patient.street.clone()),
            ("City", patient.city.clone()),
            ("DOB", born),
            ("EmailAddress", patient.email.clone().unwrap_or_default()),
            ("FirstName", patient.given.clone()),
            ("Gender", sex(patient).to_owned()),
            ("HomePhone", patient.phone.clone()),
            ("ID", patient.id.to_string()),
            ("LastModifiedDate", us(patient.changed_at, &stamps)),
            ("LastName", patient.family.clone()),
            ("MobilePhone", patient.mobile.clone()),
            ("State", patient.state.clone()),
            ("ZipCode", patient.postal_code.clone()),
        ],
    )
}

/// The one shape without `Fields`.
pub(super) fn patient(office: &Office, request: &Node, external: &BTreeMap<u64, String>) -> Result<String, Refused> {
    let filter = request.members(SLASH, &["RequestHeader", "Filter"]).remove("Filter");
    let missing = || Refused::error("Object reference not set to an instance of an object.");
    let asked = filter.ok_or_else(missing)?.texts(SLASH, &["ExternalID", "ExternalVendorID", "PatientID"]);
    let by_id = asked.get("PatientID").and_then(|text| text.parse::<u64>().ok());
    let by_other = || external.iter().find(|(_, id)| Some(*id) == asked.get("ExternalID")).map(|(id, _)| *id);
    let found = by_id.or_else(by_other).and_then(|id| office.diary.patients.get(&id));
    let Some(patient) = found.filter(|patient| patient.merged_into.is_none()) else {
        return Err(Refused::error("Patient was not found."));
    };
    let born = patient.birth_date.map(|day| day.strftime("%m/%d/%Y").to_string()).unwrap_or_default();
    Ok(texts(
        "Patient",
        &[
            ("AddressLine1", patient.street.clone()),
            ("City", patient.city.clone()),
            ("DateOfBirth", born),
            ("EmailAddress", patient.email.clone().unwrap_or_default()),
            ("FirstName", patient.given.clone()),
            ("Gender", sex(patient).to_owned()),
            ("HomePhone", patient.phone.clone()),
            ("HomePhoneExt", String::new()),
            ("ID", patient.id.to_string()),
            ("LastName", patient.family.clone()),
            ("MobilePhone", patient.mobile.clone()),
            ("PatientExternalID", external.get(&patient.id).cloned().unwrap_or_default()),
            ("PracticeId", PRACTICE.to_string()),
            ("State", patient.state.clone()),
            ("ZipCode", patient.postal_code.clone()),
        ],
    ))
}

/// `ToDateOfBirth` is exclusive (verified by a live client): one day is `[day, day + 1)`.
pub(super) fn patients(office: &mut Office, _: &Call, request: &Node) -> Result<String, Refused> {
    let Some(filter) = filter(office, request)? else { return Ok(list("Patients", "PatientData", &[])) };
    let asked = filter.texts(SLASH, &PATIENTS);
    let same = |name: &str, text: &str| asked.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(text));
    let date = |name: &str| asked.get(name).and_then(|text| read(text)).map(|(local, _)| local.date());
    let (from, to) = (date("FromDateOfBirth"), date("ToDateOfBirth"));
    let born = |patient: &Patient| match patient.birth_date {
        Some(day) => from.is_none_or(|from| day >= from) && to.is_none_or(|to| day < to),
        None => from.is_none() && to.is_none(),
    };
    let changed = date("FromLastModifiedDate").unwrap_or(Date::MIN);
    let stamps = server_zone(office);
    let rows: Vec<String> = office
        .diary
        .patients
        .values()
        .filter(|_| same("PracticeName", &office.diary.name))
        .filter(|patient| same("FirstName", &patient.given) && same("LastName", &patient.family))
        .filter(|patient| same("FullName", &patient.name()) && same("Gender", sex(patient)))
        .filter(|patient| born(patient) && stamps.to_datetime(patient.changed_at).date() >= changed)
        .map(|patient| row(office, patient))
        .collect();
    Ok(list("Patients", "PatientData", &rows))
}

/// The one list with pages: `BatchSize` 1 to 1000, default 200; the reply gives the next key.
pub(super) fn all_patients(office: &Office, request: &Node) -> Result<String, Refused> {
    let filter = request.members(SLASH, &["RequestHeader", "Filter"]).remove("Filter");
    let missing = || Refused::error("Object reference not set to an instance of an object.");
    let asked = filter.ok_or_else(missing)?.texts(SLASH, &["BatchSize", "PracticeID", "StartKey"]);
    let number = |name: &str| asked.get(name).and_then(|text| text.parse::<u64>().ok());
    let size = number("BatchSize").unwrap_or(200).clamp(1, 1000) as usize;
    let mut rest = office.diary.patients.range(number("StartKey").unwrap_or(0)..).map(|(_, patient)| patient);
    let rows: Vec<String> = rest.by_ref().take(size).map(|patient| row(office, patient)).collect();
    let next = rest.next().map(|patient| patient.id.to_string()).unwrap_or_default();
    Ok(format!("{}{}", list("Patients", "PatientData", &rows), element("StartKey", &next)))
}

pub(super) fn practices(office: &Office, request: &Node) -> Result<String, Refused> {
    let rows = match filter(office, request)? {
        Some(_) => vec![texts(
            "PracticeData",
            &[
                ("Active", "true".to_owned()),
                ("ID", PRACTICE.to_string()),
                ("NPI", "1999999900".to_owned()),
                ("PracticeName", office.diary.name.clone()),
            ],
        )],
        None => Vec::new(),
    };
    Ok(list("Practices", "PracticeData", &rows))
}

pub(super) fn providers(office: &Office, request: &Node) -> Result<String, Refused> {
    let order = [
        "DepartmentName",
        "FromCreatedDate",
        "FromLastModifiedDate",
        "FullName",
        "PracticeID",
        "PracticeName",
        "ToCreatedDate",
        "ToLastModifiedDate",
        "Type",
    ];
    let Some(filter) = filter(office, request)? else { return Ok(list("Providers", "ProviderData", &[])) };
    let asked = filter.texts(SLASH, &order);
    let same = |name: &str, text: &str| asked.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(text));
    let rows: Vec<String> = office
        .diary
        .providers
        .iter()
        .map(|row| (format!("{}, {}", row.name(), row.degree), row))
        .filter(|(full, _)| same("FullName", full) && same("PracticeName", &office.diary.name))
        .filter(|_| same("Type", "Normal Provider"))
        .map(|(full, row)| {
            texts(
                "ProviderData",
                &[
                    ("Active", row.is_active.to_string()),
                    ("Degree", row.degree.clone()),
                    ("EmailAddress", row.email.clone()),
                    ("FirstName", row.given.clone()),
                    ("FullName", full),
                    ("ID", row.id.to_string()),
                    ("LastName", row.family.clone()),
                    ("NationalProviderIdentifier", row.npi.clone()),
                    ("Type", "Normal Provider".to_owned()),
                ],
            )
        })
        .collect();
    Ok(list("Providers", "ProviderData", &rows))
}

/// Here the members of the filter are in the namespace without the slash; practice id and name are both required.
pub(super) fn locations(office: &Office, request: &Node) -> Result<String, Refused> {
    let order = [
        "FromCreatedDate",
        "FromLastModifiedDate",
        "ID",
        "PracticeID",
        "PracticeName",
        "ToCreatedDate",
        "ToLastModifiedDate",
    ];
    let namespaces = [SLASH, NO_SLASH];
    let filter = namespaces.iter().find_map(|namespace| {
        request.children.iter().find(|child| child.namespace == *namespace && child.name == "Filter")
    });
    let missing = || Refused::error("Object reference not set to an instance of an object.");
    let asked = filter.ok_or_else(missing)?.texts(NO_SLASH, &order);
    let is_ours = asked.get("PracticeID").is_some_and(|id| *id == PRACTICE.to_string())
        && asked.get("PracticeName").is_some_and(|name| *name == office.diary.name);
    let rows: Vec<String> = office
        .diary
        .places
        .iter()
        .filter(|row| is_ours && asked.get("ID").is_none_or(|id| *id == row.id.to_string()))
        .map(|row| {
            texts(
                "ServiceLocationData",
                &[
                    ("AddressLine1", row.street.clone()),
                    ("City", row.city.clone()),
                    ("ID", row.id.to_string()),
                    ("Name", row.name.clone()),
                    ("Phone", row.phone.clone()),
                    ("PlaceOfService", "11".to_owned()),
                    ("PracticeID", PRACTICE.to_string()),
                    ("PracticeName", office.diary.name.clone()),
                    ("State", row.state.clone()),
                    ("ZipCode", row.postal_code.clone()),
                ],
            )
        })
        .collect();
    Ok(list("ServiceLocations", "ServiceLocationData", &rows))
}

pub(super) fn reasons(office: &Office, request: &Node) -> Result<String, Refused> {
    let asked = request.texts(SLASH, &["RequestHeader", "PracticeId"]);
    if asked.get("PracticeId").is_none_or(|id| *id != PRACTICE.to_string()) {
        return Err(Refused::error("PracticeId is required."));
    }
    let rows: Vec<String> = office
        .diary
        .kinds
        .iter()
        .map(|row| {
            texts(
                "AppointmentReasonData",
                &[
                    ("AppointmentReasonId", row.id.to_string()),
                    ("DefaultDurationMinutes", row.minutes.to_string()),
                    ("Name", row.name.clone()),
                    ("PracticeId", PRACTICE.to_string()),
                ],
            )
        })
        .collect();
    Ok(list("AppointmentReasons", "AppointmentReasonData", &rows))
}

/// Ids of other systems are silently cut at 25 characters (confirmed).
pub(super) fn external(request: &Node, external: &mut BTreeMap<u64, String>) {
    let patients = request.child(SLASH, "Patients").cloned().unwrap_or_default();
    for patient in &patients.children {
        let texts = patient.texts(SLASH, &["ExternalID", "ExternalVendorID", "PatientID"]);
        if let (Some(id), Some(other)) =
            (texts.get("PatientID").and_then(|id| id.parse().ok()), texts.get("ExternalID"))
        {
            external.insert(id, other.chars().take(25).collect());
        }
    }
}
