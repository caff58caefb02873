//! `GetAppointments`: no pages, a default window, and a placeholder where nothing is.

use super::times::{list_zone, range, server_zone, us};
use super::xml::{Node, SLASH, wrap};
use super::{PRACTICE, Refused};
use crate::diary::{Diary, Standing, Visit};
use crate::vendors::VendorFault;
use crate::vendors::call::Call;
use crate::vendors::office::Office;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The members of the filter, in their order (confirmed).
const FILTER: [&str; 16] = [
    "AppointmentReason",
    "ConfirmationStatus",
    "EndDate",
    "FromCreatedDate",
    "FromLastModifiedDate",
    "PatientCasePayerScenario",
    "PatientFullName",
    "PatientID",
    "PracticeName",
    "ResourceName",
    "ServiceLocationName",
    "StartDate",
    "TimeZoneOffsetFromGMT",
    "ToCreatedDate",
    "ToLastModifiedDate",
    "Type",
];

/// The 13 words of the enumeration and, where the guide has one, the other spelling.
const WORDS: [(&str, &str, Standing); 13] = [
    ("Scheduled", "Scheduled", Standing::Booked),
    ("Confirmed", "Confirmed", Standing::Confirmed),
    ("CheckedIn", "Check-in", Standing::CheckedIn),
    ("Roomed", "Roomed", Standing::InProgress),
    ("CheckedOut", "Check-out", Standing::Completed),
    ("NoShow", "No-show", Standing::NoShow),
    ("Cancelled", "Cancelled", Standing::Cancelled),
    ("Rescheduled", "Rescheduled", Standing::Rescheduled),
    ("Tentative", "Tentative", Standing::Proposed),
    ("ReadyToBeSeen", "ReadyToBeSeen", Standing::CheckedIn),
    ("ReminderSent", "ReminderSent", Standing::Booked),
    ("NeedsReschedule", "NeedsReschedule", Standing::Booked),
    ("Unknown", "Unknown", Standing::Booked),
];

/// The vendor's word; who called a visit off is not recorded. A word of the practice's own has no place here, but for
/// the words of the enumeration that have no neutral one.
pub(super) fn word(standing: &Standing, is_guide: bool) -> &'static str {
    let found = WORDS.iter().find(|(name, _, known)| match standing {
        Standing::Own(own) => own == name,
        off if off.is_off() && *off != Standing::Rescheduled => *known == Standing::Cancelled,
        other => known == other,
    });
    found.map_or("Unknown", |(name, guide, _)| if is_guide { guide } else { name })
}

/// What a written word of the enumeration means.
pub(super) fn standing(word: &str) -> Option<Standing> {
    let (name, _, known) = WORDS.iter().find(|(name, ..)| *name == word)?;
    let is_shared = WORDS.iter().find(|(.., other)| other == known).is_some_and(|(first, ..)| first != name);
    Some(if is_shared { Standing::Own(word.to_owned()) } else { known.clone() })
}

/// The elements of list requests: `Fields` must be empty, `Filter` must be there.
pub(super) fn filter<'r>(office: &Office, request: &'r Node) -> Result<Option<&'r Node>, Refused> {
    let mut members = request.members(SLASH, &["RequestHeader", "Fields", "Filter"]);
    let fields = members.remove("Fields").is_some_and(|fields| !fields.children.is_empty());
    let Some(filter) = members.remove("Filter") else {
        return Err(Refused::error("Object reference not set to an instance of an object."));
    };
    Ok(Some(filter).filter(|_| !fields || office.is_on("fields_work")))
}

pub(super) fn appointments(office: &mut Office, call: &Call, request: &Node) -> Result<String, Refused> {
    let placeholder = || "<Appointments><AppointmentData><ID/></AppointmentData></Appointments>".to_owned();
    // Toggles yield one blank record and nothing else.
    let Some(filter) = filter(office, request)? else { return Ok(placeholder()) };
    let asked = filter.texts(SLASH, &FILTER);
    let get = |name: &str| asked.get(name);
    let zone = list_zone(office, get("TimeZoneOffsetFromGMT").map(String::as_str));
    let stamps = server_zone(office);
    let is_exclusive = office.is_on("to_is_exclusive");
    let created = range(&stamps, get("FromCreatedDate"), get("ToCreatedDate"), is_exclusive)?;
    let modified = range(&stamps, get("FromLastModifiedDate"), get("ToLastModifiedDate"), is_exclusive)?;
    let has_range = ["Created", "LastModified"].iter().any(|what| {
        asked.contains_key(format!("From{what}Date").as_str()) && asked.contains_key(format!("To{what}Date").as_str())
    });
    let scheduled = window(office, &zone, get("StartDate"), get("EndDate"), has_range)?;
    let diary = &office.diary;
    let same = |name: &str, text: &str| get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(text));
    if !same("PracticeName", &diary.name) {
        return Ok(placeholder());
    }
    let within = |at: Timestamp, (from, to): (Timestamp, Timestamp)| at >= from && at <= to;
    let mut visits: Vec<&Visit> = diary
        .visits
        .values()
        // A deleted appointment is gone without a trace.
        .filter(|visit| !visit.is_deleted)
        .filter(|visit| within(diary.starts_at(visit), scheduled))
        .filter(|visit| within(visit.created_at, created) && within(visit.changed_at, modified))
        .filter(|visit| same("PatientID", &visit.patient().map(|id| id.to_string()).unwrap_or_default()))
        .filter(|visit| same("PatientFullName", &diary.patient_of(visit).map(|row| row.name()).unwrap_or_default()))
        .filter(|visit| same("ResourceName", &resource(diary, visit)))
        .filter(|visit| same("ServiceLocationName", &diary.place_of(visit).name))
        .filter(|visit| same("AppointmentReason", &diary.kind_of(visit).name))
        .filter(|visit| same("ConfirmationStatus", word(&visit.standing, true)))
        .filter(|visit| same("Type", kind(visit)))
        .collect();
    visits.sort_by_key(|visit| (visit.start, visit.id));
    let mut rows: Vec<String> = visits.into_iter().map(|visit| row(office, visit, &zone)).collect();
    spoil(office, call, &mut rows);
    if rows.is_empty() {
        return Ok(placeholder());
    }
    Ok(format!("<Appointments>{}</Appointments>", rows.concat()))
}

/// The scheduled window with the defaults of the guide. They do not apply when a whole range of stamps is given.
fn window(
    office: &Office,
    zone: &TimeZone,
    start: Option<&String>,
    end: Option<&String>,
    has_range: bool,
) -> Result<(Timestamp, Timestamp), Refused> {
    // An end day counts to its end: the practice asks for days.
    let (from, to) = range(zone, start, end, false)?;
    if has_range {
        return Ok((from, to));
    }
    let today = zone.to_datetime(office.now).date();
    let instant = |date: jiff::civil::Date| {
        zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().unwrap_or(Timestamp::MAX)
    };
    let from = match (start, end) {
        (Some(_), _) => from,
        (None, Some(_)) => instant(today.saturating_sub(7.days())),
        (None, None) => instant(today.saturating_sub(3.days())),
    };
    let to = if end.is_some() { to } else { instant(zone.to_datetime(from).date().saturating_add(7.days())) };
    Ok((from, to))
}

/// The list faults, on elements.
fn spoil(office: &mut Office, call: &Call, rows: &mut Vec<String>) {
    let subject = format!("{} GetAppointments", call.path);
    for kind in [VendorFault::EmptyList, VendorFault::LostPage] {
        if office.hit(kind, &subject, &call.path).is_some() {
            rows.clear();
        }
    }
    if office.hit(VendorFault::DuplicateEvent, &subject, &call.path).is_some()
        && let Some(last) = rows.last().cloned()
    {
        rows.push(last);
    }
    if office.hit(VendorFault::Reorder, &subject, &call.path).is_some() {
        rows.reverse();
    }
}

/// `P` for a patient's, `O` for other time.
pub(super) fn kind(visit: &Visit) -> &'static str {
    if visit.is_block() { "O" } else { "P" }
}

pub(super) fn resource(diary: &Diary, visit: &Visit) -> String {
    let provider = diary.provider_of(visit);
    format!("{}, {}", provider.name(), provider.degree)
}

/// One row: all text, in the order of the alphabet.
fn row(office: &Office, visit: &Visit, zone: &TimeZone) -> String {
    let diary = &office.diary;
    let (place, stamps) = (diary.place_of(visit), server_zone(office));
    let patient = diary.patient_of(visit);
    let id = visit.series.filter(|_| office.is_on("series_share_id")).unwrap_or(visit.id);
    let is_guide = office.text("status_spelling") != "enum";
    let members = [
        ("AllDay", "false".to_owned()),
        ("AppointmentDuration", visit.minutes.to_string()),
        ("AppointmentReason1", if visit.is_block() { String::new() } else { diary.kind_of(visit).name.clone() }),
        ("AppointmentReasonID1", if visit.is_block() { String::new() } else { visit.kind.to_string() }),
        ("ConfirmationStatus", word(&visit.standing, is_guide).to_owned()),
        ("CreatedDate", us(visit.created_at, &stamps)),
        ("EndDate", us(diary.ends_at(visit), zone)),
        ("ID", id.to_string()),
        ("LastModifiedDate", us(visit.changed_at, &stamps)),
        ("Notes", visit.note.clone()),
        ("PatientFullName", patient.map(|row| row.name()).unwrap_or_default()),
        ("PatientID", patient.map(|row| row.id.to_string()).unwrap_or_default()),
        ("PracticeID", PRACTICE.to_string()),
        ("PracticeName", diary.name.clone()),
        ("Recurring", visit.series.is_some().to_string()),
        ("ResourceID1", visit.provider.to_string()),
        ("ResourceName1", resource(diary, visit)),
        ("ServiceLocationID", visit.place.to_string()),
        ("ServiceLocationName", place.name.clone()),
        ("StartDate", us(diary.starts_at(visit), zone)),
        ("Type", kind(visit).to_owned()),
    ];
    let members: Vec<(&str, &str)> = members.iter().map(|(name, text)| (*name, text.as_str())).collect();
    wrap("AppointmentData", &members)
}
