//! Resources: appointments with their participants, and who takes part.

use super::{fhir, outcome};
use crate::diary::{Diary, Modality, Patient, Place, Provider, Standing, Visit};
use crate::vendors::call::{Call, Params, with};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The system of business identifiers.
pub(super) const SYSTEM: &str = "https://northside.example.org/appointments";
const REASONS: &str = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason";

/// The logical id.
pub(super) fn id(visit: &Visit) -> String {
    format!("appt-{}", visit.id)
}

pub(super) fn number(id: &str, prefix: &str) -> Option<u64> {
    id.strip_prefix(prefix)?.parse().ok()
}

/// How often a visit was changed.
pub(super) fn version(diary: &Diary, visit: &Visit) -> u64 {
    1 + diary.changes.iter().filter(|change| change.visit == Some(visit.id)).count() as u64
}

/// An instant with the offset of a place.
fn instant(place: &Place, at: Timestamp) -> String {
    at.to_zoned(place.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The code of a status; a word of the practice's own has none, and stays booked.
fn status(standing: &Standing) -> &'static str {
    match standing {
        Standing::Proposed => "proposed",
        Standing::CheckedIn => "checked-in",
        Standing::InProgress => "arrived",
        Standing::Completed => "fulfilled",
        Standing::NoShow => "noshow",
        Standing::EnteredInError => "entered-in-error",
        standing if standing.is_off() => "cancelled",
        _ => "booked",
    }
}

/// What a code means.
pub(super) fn standing(code: &str) -> Option<Standing> {
    Some(match code {
        "proposed" => Standing::Proposed,
        "booked" | "pending" => Standing::Booked,
        "checked-in" => Standing::CheckedIn,
        "arrived" => Standing::InProgress,
        "fulfilled" => Standing::Completed,
        "noshow" => Standing::NoShow,
        "cancelled" => Standing::Cancelled,
        "entered-in-error" => Standing::EnteredInError,
        _ => return None,
    })
}

/// The participation of a patient: accepted when confirmed, declined when off.
fn participation(standing: &Standing) -> &'static str {
    match standing {
        standing if standing.is_off() || *standing == Standing::NoShow => "declined",
        Standing::Proposed => "tentative",
        Standing::Booked | Standing::Own(_) => "needs-action",
        _ => "accepted",
    }
}

fn reference(kind: &str, id: &str, display: &str) -> Value {
    json!({"reference": format!("{kind}/{id}"), "display": display})
}

pub(super) fn appointment(office: &Office, visit: &Visit) -> Value {
    let diary = &office.diary;
    let (place, kind, provider) = (diary.place_of(visit), diary.kind_of(visit), diary.provider_of(visit));
    let mut participants: Vec<Value> = visit
        .present()
        .filter_map(|person| {
            let patient = diary.patients.get(&person.patient)?;
            let actor = reference("Patient", &format!("pat-{}", patient.id), &patient.name());
            Some(json!({"actor": actor, "status": participation(&person.standing)}))
        })
        .collect();
    participants.push(json!({
        "actor": reference("Practitioner", &format!("prac-{}", provider.id), &provider.name()), "status": "accepted",
    }));
    participants.push(json!({
        "actor": reference("Location", &format!("loc-{}", place.id), &place.name), "status": "accepted",
    }));
    let mut row = json!({
        "resourceType": "Appointment",
        "id": id(visit),
        "meta": {"versionId": version(diary, visit).to_string(), "lastUpdated": visit.changed_at.to_string()},
        "identifier": [{"system": SYSTEM, "value": visit.id.to_string()}],
        "status": status(&visit.standing),
        "appointmentType": {"coding": [{"system": "https://northside.example.org/visit-types", "code": kind.code,
                                        "display": kind.name}], "text": kind.name},
        "start": instant(place, diary.starts_at(visit)),
        "end": instant(place, diary.ends_at(visit)),
        "minutesDuration": visit.minutes,
        "created": visit.created_at.to_string(),
        "participant": participants,
    });
    if let Some(series) = visit.series {
        // Each visit of a series is a resource; R5's elements tie them together, as extensions of R4.
        let element = |name: &str| format!("http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.{name}");
        row["extension"] = json!([
            {"url": element("recurrenceId"), "valuePositiveInt": visit.occurrence + 1},
            {"url": element("originatingAppointment"), "valueReference": {"reference": format!("Appointment/appt-{series}")}},
        ]);
    }
    if kind.modality == Modality::Video {
        row["serviceType"] = json!([{"coding": [{"code": "VR", "display": "Virtual"}], "text": "Virtual"}]);
    }
    if !visit.reason.is_empty() {
        row["description"] = visit.reason.as_str().into();
    }
    if !visit.note.is_empty() {
        row["comment"] = visit.note.as_str().into();
    }
    // One l in R4, and only where the status allows it (app-4).
    let code = match visit.standing {
        Standing::CancelledByPatient => Some("pat"),
        Standing::CancelledByProvider => Some("prov"),
        _ => None,
    };
    if let Some(code) = code {
        let text = visit.called_off.clone().unwrap_or_default();
        row["cancelationReason"] = json!({"coding": [{"system": REASONS, "code": code}], "text": text});
    }
    row
}

/// A deleted one is 410, one that is gone for good 404, as if it had never been.
pub(super) fn read_appointment(office: &Office, wanted: &str) -> Response {
    let found = number(wanted, "appt-").and_then(|id| office.diary.visits.get(&id));
    match found {
        Some(visit) if visit.is_deleted => outcome(410, "deleted", "The resource was deleted."),
        Some(visit) => {
            let tag = format!("W/\"{}\"", version(&office.diary, visit));
            with(fhir(200, &appointment(office, visit)), "etag", &tag)
        }
        None => outcome(404, "not-found", "There is no such Appointment."),
    }
}

pub(super) fn patient(patient: &Patient) -> Value {
    let sex = match patient.sex.as_str() {
        "F" => "female",
        "M" => "male",
        "O" => "other",
        _ => "unknown",
    };
    let mut telecom = vec![
        json!({"system": "phone", "use": "mobile", "value": patient.mobile}),
        json!({"system": "phone", "use": "home", "value": patient.phone}),
    ];
    telecom.extend(patient.email.as_ref().map(|email| json!({"system": "email", "value": email})));
    let mut row = json!({
        "resourceType": "Patient", "id": format!("pat-{}", patient.id),
        "meta": {"lastUpdated": patient.changed_at.to_string()},
        "active": patient.merged_into.is_none(),
        "name": [{"use": "official", "family": patient.family, "given": [patient.given]}],
        "telecom": telecom, "gender": sex,
        "address": [{"line": [patient.street], "city": patient.city, "state": patient.state,
                     "postalCode": patient.postal_code}],
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": patient.language}]}}],
    });
    if let Some(born) = patient.birth_date {
        row["birthDate"] = born.to_string().into();
    }
    if let Some(into) = patient.merged_into {
        row["link"] = json!([{"other": {"reference": format!("Patient/pat-{into}")}, "type": "replaced-by"}]);
    }
    row
}

fn practitioner(row: &Provider) -> Value {
    json!({
        "resourceType": "Practitioner", "id": format!("prac-{}", row.id), "active": row.is_active,
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": row.npi}],
        "name": [{"family": row.family, "given": [row.given], "suffix": [row.degree]}],
        "telecom": [{"system": "email", "value": row.email}],
    })
}

/// The zone is in the extension that there is for it.
fn location(row: &Place) -> Value {
    json!({
        "resourceType": "Location", "id": format!("loc-{}", row.id), "name": row.name, "status": "active",
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": row.zone_name}],
        "address": {"line": [row.street], "city": row.city, "state": row.state, "postalCode": row.postal_code},
    })
}

fn all(office: &Office, kind: &str) -> Vec<Value> {
    match kind {
        "Practitioner" => office.diary.providers.iter().map(practitioner).collect(),
        "Location" => office.diary.places.iter().map(location).collect(),
        _ => office.diary.patients.values().map(patient).collect(),
    }
}

pub(super) fn actor(office: &Office, kind: &str, id: &str) -> Response {
    let found = all(office, kind).into_iter().find(|row| row["id"] == id);
    found.map_or_else(|| outcome(404, "not-found", "There is no such resource."), |row| fhir(200, &row))
}

fn bundle(call: &Call, rows: Vec<Value>) -> Response {
    let entries: Vec<Value> =
        rows.into_iter().map(|row| json!({"resource": row, "search": {"mode": "match"}})).collect();
    let link = json!([{"relation": "self", "url": format!("{}{}", call.origin, call.target())}]);
    let body =
        json!({"resourceType": "Bundle", "type": "searchset", "total": entries.len(), "link": link, "entry": entries});
    fhir(200, &body)
}

pub(super) fn actors(office: &Office, call: &Call, kind: &str) -> Response {
    bundle(call, all(office, kind))
}

pub(super) fn patients(office: &Office, call: &Call, asked: &Params) -> Response {
    let is = |name: &str, value: &str| {
        asked.get(name).is_none_or(|wanted| value.to_lowercase().starts_with(&wanted.to_lowercase()))
    };
    let ids: Vec<&str> = asked.get("_id").map(|ids| ids.split(',').collect()).unwrap_or_default();
    let found = office.diary.patients.values().filter(|row| {
        is("family", &row.family)
            && is("given", &row.given)
            && is("birthdate", &row.birth_date.map(|day| day.to_string()).unwrap_or_default())
            && is("email", row.email.as_deref().unwrap_or_default())
            && (ids.is_empty() || ids.contains(&format!("pat-{}", row.id).as_str()))
    });
    bundle(call, found.map(patient).collect())
}

pub(super) fn capabilities() -> Value {
    let parameters = ["_id", "_lastUpdated", "date", "status", "patient", "practitioner", "location", "identifier"];
    let parameters = parameters.map(|name| json!({"name": name, "type": "string"}));
    json!({
        "resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"], "date": "2026-01-01",
        "rest": [{"mode": "server", "resource": [
            {"type": "Appointment", "versioning": "versioned-update", "searchParam": parameters,
             "interaction": [{"code": "read"}, {"code": "search-type"}, {"code": "create"}, {"code": "update"},
                             {"code": "history-type"}],
             "searchInclude": ["Appointment:patient"]},
            {"type": "Patient", "interaction": [{"code": "read"}, {"code": "search-type"}]},
            {"type": "Practitioner", "interaction": [{"code": "read"}, {"code": "search-type"}]},
            {"type": "Location", "interaction": [{"code": "read"}, {"code": "search-type"}]},
            {"type": "Subscription", "interaction": [{"code": "create"}, {"code": "read"}, {"code": "delete"}]},
        ]}],
    })
}
