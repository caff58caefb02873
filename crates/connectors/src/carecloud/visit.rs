//! A record of a visit.

use crate::carecloud::names::Names;
use crate::carecloud::people::patient;
use crate::carecloud::value::{is_yes, text};
use domain::model::{
    AppointmentRecord, Event, Participant, PatientRecord, Provider, RosterRecord, Seen, Series, Stamp, StatusSaid,
    Timing, TimingIssue, VisitType,
};
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::{Moment, Placement, Zone};
use engine::poll::Problem;
use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use serde_json::Value;

/// Forms of times with an offset, and without: the offset in the text decides.
const WITH_OFFSET: [&str; 4] =
    ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%d %H:%M:%S%.f%:z"];

/// What has to be known to read a record.
pub(super) struct Terms<'t> {
    pub(super) rules: &'t RuleSet,
    /// The stamp of what carries none of its own.
    pub(super) stamp: Stamp,
    pub(super) reasons: &'t Names,
    pub(super) providers: &'t Names,
    /// The practice whose records count.
    pub(super) business_entity: Option<&'t Text>,
}

/// A row of a list, with its wrapper or without.
pub(super) fn unwrapped(row: &Value) -> &Value {
    row.get("appointment").unwrap_or(row)
}

/// Reads a record. `place`: where it stands.
pub(super) fn visit(
    row: &Value,
    place: &str,
    terms: &Terms<'_>,
) -> Result<(AppointmentRecord, Vec<PatientRecord>), Problem> {
    let row = unwrapped(row);
    let id = text(&row["id"]);
    let problem = |field: &str, what: &'static str| Problem {
        source_id: id.clone(),
        place: Text::from(format!("{place}.{field}")),
        what: Text::literal(what),
        body: Some(row.to_string().into_bytes().into()),
    };
    let Some(source_id) = id.clone() else { return Err(problem("id", "the record has no id")) };
    let entity = text(&row["business_entity_id"]);
    if let (Some(wanted), Some(entity)) = (terms.business_entity, entity)
        && *wanted != entity
    {
        return Err(problem("business_entity_id", "the record is of another practice than source.auth names"));
    }
    let location = text(&row["location"]["id"]).map(|value| seen(value, "appointment.location.id"));
    let zone = terms.rules.zone_of(location.as_ref().map(|location| location.value.as_str()));
    let time = |field: &'static str| match text(&row[field]) {
        None => Ok(None),
        Some(text) => match read_time(&text, zone) {
            Some((moment, placement)) => Ok(Some((text, moment, placement))),
            None => Err(problem(field, "it is no time")),
        },
    };
    let (start, end) = (time("start_time")?, time("end_time")?);
    let mut people = Vec::new();
    let mut patients = Vec::new();
    // One field for one patient, another for several: both are seen in clients.
    let several = row["patients"].as_array().map_or(&[][..], Vec::as_slice);
    for person in several.iter().chain(row.get("patient")).filter(|person| !person.is_null()) {
        let Some(id) = text(&person["id"]) else {
            return Err(problem("patient.id", "the patient has no id"));
        };
        let email_place = Some(Text::literal("appointment.patient.email"));
        let read = patient(person, id.clone(), terms.stamp, email_place);
        patients.push(read.map_err(|_| problem("patient.date_of_birth", "it is no day"))?);
        people.push(Participant { source_id: id, status: None, place: Text::literal("appointment.patient.id") });
    }
    let provider = text(&row["provider_id"]).map(|id| Provider {
        name: terms.providers.get(&id).cloned(),
        source_id: id,
        role: None,
        place: Text::literal("appointment.provider_id"),
    });
    let visit_type = text(&row["visit_reason_id"]).map(|id| VisitType {
        name: terms.reasons.get(&id).cloned().unwrap_or_else(|| id.clone()),
        id: Some(id),
        place: Text::literal("appointment.visit_reason_id"),
    });
    let index = text(&row["recurrence_index"]).and_then(|index| index.parse::<u32>().ok());
    let record = AppointmentRecord {
        booked_at: time("created_at")?.map(|(_, moment, _)| moment),
        status: Some(status(row)),
        timing: Some(timing(start, end, zone)),
        visit_type,
        department: location,
        providers: RosterRecord::All(provider.into_iter().collect()),
        participants: RosterRecord::All(people),
        series: text(&row["recurrence_id"]).map(|id| Series {
            id,
            occurrence: index.map(|index| index + 1),
            placed: None,
            goes_on: None,
        }),
        ..AppointmentRecord::about(source_id, terms.stamp, Event::Listed)
    };
    Ok((record, patients))
}

fn seen(value: Text, place: &'static str) -> Seen {
    Seen { value, place: Text::literal(place) }
}

/// The code, its name, and why: the practice's own reason for calling off, or that it was confirmed.
fn status(row: &Value) -> StatusSaid {
    let status = &row["appointment_status"];
    let why = text(&row["appointment_cancellation_reason_id"])
        .or_else(|| text(&row["cancellation_details"]["id"]))
        .map(|id| seen(id, "appointment.appointment_cancellation_reason_id"));
    let confirmed = || is_yes(&row["is_confirmed"]).then(|| seen("is_confirmed".into(), "appointment.is_confirmed"));
    StatusSaid {
        word: text(&status["code"]).map(|code| seen(code, "appointment.appointment_status.code")),
        text: text(&status["name"]).map(|name| seen(name, "appointment.appointment_status.name")),
        reason: why.or_else(confirmed),
        ..StatusSaid::by(Event::Listed)
    }
}

type Told = Option<(Text, Moment, Placement)>;

fn timing(start: Told, end: Told, zone: &Zone) -> Timing {
    let mut timing = Timing {
        start: None,
        end: None,
        zone: zone.name().clone(),
        start_seen: None,
        end_place: None,
        placement: Placement::Given,
        issues: Vec::new(),
    };
    if let Some((text, moment, placement)) = start {
        (timing.start, timing.placement) = (Some(moment), placement);
        timing.start_seen = Some(seen(text, "appointment.start_time"));
    }
    match (timing.start, end) {
        (Some(start), Some((text, moment, _))) if moment < start => {
            let other = seen(text, "appointment.end_time");
            timing.issues.extend(timing.start_seen.clone().map(|used| TimingIssue::FieldsDisagree(used, other)));
        }
        (_, Some((_, moment, _))) => {
            (timing.end, timing.end_place) = (Some(moment), Some(Text::literal("appointment.end_time")));
        }
        (_, None) => {}
    }
    timing
}

/// A time with its offset; without one it is by the clocks of the location.
fn read_time(text: &str, zone: &Zone) -> Option<(Moment, Placement)> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some((instant.into(), Placement::Given));
    }
    for form in WITH_OFFSET {
        if let Ok(instant) = BrokenDownTime::parse(form, text).and_then(|broken| broken.to_timestamp()) {
            return Some((instant.into(), Placement::Given));
        }
    }
    let local: DateTime = text.parse().ok().filter(|_| text.len() > 10)?;
    let placed = zone.place(local);
    Some((placed.moment, placed.placement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_in_the_text_decides_and_without_one_the_clocks_of_the_place_do() {
        let zone = Zone::named("America/New_York").unwrap();
        let read = |text: &str| read_time(text, &zone).map(|(moment, placement)| (moment.to_string(), placement));
        let noon = |placement| Some(("2030-10-14T13:30:00Z".to_owned(), placement));
        for text in [
            "2030-10-14T09:30:00-04:00",
            "2030-10-14T09:30:00-0400",
            "2030-10-14 09:30:00 -0400",
            "2030-10-14T13:30:00Z",
        ] {
            assert_eq!(read(text), noon(Placement::Given), "{text}");
        }
        assert_eq!(read("2030-10-14T09:30:00"), noon(Placement::Unique));
        assert_eq!(read("2026-11-01T01:30:00").unwrap().1, Placement::Fold);
        assert_eq!((read("2030-10-14"), read("soon")), (None, None));
    }
}
