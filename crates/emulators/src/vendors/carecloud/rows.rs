//! A record as CareCloud lists it.

use super::{ENTITY, PATIENTS, VISITS};
use crate::diary::{Patient, Place, Standing, Visit};
use crate::vendors::call::guid;
use crate::vendors::office::Office;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Id, code and name of a status. There is none for a no-show: it is a reason for calling off (inferred).
fn status(visit: &Visit) -> (u32, &'static str, &'static str) {
    match &visit.standing {
        Standing::Proposed => (2, "R", "Requested"),
        Standing::CheckedIn => (4, "I", "Checked in"),
        Standing::InProgress => (5, "PR", "In progress (in room)"),
        Standing::Completed => (8, "O", "Checked out"),
        Standing::NoShow => (11, "C", "Cancelled"),
        standing if standing.is_off() => (11, "C", "Cancelled"),
        _ => (1, "P", "Pending"),
    }
}

/// The practice's reasons for calling off (our choice: each practice has its own).
fn reason(standing: &Standing) -> Option<(u32, &'static str)> {
    Some(match standing {
        Standing::CancelledByPatient => (901, "Patient cancelled"),
        Standing::CancelledByProvider => (902, "Provider cancelled"),
        Standing::NoShow => (903, "No show"),
        Standing::Rescheduled => (904, "Rescheduled"),
        standing if standing.is_off() => (905, "Other"),
        _ => return None,
    })
}

/// Time with the offset of the place.
pub(super) fn at(place: &Place, at: Timestamp) -> String {
    at.to_zoned(place.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

pub(super) fn inline_patient(patient: &Patient) -> Value {
    json!({
        "id": guid(PATIENTS, patient.id), "first_name": patient.given, "last_name": patient.family,
        "date_of_birth": patient.birth_date, "email": patient.email, "chart_number": (100_000 + patient.id).to_string(),
        "primary_phone_number": patient.mobile,
    })
}

pub(super) fn row(office: &Office, visit: &Visit) -> Value {
    let diary = &office.diary;
    let place = diary.place_of(visit);
    let time = |instant: Timestamp| {
        if office.is_on("zone_less") {
            place.zone.to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S").to_string()
        } else {
            at(place, instant)
        }
    };
    let (id, code, name) = status(visit);
    let reason = reason(&visit.standing);
    let is_here = matches!(visit.standing, Standing::CheckedIn | Standing::InProgress | Standing::Completed);
    json!({
        "id": guid(VISITS, visit.id),
        "appointment_status": {"id": id, "code": code, "name": name},
        "start_time": time(diary.starts_at(visit)),
        "end_time": time(diary.ends_at(visit)),
        "patient": diary.patient_of(visit).map(inline_patient),
        "location": {"id": place.id, "name": place.name},
        "provider_id": visit.provider,
        // A resource is a column of the schedule, not a provider; the numbers differ.
        "resource_id": visit.provider - 712,
        "visit_reason_id": visit.kind,
        "chief_complaint": visit.reason,
        "comments": visit.note,
        "is_confirmed": visit.standing == Standing::Confirmed,
        "patient_contacted": visit.standing == Standing::Confirmed,
        "appointment_cancellation_reason_id": reason.map(|(id, _)| id),
        "cancellation_details": reason.map(|(id, text)| json!({"id": id, "detail": text, "comments": visit.called_off})),
        "arrived_at": is_here.then(|| time(visit.changed_at)),
        "departed_at": (visit.standing == Standing::Completed).then(|| time(visit.changed_at)),
        "exam_room_id": null,
        "recurrence_id": visit.series.map(|series| guid(9, series)),
        "recurrence_index": visit.series.map(|_| visit.occurrence),
        "is_force_overbook": false,
        "business_entity_id": ENTITY,
        "created_at": at(place, visit.created_at),
        "updated_at": at(place, visit.changed_at),
    })
}
