//! Appointments as athenaOne shows them: fields that are not there are left out, ids are texts, times are the
//! department's, audit times are US Eastern (all confirmed by recorded answers).

use crate::diary::{Diary, Standing, Visit};
use crate::vendors::call::json;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json as value};

/// The clock of audit times, whatever the department's.
pub(super) fn eastern() -> TimeZone {
    TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC)
}

pub(super) fn stamp(at: Timestamp) -> String {
    eastern().to_datetime(at).strftime("%m/%d/%Y %H:%M:%S").to_string()
}

/// An Eastern time as calls give it.
pub(super) fn read_stamp(text: &str) -> Option<Timestamp> {
    let local = DateTime::strptime("%m/%d/%Y %H:%M:%S", text.trim()).ok()?;
    eastern().to_ambiguous_timestamp(local).compatible().ok()
}

pub(super) fn day(date: Date) -> String {
    date.strftime("%m/%d/%Y").to_string()
}

pub(super) fn read_day(text: &str) -> Option<Date> {
    Date::strptime("%m/%d/%Y", text.trim()).ok()
}

/// The reasons for calling off: -5, -4 and 41 were seen; the others are our choice, as each practice has its own.
const REASONS: [(i64, &str, bool); 7] = [
    (-5, "CANCELLED FROM API", false),
    (-4, "RESCHEDULED FROM API", false),
    (41, "PATIENT CANCELED APPOINTMENT", false),
    (42, "PROVIDER CANCELED APPOINTMENT", false),
    (43, "PATIENT NO SHOW", true),
    (44, "SCHEDULED IN ERROR", false),
    (45, "OTHER", false),
];

fn reason(standing: &Standing) -> i64 {
    match standing {
        Standing::Rescheduled => -4,
        Standing::CancelledByPatient => 41,
        Standing::CancelledByProvider => 42,
        Standing::NoShow => 43,
        Standing::EnteredInError => 44,
        _ => 45,
    }
}

/// What a reason given by a caller means.
pub(super) fn standing_of(reason: Option<i64>) -> Standing {
    match reason {
        Some(-4) => Standing::Rescheduled,
        Some(41) => Standing::CancelledByPatient,
        Some(42) => Standing::CancelledByProvider,
        Some(43) => Standing::NoShow,
        Some(44) => Standing::EnteredInError,
        _ => Standing::Cancelled,
    }
}

pub(super) fn cancel_reasons() -> Response {
    let rows: Vec<Value> = REASONS
        .iter()
        .map(|(id, name, no_show)| {
            value!({"appointmentcancelreasonid": id, "name": name, "noshow": no_show.to_string(), "slotavailable": "true"})
        })
        .collect();
    json(200, &value!({"appointmentcancelreasons": rows, "totalcount": rows.len()}))
}

/// Four were seen in the sandbox; the full list is not known.
pub(super) fn confirmations() -> Response {
    let rows = [(2, "Confirmed"), (3, "Contacted"), (8, "Unable To Reach"), (41, "Confirmed by Operator")];
    let rows = rows.map(|(id, name)| value!({"appointmentconfirmationstatusid": id, "name": name}));
    json(200, &value!({"appointmentconfirmationstatus": rows, "totalcount": 4}))
}

/// The status letter.
pub(super) fn letter(visit: &Visit) -> &'static str {
    match &visit.standing {
        _ if visit.is_deleted => "x",
        Standing::CheckedIn | Standing::InProgress => "2",
        Standing::Completed => "3",
        Standing::NoShow => "x",
        standing if standing.is_off() => "x",
        _ => "f",
    }
}

/// A booked row.
pub(super) fn row(diary: &Diary, visit: &Visit) -> Value {
    let kind = diary.kind_of(visit);
    let mut row = value!({
        "appointmentid": visit.id.to_string(),
        "appointmentstatus": letter(visit),
        "date": day(visit.start.date()),
        "starttime": visit.start.strftime("%H:%M").to_string(),
        "duration": visit.minutes,
        "departmentid": visit.place.to_string(),
        "providerid": visit.provider.to_string(),
        "hl7providerid": visit.provider,
        "appointmenttypeid": visit.kind.to_string(),
        "appointmenttype": kind.code,
        "patientappointmenttypename": kind.name,
        "templateappointmentid": visit.id.to_string(),
        "templateappointmenttypeid": visit.kind.to_string(),
        "scheduleddatetime": stamp(visit.created_at),
        "scheduledby": "mrivera",
        "lastmodified": stamp(visit.changed_at),
        "lastmodifiedby": "mrivera",
        "chargeentrynotrequired": false,
        "coordinatorenterprise": false,
    });
    let mut put = |name: &str, value: Value| row[name] = value;
    if let Some(patient) = visit.patient() {
        put("patientid", patient.to_string().into());
    }
    if !visit.note.is_empty() {
        put("appointmentnotes", value!([{"id": 5120, "text": visit.note, "displayonschedule": true}]));
    }
    if let Some(new) = visit.replaced_by {
        put("rescheduledappointmentid", new.to_string().into());
    }
    match &visit.standing {
        Standing::Confirmed => {
            put("appointmentconfirmationid", "2".into());
            put("appointmentconfirmationname", "Confirmed".into());
        }
        Standing::CheckedIn | Standing::InProgress | Standing::Completed => {
            put("startcheckin", stamp(visit.changed_at).into());
            put("stopcheckin", stamp(visit.changed_at).into());
            put("checkindatetime", stamp(visit.changed_at).into());
            if visit.standing == Standing::InProgress {
                put("encounterid", (visit.id + 1_000_000).to_string().into());
                put("encounterstatus", "WITHSTAFF".into());
                put("encounterstate", "OPEN".into());
            }
            if visit.standing == Standing::Completed {
                put("checkoutdatetime", stamp(visit.changed_at).into());
                put("encounterstatus", "CHECKEDOUT".into());
            }
        }
        standing if !visit.is_deleted && (standing.is_off() || *standing == Standing::NoShow) => {
            let id = reason(standing);
            let known = REASONS.iter().find(|(known, ..)| *known == id);
            put("cancelleddatetime", stamp(visit.changed_at).into());
            put("cancelledby", "mrivera".into());
            put("cancelreasonid", id.to_string().into());
            put("cancelreasonname", known.map_or("", |(_, name, _)| name).into());
            put("cancelreasonnoshow", known.is_some_and(|(.., no_show)| *no_show).into());
            put("cancelreasonslotavailable", true.into());
        }
        _ => {}
    }
    row
}

/// The nested patient of `showpatientdetail`: here booleans are texts (confirmed in recorded answers).
pub(super) fn nested_patient(diary: &Diary, visit: &Visit) -> Option<Value> {
    let patient = diary.patient_of(visit)?;
    Some(value!({
        "patientid": patient.id.to_string(), "firstname": patient.given, "lastname": patient.family,
        "dob": patient.birth_date.map(day), "sex": patient.sex, "email": patient.email,
        "emailexists": patient.email.is_some().to_string(), "consenttotext": "true", "mobilephone": patient.mobile,
    }))
}
