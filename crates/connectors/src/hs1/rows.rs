//! Rows into records. Every time carries its offset; the row holds what is so now.

use crate::loose::Loose;
use domain::model::{
    AppointmentRecord, Event, Participant, PatientRecord, Provider, Record, RosterRecord, Seen, Stamp, StatusSaid,
    Timing, TimingIssue,
};
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::{Moment, Placement};
use engine::ingest::EnvelopeFormat;
use engine::poll::{Problem, Sheet};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// A page of rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<'a> {
    #[serde(borrow)]
    pub(super) appointments: Vec<&'a RawValue>,
    #[serde(default)]
    pub(super) continuation_token: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    id: Loose,
    patient_id: Loose,
    location: Option<Named>,
    providers: Vec<Named>,
    start_date: Loose,
    end_date: Loose,
    status: Loose,
    created_date: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    id: Loose,
    name: Loose,
    #[serde(rename = "type")]
    kind: Loose,
}

/// What is needed to read rows.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r> {
    pub(super) rules: &'r RuleSet,
    /// When they are read.
    pub(super) now: Moment,
}

impl Reading<'_> {
    /// One row; `place`: where it stands.
    pub(super) fn appointment(&self, row: &RawValue, place: &str) -> Result<AppointmentRecord, Problem> {
        let bad = |id: Option<&Text>, field: &str, what: &'static str| problem(row, id, place, field, what);
        let read: Row = serde_json::from_str(row.get()).map_err(|_| bad(None, "", "The row is not readable."))?;
        let id = read.id.text().ok_or_else(|| bad(None, ".id", "The row has no id."))?;
        let status = read.status.text().ok_or_else(|| bad(Some(id), ".status", "The row has no status."))?;
        let department = read.location.as_ref().and_then(|location| location.id.text());
        let zone = self.rules.zone_of(department.map(Text::as_str)).name().clone();
        let timing = timing(&read, zone).map_err(|(field, what)| bad(Some(id), field, what))?;
        let patient = read.patient_id.text();
        let event = if patient.is_some() { Event::Listed } else { Event::SlotBlocked };
        let word = Seen { value: status.clone(), place: Text::literal("status") };
        let status = patient.map(|_| StatusSaid { word: Some(word), ..StatusSaid::by(event) });
        Ok(AppointmentRecord {
            booked_at: instant(&read.created_date),
            status,
            timing: Some(timing),
            department: department.map(|id| Seen { value: id.clone(), place: Text::literal("location.id") }),
            providers: RosterRecord::All(read.providers.iter().enumerate().filter_map(provider).collect()),
            participants: RosterRecord::All(patient.map(participant).into_iter().collect()),
            present: true,
            ..AppointmentRecord::about(id.clone(), self.stamp(), event)
        })
    }

    /// Reads a row into a sheet; `patients`: whom other answers tell of.
    pub(super) fn read_into(&self, sheet: &mut Sheet, row: &RawValue, place: &str, patients: Vec<PatientRecord>) {
        match self.appointment(row, place) {
            Ok(visit) => sheet.records.push(Record::Appointment(Box::new(visit), patients)),
            Err(problem) => sheet.problems.push(problem),
        }
    }

    /// What a page of the site's book says.
    pub(super) fn book(&self, body: Arc<[u8]>, rows: &[&RawValue]) -> Sheet {
        let mut sheet = sheet(body);
        for (n, row) in rows.iter().enumerate() {
            self.read_into(&mut sheet, row, &format!("appointments[{n}]"), Vec::new());
        }
        sheet
    }

    /// Nobody's version counts: the row says what is so when it is read.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp { at: self.now, sequence: 0 }
    }
}

fn provider((n, row): (usize, &Named)) -> Option<Provider> {
    let place = Text::from(format!("providers[{n}].id"));
    let (name, role) = (row.name.text().cloned(), row.kind.text().cloned());
    Some(Provider { source_id: row.id.text()?.clone(), name, role, place })
}

fn participant(id: &Text) -> Participant {
    Participant { source_id: id.clone(), status: None, place: Text::literal("patientId") }
}

fn instant(value: &Loose) -> Option<Moment> {
    value.text()?.parse::<jiff::Timestamp>().ok().map(Moment::from)
}

fn timing(row: &Row, zone: Text) -> Result<Timing, (&'static str, &'static str)> {
    const NO_INSTANT: &str = "The time is none, or has no offset from UTC.";
    let text = row.start_date.text().ok_or((".startDate", "The row has no start."))?;
    let start = instant(&row.start_date).ok_or((".startDate", NO_INSTANT))?;
    let seen = Seen { value: text.clone(), place: Text::literal("startDate") };
    let mut timing = Timing {
        start: Some(start),
        end: None,
        zone,
        start_seen: Some(seen.clone()),
        end_place: None,
        placement: Placement::Given,
        issues: Vec::new(),
    };
    if let Some(text) = row.end_date.text() {
        let end = instant(&row.end_date).ok_or((".endDate", NO_INSTANT))?;
        if end < start {
            let other = Seen { value: text.clone(), place: Text::literal("endDate") };
            timing.issues.push(TimingIssue::FieldsDisagree(seen, other));
        } else {
            timing.end = Some(end);
            timing.end_place = Some(Text::literal("endDate"));
        }
    }
    Ok(timing)
}

/// A sheet that says nothing yet.
pub(super) fn sheet(body: Arc<[u8]>) -> Sheet {
    Sheet::of(body, EnvelopeFormat::Json)
}

fn problem(row: &RawValue, id: Option<&Text>, place: &str, field: &str, what: &'static str) -> Problem {
    let body = Some(Arc::from(row.get().as_bytes()));
    Problem { source_id: id.cloned(), place: Text::from(format!("{place}{field}")), what: Text::literal(what), body }
}
