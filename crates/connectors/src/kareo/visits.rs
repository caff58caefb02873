//! A row of a list and its detail into one record.
//!
//! A row has the names, a detail has the times with a zone, the way of meeting and everybody of a group; each without
//! the other would say half, and two halves told in turn would look like changes.

use crate::kareo::rules::Rules;
use crate::kareo::times::{instant, naive, universal};
use crate::kareo::xml::Node;
use domain::model::{
    AppointmentRecord, Event, Participant, Provider, RosterRecord, Seen, Series, Stamp, StatusSaid, Timing,
    TimingIssue, VisitType,
};
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::{Moment, Placement};
use engine::poll::Problem;

/// A row has so many places for resources.
const RESOURCES: usize = 10;

/// What is needed to read rows.
pub(super) struct Reading<'r> {
    pub(super) rules: &'r RuleSet,
    pub(super) own: &'r Rules,
    pub(super) stamp: Stamp,
}

/// What a visit is known by.
pub(super) fn source_id(row: &Node, own: &Rules) -> Option<Text> {
    let id = row.get("ID")?;
    if !own.series_share_id || !row.says_yes("Recurring") {
        return Some(id.into());
    }
    let start = naive(row.get("StartDate")?)?;
    Some(Text::from(format!("{id}@{}", start.strftime("%Y-%m-%dT%H:%MZ"))))
}

/// The appointment's own id in what a visit is known by.
pub(super) fn appointment_id(source_id: &str) -> &str {
    source_id.split('@').next().unwrap_or(source_id)
}

/// A row whose detail says more: time that nobody comes in has none.
pub(super) fn wants_detail(row: &Node, own: &Rules) -> bool {
    row.get("PatientID").is_some() || row.get("Type").is_none_or(|kind| own.is_of_patient(kind))
}

/// The patients of a visit, by its detail where there is one.
pub(super) fn patients<'n>(row: &'n Node, detail: Option<&'n Node>) -> Vec<(Text, &'static str)> {
    let of = |summary: &Node| summary.get("PatientId").map(Text::from);
    let mut people: Vec<(Text, &'static str)> = Vec::new();
    if let Some(detail) = detail {
        let group = detail.child("PatientSummaries").into_iter().flat_map(|group| &group.children).filter_map(of);
        people.extend(group.map(|id| (id, "Appointment.PatientSummaries")));
        if people.is_empty() {
            let one = detail.child("PatientSummary").and_then(of);
            people.extend(one.map(|id| (id, "Appointment.PatientSummary")));
        }
    }
    // Of a group the row names nobody but the first, and after the last has left, still somebody.
    let is_group = detail.is_some_and(|detail| detail.says_yes("IsGroupAppointment"));
    if people.is_empty() && !is_group {
        people.extend(row.get("PatientID").map(|id| (id.into(), "PatientID")));
    }
    people
}

impl Reading<'_> {
    pub(super) fn visit(&self, row: &Node, detail: Option<&Node>) -> Result<AppointmentRecord, Problem> {
        let id = source_id(row, self.own).ok_or_else(|| problem(None, "StartDate", "The row has no start."))?;
        let department = row.get("ServiceLocationID").map(|id| seen(id, "ServiceLocationID"));
        let timing = self.timing(row, detail, department.as_ref().map(|seen| seen.value.as_str()));
        let timing = timing.map_err(|(place, what)| problem(Some(&id), place, what))?;
        let is_group = detail.is_some_and(|detail| detail.says_yes("IsGroupAppointment"));
        let people = patients(row, detail);
        let event = if people.is_empty() && !is_group { Event::SlotBlocked } else { Event::Listed };
        let participants = people.into_iter().map(|(source_id, place)| Participant {
            source_id,
            status: None,
            place: Text::literal(place),
        });
        Ok(AppointmentRecord {
            booked_at: detail.and_then(|detail| instant(detail.get("CreatedAt")?)),
            timing: Some(timing),
            status: if event == Event::Listed { self.status(row, detail) } else { None },
            visit_type: row.get("AppointmentReason1").map(|name| VisitType {
                id: row.get("AppointmentReasonID1").map(Text::from),
                name: name.into(),
                place: Text::literal("AppointmentReason1"),
            }),
            modality: detail.and_then(|detail| {
                let value = self.own.modality(detail.get("AppointmentMode")?);
                Some(Seen { value, place: Text::literal("Appointment.AppointmentMode") })
            }),
            department,
            providers: RosterRecord::All(provider(row, detail).into_iter().collect()),
            participants: RosterRecord::All(participants.collect()),
            series: detail.and_then(series),
            ..AppointmentRecord::about(id, self.stamp, event)
        })
    }

    fn status(&self, row: &Node, detail: Option<&Node>) -> Option<StatusSaid> {
        let of_row = row.get("ConfirmationStatus").map(|word| seen(word, "ConfirmationStatus"));
        let of_detail = || Some(seen(detail?.get("AppointmentStatus")?, "Appointment.AppointmentStatus"));
        let word = of_row.or_else(of_detail)?;
        let note = row.get("Notes").filter(|_| self.rules.statuses.reads_more_than_words());
        let note = note.map(|note| seen(note, "Notes"));
        Some(StatusSaid { word: Some(word), note, ..StatusSaid::by(Event::Listed) })
    }

    /// The detail's times are instants. Those of the row were asked for by universal time; where both are there and
    /// disagree, somebody has to look.
    fn timing(
        &self,
        row: &Node,
        detail: Option<&Node>,
        department: Option<&str>,
    ) -> Result<Timing, (&'static str, &'static str)> {
        let own = detail.and_then(|detail| detail.get("StartTime"));
        let of_detail = match own.map(instant) {
            Some(None) => return Err(("Appointment.StartTime", "The time has no zone, so it is no instant.")),
            found => found.flatten(),
        };
        let listed = row.get("StartDate").map(|text| (text, universal(text)));
        let (start, used) = match (of_detail.zip(own), listed) {
            (Some((at, text)), _) => (at, seen(text, "Appointment.StartTime")),
            (None, Some((text, Some(at)))) => (at, seen(text, "StartDate")),
            (None, _) => return Err(("StartDate", "The start is no time.")),
        };
        let mut issues = Vec::new();
        // With one id for a whole series, a detail is that of its beginning.
        if let Some((text, Some(at))) = listed
            && at != start
            && !self.own.series_share_id
        {
            issues.push(TimingIssue::FieldsDisagree(used.clone(), seen(text, "StartDate")));
        }
        let (start, used) = match listed {
            Some((text, Some(at))) if self.own.series_share_id => (at, seen(text, "StartDate")),
            _ => (start, used),
        };
        let (end, end_place) = end(row, detail.filter(|_| !self.own.series_share_id), start);
        Ok(Timing {
            start: Some(start),
            end,
            zone: self.rules.zone_of(department).name().clone(),
            start_seen: Some(used),
            end_place,
            placement: Placement::Given,
            issues,
        })
    }
}

fn end(row: &Node, detail: Option<&Node>, start: Moment) -> (Option<Moment>, Option<Text>) {
    let of_detail = detail.and_then(|detail| instant(detail.get("EndTime")?)).map(|end| (end, "Appointment.EndTime"));
    let of_row = || row.get("EndDate").and_then(universal).map(|end| (end, "EndDate"));
    let by_length = || {
        let minutes: i64 = row.get("AppointmentDuration")?.parse().ok()?;
        Some((start.plus_minutes(minutes), "AppointmentDuration"))
    };
    let end = of_detail.or_else(of_row).or_else(by_length).filter(|(end, _)| *end > start);
    end.map_or((None, None), |(end, place)| (Some(end), Some(Text::literal(place))))
}

/// The provider of the detail with the name that the row has for it. Where there is no detail, the first resource.
fn provider(row: &Node, detail: Option<&Node>) -> Option<Provider> {
    let resource = |wanted: Option<&str>| {
        (1..=RESOURCES).find_map(|n| {
            let id = row.get(&format!("ResourceID{n}"))?;
            wanted.is_none_or(|wanted| wanted == id).then(|| (id, row.get(&format!("ResourceName{n}"))))
        })
    };
    let named = detail.and_then(|detail| detail.get("ProviderId"));
    let name = |found: Option<(&str, Option<&str>)>| found.and_then(|(_, name)| name).map(Text::from);
    let (source_id, name, place) = match named {
        Some(id) => (id, name(resource(Some(id)).or_else(|| resource(None))), "Appointment.ProviderId"),
        None => {
            let found = resource(None)?;
            (found.0, name(Some(found)), "ResourceID1")
        }
    };
    Some(Provider { source_id: source_id.into(), name, role: None, place: Text::literal(place) })
}

fn series(detail: &Node) -> Option<Series> {
    let rule = detail.child("RecurrenceRule")?.get("RecurrenceRuleId")?;
    let occurrence = detail.get("OccurrenceId").and_then(|text| text.parse().ok());
    Some(Series { id: rule.into(), occurrence, placed: None, goes_on: None })
}

fn seen(value: &str, place: &'static str) -> Seen {
    Seen { value: value.into(), place: Text::literal(place) }
}

fn problem(id: Option<&Text>, place: &'static str, what: &'static str) -> Problem {
    Problem { source_id: id.cloned(), place: Text::literal(place), what: Text::literal(what), body: None }
}
