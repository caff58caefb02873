//! A row of the diary into a record.

use crate::drchrono::names::Names;
use crate::drchrono::rules::Rules;
use crate::loose::Loose;
use domain::model::{
    AppointmentRecord, Event, Participant, Provider, RosterRecord, Seen, Series, Stamp, StatusSaid, Timing, VisitType,
};
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::Zone;
use engine::poll::Problem;
use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Loose,
    doctor: Loose,
    patient: Loose,
    office: Loose,
    profile: Loose,
    scheduled_time: Loose,
    duration: Loose,
    status: Loose,
    custom_status: Loose,
    reason: Loose,
    notes: Loose,
    appt_is_break: Loose,
    is_telehealth: Loose,
    base_recurring_appointment: Loose,
    is_virtual_base: Loose,
    recurrence_instance_key: Loose,
    deleted_flag: Loose,
    archived: Loose,
    created_at: Loose,
    updated_at: Loose,
}

/// What was read of a row.
pub(super) struct Read {
    pub(super) record: AppointmentRecord,
    /// Whose visit it is; none of time that is blocked.
    pub(super) patient: Option<Text>,
    /// When the vendor says that it changed.
    pub(super) updated: Option<Text>,
}

/// What is needed to read rows.
pub(super) struct Reading<'r> {
    pub(super) rules: &'r RuleSet,
    pub(super) own: &'r Rules,
    pub(super) names: &'r Names,
    pub(super) stamp: Stamp,
}

impl Reading<'_> {
    /// The zone of a visit: the one that the document names for the office, else the doctor's own, the only one that
    /// the vendor publishes, else the practice's.
    fn zone(&self, office: Option<&Text>, doctor: Option<&Text>) -> Zone {
        let of_office = office.and_then(|office| self.rules.department_zones.get(office));
        let of_doctor = || self.names.doctor(doctor?)?.zone.as_ref();
        of_office.or_else(of_doctor).unwrap_or(&self.rules.zone).clone()
    }

    pub(super) fn visit(&self, row: &RawValue) -> Result<Read, Problem> {
        let read: Row = serde_json::from_str(row.get())
            .map_err(|_| problem(row, None, "appointment", "The appointment is not readable."))?;
        let id = source_id(&read)
            .ok_or_else(|| problem(row, None, "appointment.id", "The appointment has neither an id nor a key."))?;
        let (doctor, office) = (read.doctor.id(), read.office.id());
        let zone = self.zone(office.as_ref(), doctor.as_ref());
        let timing = timing(&read, &zone).map_err(|(place, what)| problem(row, Some(&id), place, what))?;
        let patient = read.patient.id().filter(|_| !read.appt_is_break.is_true());
        let event = if read.deleted_flag.is_true() || read.archived.is_true() {
            Event::Deleted
        } else if patient.is_none() {
            Event::SlotBlocked
        } else {
            Event::Listed
        };
        let booked = self.own.stamp_zone().zip(read.created_at.text().and_then(|text| text.parse().ok()));
        let record = AppointmentRecord {
            booked_at: booked.map(|(zone, at): (Zone, DateTime)| zone.place(at).moment),
            timing: Some(timing),
            status: self.status(&read, event),
            visit_type: read.profile.id().map(|id| VisitType {
                name: self.names.profile(&id).unwrap_or_else(|| id.clone()),
                id: Some(id),
                place: Text::literal("appointment.profile"),
            }),
            modality: read.is_telehealth.text().and_then(|_| self.own.modality(Some(read.is_telehealth.is_true()))),
            department: office.map(|value| Seen { value, place: Text::literal("appointment.office") }),
            providers: RosterRecord::All(doctor.into_iter().map(|id| self.provider(id)).collect()),
            participants: RosterRecord::All(patient.iter().cloned().map(participant).collect()),
            series: series(&read),
            ..AppointmentRecord::about(id, self.stamp, event)
        };
        Ok(Read { record, patient, updated: read.updated_at.text().cloned() })
    }

    /// The status word. An empty one is a word too: it means something, and takes an earlier one back.
    fn status(&self, row: &Row, event: Event) -> Option<StatusSaid> {
        if event == Event::Deleted {
            return Some(StatusSaid::by(event));
        }
        if event == Event::SlotBlocked {
            return None;
        }
        let (value, place) = match (row.status.text(), row.custom_status.text()) {
            (Some(word), _) => (word.clone(), "appointment.status"),
            (None, Some(word)) => (word.clone(), "appointment.custom_status"),
            (None, None) => (Text::literal(""), "appointment.status"),
        };
        let note = if self.rules.statuses.reads_more_than_words() { note(row) } else { None };
        Some(StatusSaid { word: Some(Seen { value, place: Text::literal(place) }), note, ..StatusSaid::by(event) })
    }

    fn provider(&self, source_id: Text) -> Provider {
        let name = self.names.doctor(&source_id).map(|doctor| doctor.name.clone());
        Provider { source_id, name, role: None, place: Text::literal("appointment.doctor") }
    }
}

/// The stable key of an occurrence of a series: its id changes when somebody touches it. Else the id.
fn source_id(row: &Row) -> Option<Text> {
    row.recurrence_instance_key.text().cloned().or_else(|| row.id.id())
}

/// The visit's id in what the vendor calls us with.
pub(super) fn id_in(object: &RawValue) -> Option<Text> {
    source_id(&serde_json::from_str::<Row>(object.get()).ok()?)
}

fn participant(source_id: Text) -> Participant {
    Participant { source_id, status: None, place: Text::literal("appointment.patient") }
}

fn note(row: &Row) -> Option<Seen> {
    let (text, place) = match (row.reason.text(), row.notes.text()) {
        (Some(text), _) => (text, "appointment.reason"),
        (None, text) => (text?, "appointment.notes"),
    };
    Some(Seen { value: text.clone(), place: Text::literal(place) })
}

fn series(row: &Row) -> Option<Series> {
    let root = row.base_recurring_appointment.id();
    let own = || row.id.id().filter(|_| row.is_virtual_base.is_true());
    let id = root.or_else(own).or_else(|| Some(root_of(row.recurrence_instance_key.text()?)?.0.into()))?;
    Some(Series { id, occurrence: None, placed: None, goes_on: None })
}

/// `{root}_{YYYYMMDD}`: of which series the occurrence is, and of which day it was first.
pub(super) fn root_of(key: &str) -> Option<(&str, jiff::civil::Date)> {
    let (root, day) = key.rsplit_once('_')?;
    let day = jiff::civil::Date::strptime("%Y%m%d", day).ok()?;
    root.bytes().all(|byte| byte.is_ascii_digit()).then_some((root, day))
}

fn timing(row: &Row, zone: &Zone) -> Result<Timing, (&'static str, &'static str)> {
    const PLACE: &str = "appointment.scheduled_time";
    let text = row.scheduled_time.text().ok_or((PLACE, "The appointment has no time."))?;
    let local: DateTime = text.parse().map_err(|_| (PLACE, "The time is none."))?;
    let placed = zone.place(local);
    let minutes = row.duration.number().filter(|minutes| (1..=1440).contains(minutes));
    if minutes.is_none() && row.duration.text().is_some() {
        return Err(("appointment.duration", "The length is no number of minutes of a day."));
    }
    Ok(Timing {
        start: Some(placed.moment),
        end: minutes.map(|minutes| placed.moment.plus_minutes(minutes)),
        zone: zone.name().clone(),
        start_seen: Some(Seen { value: text.clone(), place: Text::literal(PLACE) }),
        end_place: minutes.map(|_| Text::literal("appointment.duration")),
        placement: placed.placement,
        issues: Vec::new(),
    })
}

fn problem(row: &RawValue, id: Option<&Text>, place: &'static str, what: &'static str) -> Problem {
    let body = Some(Arc::from(row.get().as_bytes()));
    Problem { source_id: id.cloned(), place: Text::literal(place), what: Text::literal(what), body }
}
