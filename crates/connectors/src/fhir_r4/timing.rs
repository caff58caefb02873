//! When a visit is: instants with offsets, and the zone they were written in.

use crate::fhir_r4::problem::Problem;
use crate::fhir_r4::terms::NO_INSTANT;
use domain::model::{Seen, Timing, TimingIssue};
use domain::text::Text;
use domain::time::{Moment, Placement, Zone};
use wire::fhir::{Appointment, DateTime, Str};

/// The extension that names the zone of an instant.
const ZONE_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/timezone";

/// What a visit says about its time. A resource is whole: one without a start has none.
pub(super) fn timing(visit: &Appointment<'_>, zone: &Zone) -> Result<Timing, Problem> {
    let mut timing = Timing {
        start: None,
        end: None,
        zone: own_zone(visit).unwrap_or_else(|| zone.name().clone()),
        start_seen: None,
        end_place: None,
        placement: Placement::Given,
        issues: Vec::new(),
    };
    if let Some((text, date)) = date(visit.start.as_ref(), "Appointment.start")? {
        let seen = Seen { value: Text::from(text), place: Text::literal("Appointment.start") };
        match (date.epoch_micros(), date.second_of_day) {
            (Some(micros), _) => {
                timing.start = Some(Moment::from_micros(micros));
                timing.start_seen = Some(seen);
            }
            (None, Some(_)) => return Err(Problem::at(Text::literal("Appointment.start"), NO_INSTANT)),
            (None, None) => timing.issues.push(TimingIssue::DateOnly(seen)),
        }
    }
    if let Some((text, date)) = date(visit.end.as_ref(), "Appointment.end")? {
        let place = Text::literal("Appointment.end");
        match (date.epoch_micros().map(Moment::from_micros), timing.start) {
            (Some(end), Some(start)) if end < start => {
                // An end before the start is no end: the visit would count as over before it began.
                let other = Seen { value: Text::from(text), place };
                timing.issues.extend(timing.start_seen.clone().map(|used| TimingIssue::FieldsDisagree(used, other)));
            }
            (Some(end), _) => {
                timing.end = Some(end);
                timing.end_place = Some(place);
            }
            (None, _) if date.second_of_day.is_some() => return Err(Problem::at(place, NO_INSTANT)),
            (None, _) => {}
        }
    }
    if let (Some(start), None, Some(minutes)) = (timing.start, timing.end, visit.minutes_duration) {
        timing.end = Some(start.plus_minutes(i64::from(minutes)));
        timing.end_place = Some(Text::literal("Appointment.minutesDuration"));
    }
    Ok(timing)
}

fn date<'t>(text: Option<&'t Str<'_>>, place: &'static str) -> Result<Option<(&'t str, DateTime)>, Problem> {
    let Some(text) = text.and_then(Str::present) else { return Ok(None) };
    let date = DateTime::parse(text).map_err(|fault| Problem::of_date(Text::literal(place), fault))?;
    Ok(Some((text, date)))
}

/// The zone that the start itself names. One that the zone database does not know is no zone.
fn own_zone(visit: &Appointment<'_>) -> Option<Text> {
    let extensions = &visit.start_more.as_ref()?.extension;
    let named = extensions.iter().find(|extension| extension.url.as_deref() == Some(ZONE_EXTENSION))?;
    Zone::named(named.value_code.as_ref()?.present()?).ok().map(|zone| zone.name().clone())
}
