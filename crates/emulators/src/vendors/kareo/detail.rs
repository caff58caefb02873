//! `GetAppointment`: the other shape, with `…Id` and UTC.

use super::lists::{kind, word};
use super::times::utc;
use super::xml::{Node, SLASH, element, wrap};
use super::{PRACTICE, Refused};
use crate::diary::{Modality, Patient, Visit};
use crate::vendors::office::Office;

/// The id inside `request/Appointment`.
pub(super) fn wanted(request: &Node) -> Option<u64> {
    let appointment = request.members(SLASH, &["RequestHeader", "Appointment"]).remove("Appointment")?;
    appointment.members(SLASH, &["AppointmentId"]).remove("AppointmentId")?.text.parse().ok()
}

pub(super) fn find(office: &Office, id: Option<u64>) -> Result<&Visit, Refused> {
    let found = id.and_then(|id| office.diary.visits.get(&id));
    found.filter(|visit| !visit.is_deleted).ok_or_else(|| Refused::error("Appointment was not found."))
}

pub(super) fn get(office: &Office, request: &Node) -> Result<String, Refused> {
    let visit = find(office, wanted(request))?;
    Ok(shown(office, visit))
}

pub(super) fn shown(office: &Office, visit: &Visit) -> String {
    let diary = &office.diary;
    let mode = if diary.kind_of(visit).modality == Modality::Video { "Telehealth" } else { "InOffice" };
    let summary = |patient: &Patient, name: &str| {
        let (born, email) = (patient.birth_date.map(|day| format!("{day}T00:00:00")), patient.email.clone());
        let sex = match patient.sex.as_str() {
            "M" => "1",
            "F" => "2",
            _ => "0",
        };
        let members = [
            ("DateOfBirth", born.unwrap_or_default()),
            ("Email", email.unwrap_or_default()),
            ("FirstName", patient.given.clone()),
            ("GenderId", sex.to_owned()),
            ("HomePhone", patient.phone.clone()),
            ("LastName", patient.family.clone()),
            ("MobilePhone", patient.mobile.clone()),
            ("PatientId", patient.id.to_string()),
            ("PracticeId", PRACTICE.to_string()),
        ];
        let members: Vec<(&str, &str)> = members.iter().map(|(name, text)| (*name, text.as_str())).collect();
        wrap(name, &members)
    };
    let people: Vec<&Patient> = visit.present().filter_map(|row| diary.patients.get(&row.patient)).collect();
    let first = people.first().map(|patient| summary(patient, "PatientSummary")).unwrap_or_default();
    let group: String = people.iter().map(|patient| summary(patient, "PatientSummary")).collect();
    let group = if visit.is_group { format!("<PatientSummaries>{group}</PatientSummaries>") } else { String::new() };
    let occurrence = visit.series.map(|_| (visit.occurrence + 1).to_string()).unwrap_or_default();
    // One rule stands for all visits of a series.
    let rule = visit.series.map(|series| wrap("RecurrenceRule", &[("RecurrenceRuleId", &series.to_string())]));
    let inner = [
        element("AppointmentId", &visit.id.to_string()),
        element("AppointmentMode", mode),
        element("AppointmentName", &visit.reason),
        element("AppointmentReasonId", &visit.kind.to_string()),
        element("AppointmentStatus", word(&visit.standing, false)),
        element("AppointmentType", kind(visit)),
        element("AppointmentUUID", &format!("5d1f0000-0000-4000-8000-{:012x}", visit.id)),
        element("AttendeesCount", &people.len().to_string()),
        element("CreatedAt", &utc(visit.created_at)),
        element("EndTime", &utc(diary.ends_at(visit))),
        element("ForRecare", "false"),
        element("IsGroupAppointment", &visit.is_group.to_string()),
        element("IsRecurring", &visit.series.is_some().to_string()),
        element("MaxAttendees", if visit.is_group { "25" } else { "1" }),
        element("Notes", &visit.note),
        element("OccurrenceId", &occurrence),
        group,
        first,
        element("PracticeId", &PRACTICE.to_string()),
        element("ProviderId", &visit.provider.to_string()),
        rule.unwrap_or_default(),
        element("ResourceId", &visit.provider.to_string()),
        element("ServiceLocationId", &visit.place.to_string()),
        element("StartTime", &utc(diary.starts_at(visit))),
        element("UpdatedAt", &utc(visit.changed_at)),
        element("WasCreatedOnline", "false"),
    ];
    format!("<Appointment>{}</Appointment>", inner.concat())
}
