//! Appointments as DrChrono serialises them (fields confirmed by the published description).

use crate::diary::{Diary, Modality, Standing, Visit};
use crate::vendors::office::Office;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// The status words (confirmed); a word of the practice's own is a custom status.
const WORDS: [(&str, Standing); 12] = [
    ("", Standing::Booked),
    ("Not Confirmed", Standing::Proposed),
    ("Confirmed", Standing::Confirmed),
    ("Arrived", Standing::CheckedIn),
    ("Checked In", Standing::CheckedIn),
    ("Checked In Online", Standing::CheckedIn),
    ("In Room", Standing::InProgress),
    ("In Session", Standing::InProgress),
    ("Complete", Standing::Completed),
    ("Cancelled", Standing::Cancelled),
    ("No Show", Standing::NoShow),
    ("Rescheduled", Standing::Rescheduled),
];

/// The vendor's word. Who called a visit off is not recorded.
pub(super) fn word(standing: &Standing) -> &str {
    match standing {
        Standing::InProgress => "In Session",
        Standing::CancelledByPatient | Standing::CancelledByProvider | Standing::EnteredInError => "Cancelled",
        Standing::Own(word) => word,
        other => WORDS.iter().find(|(_, known)| known == other).map_or("", |(word, _)| word),
    }
}

/// What a written word means; any other is a custom status.
pub(super) fn standing(word: &str) -> Standing {
    let known = WORDS.iter().find(|(known, _)| *known == word).map(|(_, standing)| standing.clone());
    known.unwrap_or_else(|| Standing::Own(word.to_owned()))
}

/// The server's zone: stamps are naive, and not in the doctor's zone.
pub(super) fn server_zone(office: &Office) -> TimeZone {
    TimeZone::get(office.text("server_zone")).unwrap_or(TimeZone::UTC)
}

pub(super) fn naive(at: Timestamp, zone: &TimeZone) -> String {
    shown(zone.to_datetime(at))
}

fn shown(local: DateTime) -> String {
    local.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// An occurrence of a series that nobody has touched exists on read only.
pub(super) fn is_virtual(visit: &Visit) -> bool {
    visit.occurrence > 0 && visit.changed_at == visit.created_at
}

/// The documented stable key of an occurrence.
pub(super) fn instance_key(visit: &Visit) -> Option<String> {
    visit.series.map(|series| format!("{series}_{}", visit.first_start.strftime("%Y%m%d")))
}

/// The id: of a virtual occurrence a date-qualified form (its exact spelling is our choice), else the number.
pub(super) fn id(visit: &Visit) -> String {
    match (is_virtual(visit), visit.series) {
        (true, Some(series)) => format!("{series}_{}", visit.first_start.strftime("%Y-%m-%d")),
        _ => visit.id.to_string(),
    }
}

/// The visit with this id in either form. A virtual id is gone once the occurrence is real.
pub(super) fn find<'d>(diary: &'d Diary, wanted: &str) -> Option<&'d Visit> {
    match wanted.parse::<u64>() {
        Ok(number) => diary.visits.get(&number).filter(|visit| !is_virtual(visit)),
        Err(_) => diary.visits.values().find(|visit| is_virtual(visit) && id(visit) == wanted),
    }
}

/// One appointment; `verbose` adds what costs more.
pub(super) fn row(office: &Office, visit: &Visit, verbose: bool) -> Value {
    let (diary, zone) = (&office.diary, server_zone(office));
    let kind = diary.kind_of(visit);
    let custom = match &visit.standing {
        Standing::Own(word) => Some(word.as_str()),
        _ => None,
    };
    let mut row = json!({
        "id": id(visit),
        "doctor": visit.provider,
        "patient": visit.patient(),
        "office": visit.place,
        "exam_room": if visit.is_block() { 0 } else { 1 },
        "scheduled_time": shown(visit.start),
        "duration": visit.minutes,
        "status": word(&visit.standing),
        "custom_status": custom,
        "profile": if visit.is_block() { Value::Null } else { visit.kind.into() },
        "reason": visit.reason,
        "notes": visit.note,
        "color": "#3B7DD8",
        "appt_is_break": visit.is_block(),
        "is_walk_in": false,
        "allow_overlapping": false,
        "recurring_appointment": visit.series.is_some(),
        "is_virtual_base": visit.series == Some(visit.id),
        "base_recurring_appointment": visit.series.filter(|series| *series != visit.id).map(|id| id.to_string()),
        "recurrence_instance_key": instance_key(visit),
        "cloned_from": null,
        "deleted_flag": visit.is_deleted,
        "primary_insurer_name": "",
        "primary_insurance_id_number": "",
        "billing_status": "",
        "payment_profile": "Insurance",
        "created_at": naive(visit.created_at, &zone),
        "updated_at": naive(visit.changed_at, &zone),
        "created_by": "frontdesk",
    });
    if office.is_on("has_is_telehealth") {
        row["is_telehealth"] = (kind.modality == Modality::Video && !visit.is_block()).into();
    }
    if verbose {
        row["extended_updated_at"] = naive(visit.changed_at, &zone).into();
        row["reminders"] = json!([]);
        row["vitals"] = json!({});
        row["clinical_note"] = Value::Null;
        row["custom_fields"] = json!([]);
        row["custom_vitals"] = json!([]);
        let transition = json!({
            "appointment": id(visit), "from_status": "", "to_status": word(&visit.standing),
            "datetime": naive(visit.changed_at, &zone),
        });
        let is_moved_on = visit.standing != Standing::Booked;
        row["status_transitions"] = if is_moved_on { json!([transition]) } else { json!([]) };
    }
    row
}
