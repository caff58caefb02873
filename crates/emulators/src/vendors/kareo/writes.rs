//! Writes: members in order, ISO times only, an update that is a full replace, a delete for good (confirmed).

use super::Refused;
use super::detail::{find, shown, wanted};
use super::lists::standing;
use super::soap::Fault;
use super::times::iso;
use super::xml::{Node, SLASH, element};
use crate::diary::{Booking, Edit, Standing};
use crate::practice::LocalTime;
use crate::vendors::office::Office;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The members of an appointment to be created, in order.
const CREATE: [&str; 24] = [
    "AppointmentMode",
    "AppointmentName",
    "AppointmentReasonId",
    "AppointmentStatus",
    "AppointmentType",
    "AttendeesCount",
    "EndTime",
    "ForRecare",
    "InsurancePolicyAuthorizationId",
    "IsDeleted",
    "IsGroupAppointment",
    "IsRecurring",
    "MaxAttendees",
    "Notes",
    "PatientCaseId",
    "PatientSummary",
    "PracticeId",
    "ProviderId",
    "ResourceId",
    "ResourceIds",
    "ServiceLocationId",
    "StartTime",
    "UpdatedAt",
    "WasCreatedOnline",
];

/// The members of an update: a flat `PatientId` instead of the summary.
const UPDATE: [&str; 19] = [
    "AppointmentId",
    "AppointmentMode",
    "AppointmentName",
    "AppointmentReasonId",
    "AppointmentStatus",
    "AppointmentType",
    "EndTime",
    "ForRecare",
    "IsGroupAppointment",
    "IsRecurring",
    "MaxAttendees",
    "Notes",
    "PatientId",
    "PracticeId",
    "ProviderId",
    "ResourceId",
    "ResourceIds",
    "ServiceLocationId",
    "StartTime",
];

type Texts = BTreeMap<&'static str, String>;

fn appointment(request: &Node) -> Result<&Node, Refused> {
    let found = request.members(SLASH, &["RequestHeader", "Appointment"]).remove("Appointment");
    found.ok_or_else(|| Refused::error("Object reference not set to an instance of an object."))
}

/// A child that the schema requires: without it, a fault.
fn required<'t>(texts: &'t Texts, name: &str) -> Result<&'t str, Refused> {
    let fault = || {
        Refused::Fault(Fault::new(format!(
            "The formatter threw an exception while trying to deserialize the message: Element '{name}' is required."
        )))
    };
    texts.get(name).map(String::as_str).ok_or_else(fault)
}

fn number(texts: &Texts, name: &str) -> Result<Option<u64>, Refused> {
    let wrong = |text: &String| Refused::Fault(Fault::new(format!("The value '{text}' cannot be parsed as Int64.")));
    texts.get(name).map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}

fn status_of(text: &str) -> Result<Standing, Refused> {
    standing(text).ok_or_else(|| Refused::Fault(Fault::new(format!("Invalid enum value '{text}'."))))
}

fn minutes(start: Timestamp, end: Timestamp) -> u16 {
    u16::try_from(end.duration_since(start).as_mins()).unwrap_or(30).max(1)
}

pub(super) fn create(office: &mut Office, request: &Node) -> Result<String, Refused> {
    let node = appointment(request)?;
    let texts = node.texts(SLASH, &CREATE);
    for name in ["PracticeId", "ServiceLocationId", "WasCreatedOnline"] {
        required(&texts, name)?;
    }
    let status = status_of(required(&texts, "AppointmentStatus")?)?;
    let (start, end) = (iso(required(&texts, "StartTime")?)?, iso(required(&texts, "EndTime")?)?);
    let summary = node.members(SLASH, &CREATE).remove("PatientSummary").cloned().unwrap_or_default();
    let patient = number(&summary.texts(SLASH, &["PatientId", "PracticeId"]), "PatientId")?;
    let booking = Booking {
        patient,
        provider: number(&texts, "ProviderId")?.or(number(&texts, "ResourceId")?),
        kind: number(&texts, "AppointmentReasonId")?,
        place: number(&texts, "ServiceLocationId")?,
        start: Some(LocalTime::Instant(start)),
        minutes: Some(minutes(start, end)),
        status: Some(status),
        reason: texts.get("AppointmentName").cloned().unwrap_or_default(),
        note: texts.get("Notes").cloned().unwrap_or_default(),
        ..Booking::default()
    };
    let now = office.now;
    let id = office.diary.book(booking, now).map_err(|refusal| Refused::error(refusal.to_string()))?;
    Ok(shown(office, find(office, Some(id))?))
}

pub(super) fn update(office: &mut Office, request: &Node) -> Result<String, Refused> {
    let texts = appointment(request)?.texts(SLASH, &UPDATE);
    for name in ["AppointmentId", "PatientId", "ServiceLocationId"] {
        required(&texts, name)?;
    }
    let status = status_of(required(&texts, "AppointmentStatus")?)?;
    let (start, end) = (iso(required(&texts, "StartTime")?)?, iso(required(&texts, "EndTime")?)?);
    let id = find(office, number(&texts, "AppointmentId")?)?.id;
    let edit = Edit {
        patient: number(&texts, "PatientId")?,
        provider: number(&texts, "ProviderId")?.or(number(&texts, "ResourceId")?),
        kind: number(&texts, "AppointmentReasonId")?,
        place: number(&texts, "ServiceLocationId")?,
        start: Some(LocalTime::Instant(start)),
        minutes: Some(minutes(start, end)),
        status: Some(status),
        // A full replace: what is not sent is emptied.
        note: Some(texts.get("Notes").cloned().unwrap_or_default()),
        reason: Some(texts.get("AppointmentName").cloned().unwrap_or_default()),
        called_off: None,
    };
    let now = office.now;
    office.diary.edit(id, edit, now).map_err(|refusal| Refused::error(refusal.to_string()))?;
    Ok(shown(office, find(office, Some(id))?))
}

pub(super) fn status(office: &mut Office, request: &Node) -> Result<String, Refused> {
    let texts = appointment(request)?.texts(SLASH, &["AppointmentId", "AppointmentStatus"]);
    let status = status_of(required(&texts, "AppointmentStatus")?)?;
    let id = find(office, number(&texts, "AppointmentId")?)?.id;
    let now = office.now;
    let edit = Edit { status: Some(status), ..Edit::default() };
    office.diary.edit(id, edit, now).map_err(|refusal| Refused::error(refusal.to_string()))?;
    Ok(shown(office, find(office, Some(id))?))
}

/// For good: no feed tells of it.
pub(super) fn delete(office: &mut Office, request: &Node) -> Result<String, Refused> {
    let id = find(office, wanted(request))?.id;
    let now = office.now;
    office.diary.purge(id, now).map_err(|refusal| Refused::error(refusal.to_string()))?;
    Ok(element("Deleted", "true"))
}
