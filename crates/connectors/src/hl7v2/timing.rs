//! When a visit is: the order of trust among the fields that tell it (HL7 v2.5.1 §10.6; docs/systems/hl7v2.md).

use crate::hl7v2::decode::Problem;
use crate::hl7v2::values::Reading;
use domain::model::{Seen, Timing, TimingIssue};
use domain::profile::LengthUnit;
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::{Moment, Placement, Zone};
use jiff::civil::{Date, DateTime};
use wire::hl7::ack::ErrorCode;
use wire::hl7::{Component, Dtm, DurationValue, Field, Location, Precision, Segment, Unit, amount, tq_duration};

/// How local times of this message become instants.
pub(super) struct Placing<'z> {
    pub(super) zone: &'z Zone,
    /// The offset of MSH-7, where the profile trusts it for the whole message.
    pub(super) message_offset: Option<i16>,
}

/// An instant as placed.
#[derive(Clone, Copy)]
struct At {
    moment: Moment,
    placement: Placement,
}

impl Placing<'_> {
    /// The instant of a date and time; `None` when it has no time of day.
    fn place(&self, dtm: &Dtm) -> Option<At> {
        if dtm.precision < Precision::Minute {
            return None;
        }
        let local = civil(dtm)?;
        Some(match dtm.offset_minutes.or(self.message_offset) {
            Some(offset) => {
                let utc = Zone::utc().place(local).moment;
                At { moment: utc.plus_minutes(-i64::from(offset)), placement: Placement::Given }
            }
            None => {
                let placed = self.zone.place(local);
                At { moment: placed.moment, placement: placed.placement }
            }
        })
    }

    /// What the clocks at the place of the visit show; a date alone means its last second.
    pub(super) fn local(&self, dtm: &Dtm) -> Option<DateTime> {
        match self.place(dtm) {
            Some(at) => Some(self.zone.local(at.moment)),
            None => Some(civil(dtm)?.date().at(23, 59, 59, 0)),
        }
    }

    /// An instant, and how the clocks at the place made it one.
    pub(super) fn instant(&self, dtm: &Dtm) -> Option<(Moment, Placement)> {
        self.place(dtm).map(|at| (at.moment, at.placement))
    }

    /// The instant of a message's own time (MSH-7); a date alone counts from its beginning.
    pub(super) fn stamp(&self, dtm: &Dtm) -> Option<Moment> {
        let local = civil(dtm)?;
        Some(match dtm.offset_minutes {
            Some(offset) => Zone::utc().place(local).moment.plus_minutes(-i64::from(offset)),
            None => self.zone.place(local).moment,
        })
    }
}

fn civil(dtm: &Dtm) -> Option<DateTime> {
    let date =
        Date::new(i16::try_from(dtm.year).ok()?, i8::try_from(dtm.month).ok()?, i8::try_from(dtm.day).ok()?).ok()?;
    let date = if dtm.next_day { date.tomorrow().ok()? } else { date };
    let (hour, minute, second) =
        (i8::try_from(dtm.hour).ok()?, i8::try_from(dtm.minute).ok()?, i8::try_from(dtm.second).ok()?);
    Some(date.at(hour, minute, second, i32::try_from(dtm.nanosecond).ok()?))
}

/// What a message says about the time of its visit; `None`: nothing at all.
pub(super) fn timing(
    reading: &Reading<'_, '_>,
    rules: &RuleSet,
    placing: &Placing<'_>,
) -> Result<Option<Timing>, Problem> {
    let message = reading.message;
    let (sch, tq1) = (message.get(b"SCH"), message.get(b"TQ1"));
    let mut timing = Timing {
        start: None,
        end: None,
        zone: placing.zone.name().clone(),
        start_seen: None,
        end_place: None,
        placement: Placement::Unique,
        issues: Vec::new(),
    };
    let quantity = sch.field(11).repetition(1);
    let starts = [(&tq1, 7, tq1.field(7).component(1), "TQ1-7"), (&sch, 11, quantity.component(4), "SCH-11.4")];
    for (segment, number, value, place) in starts {
        look_at_start(reading, placing, &mut timing, segment, number, &value, place)?;
    }
    for (name, number) in [(b"AIS", 4), (b"AIP", 6), (b"AIG", 8), (b"AIL", 6)] {
        let Some(segment) = message.first(name) else { continue };
        // A resource that is needed earlier or later than the visit says so by an offset; its time is its own.
        let shifted = reading.trimmed(&segment.field(number + 1), 1).is_some_and(|offset| offset != "0");
        if shifted || (timing.start.is_some() && name != b"AIS") {
            continue;
        }
        let place = resource_place(*name);
        look_at_start(reading, placing, &mut timing, &segment, number, &segment.field(number).component(1), place)?;
    }
    let repeats = tq1.field(3).has_value();
    let ends =
        [(&tq1, 8, tq1.field(8).component(1), "TQ1-8", repeats), (&sch, 11, quantity.component(5), "SCH-11.5", false)];
    for (segment, number, value, place, ends_series) in ends {
        if !ends_series {
            look_at_end(reading, placing, &mut timing, segment, number, &value, place)?;
        }
    }
    leave_out_end_before_start(reading, &mut timing);
    look_at_lengths(reading, rules, &mut timing)?;
    let said =
        timing.start.is_some() || timing.end.is_some() || timing.start_seen.is_some() || !timing.issues.is_empty();
    Ok(said.then_some(timing))
}

fn resource_place(name: [u8; 3]) -> &'static str {
    match &name {
        b"AIS" => "AIS-4",
        b"AIP" => "AIP-6",
        b"AIG" => "AIG-8",
        _ => "AIL-6",
    }
}

fn look_at_start(
    reading: &Reading<'_, '_>,
    placing: &Placing<'_>,
    timing: &mut Timing,
    segment: &Segment<'_>,
    number: usize,
    value: &Component<'_>,
    place: &'static str,
) -> Result<(), Problem> {
    let Some(dtm) = read(reading, segment, number, value, place)? else { return Ok(()) };
    let seen = Seen { value: Text::from(value.text(&reading.charset).trim()), place: Text::literal(place) };
    let Some(at) = placing.place(&dtm) else {
        if timing.start.is_none() {
            timing.issues.push(TimingIssue::DateOnly(seen));
        }
        return Ok(());
    };
    match timing.start {
        None => {
            timing.start = Some(at.moment);
            timing.placement = at.placement;
            timing.start_seen = Some(seen);
            timing.issues.retain(|issue| !matches!(issue, TimingIssue::DateOnly(_)));
        }
        Some(held) if held.secs_since(at.moment).abs() > 60 => {
            if let Some(used) = timing.start_seen.clone() {
                timing.issues.push(TimingIssue::FieldsDisagree(used, seen));
            }
        }
        Some(_) => {}
    }
    Ok(())
}

fn look_at_end(
    reading: &Reading<'_, '_>,
    placing: &Placing<'_>,
    timing: &mut Timing,
    segment: &Segment<'_>,
    number: usize,
    value: &Component<'_>,
    place: &'static str,
) -> Result<(), Problem> {
    let Some(at) = read(reading, segment, number, value, place)?.and_then(|dtm| placing.place(&dtm)) else {
        return Ok(());
    };
    match (timing.end, &timing.end_place) {
        (None, _) => {
            timing.end = Some(at.moment);
            timing.end_place = Some(Text::literal(place));
        }
        (Some(held), Some(used)) if held.secs_since(at.moment).abs() > 60 => {
            let seen = |place: &Text, value: String| Seen { value: Text::from(value), place: place.clone() };
            let (used, other) = (seen(used, held.to_string()), seen(&Text::literal(place), at.moment.to_string()));
            timing.issues.push(TimingIssue::FieldsDisagree(used, other));
        }
        _ => {}
    }
    Ok(())
}

/// An end that lies before the start is no end: the visit would count as over before it began. The start is the field
/// that more depends on, so it stays, and both are named.
fn leave_out_end_before_start(reading: &Reading<'_, '_>, timing: &mut Timing) {
    let (Some(start), Some(end)) = (timing.start, timing.end) else { return };
    if end >= start {
        return;
    }
    timing.end = None;
    if let (Some(used), Some(place)) = (timing.start_seen.clone(), timing.end_place.take()) {
        let field = match place.as_str() {
            "TQ1-8" => reading.trimmed(&reading.message.get(b"TQ1").field(8), 1),
            _ => reading.trimmed(&reading.message.get(b"SCH").field(11), 5),
        };
        let seen = Seen { value: field.unwrap_or_default(), place };
        timing.issues.push(TimingIssue::FieldsDisagree(used, seen));
    }
}

/// Reads a date and time; one that was sent and cannot be read is a problem with its place.
fn read(
    _: &Reading<'_, '_>,
    segment: &Segment<'_>,
    number: usize,
    value: &Component<'_>,
    place: &'static str,
) -> Result<Option<Dtm>, Problem> {
    value.dtm().map_err(|error| Problem {
        code: ErrorCode::DATA_TYPE,
        location: Some(location(segment, number, place)),
        diagnostic: Text::from(error.to_string()),
    })
}

fn location(segment: &Segment<'_>, number: usize, place: &str) -> Location {
    let field = Location::field(segment.name(), 1, u16::try_from(number).unwrap_or(u16::MAX));
    match place.rsplit_once('.').and_then(|(_, component)| component.parse().ok()) {
        Some(component) => field.component(component),
        None => field,
    }
}

/// The end from a length, where no field gives the end itself.
fn look_at_lengths(reading: &Reading<'_, '_>, rules: &RuleSet, timing: &mut Timing) -> Result<(), Problem> {
    let message = reading.message;
    let (sch, tq1, ais) = (message.get(b"SCH"), message.get(b"TQ1"), message.get(b"AIS"));
    let coded = |segment: &Segment<'_>, number: usize, unit: &Field<'_>| {
        let value = segment.field(number).component(1);
        value.has_value().then(|| length(value.raw(), Unit::of(unit)))
    };
    let quantity = sch.field(11).repetition(1).component(3);
    let service = tq1.field(6);
    let candidates = [
        (
            "TQ1-6",
            service.component(1).has_value().then(|| length(service.component(1).raw(), quantity_unit(&service))),
        ),
        ("SCH-9", coded(&sch, 9, &sch.field(10))),
        ("SCH-11.3", quantity.has_value().then(|| tq_duration(quantity.raw()).ok())),
        ("AIS-7", coded(&ais, 7, &ais.field(8))),
        ("AIP-9", longest(reading, b"AIP", 9)),
        ("AIG-11", longest(reading, b"AIG", 11)),
        ("AIL-9", longest(reading, b"AIL", 9)),
    ];
    for (place, value) in candidates {
        let secs = match value.flatten() {
            Some(DurationValue::Seconds(secs)) => secs,
            Some(DurationValue::Unitless(number)) => match rules.source.hl7v2.length_unit {
                Some(LengthUnit::Seconds) => number,
                Some(LengthUnit::Minutes) => number.saturating_mul(60),
                None => {
                    let seen = Seen { value: Text::from(number.to_string()), place: Text::literal(place) };
                    timing.issues.push(TimingIssue::UnitMissing(seen));
                    continue;
                }
            },
            Some(DurationValue::Months(_) | DurationValue::Indefinite) | None => continue,
        };
        if let (Some(start), None) = (timing.start, timing.end) {
            timing.end = Some(start.plus_secs(i64::from(secs)));
            timing.end_place = Some(Text::literal(place));
        }
        break;
    }
    Ok(())
}

/// The unit of a CQ: component 2, as a code or its text.
fn quantity_unit(field: &Field<'_>) -> Result<Option<Unit>, wire::hl7::DurationError> {
    let unit = field.component(2);
    if !unit.has_value() {
        return Ok(None);
    }
    Unit::parse(unit.subcomponent(1).raw()).map(Some).ok_or(wire::hl7::DurationError::Unit)
}

/// A length with its unit. A unit that is no unit counts as none sent: what it means is not known either way.
fn length(value: &[u8], unit: Result<Option<Unit>, wire::hl7::DurationError>) -> Option<DurationValue> {
    amount(value, unit.unwrap_or(None)).ok()
}

fn longest(reading: &Reading<'_, '_>, name: &[u8; 3], number: usize) -> Option<Option<DurationValue>> {
    let lengths = reading.message.all(name).filter_map(|segment| {
        let value = segment.field(number).component(1);
        value.has_value().then(|| length(value.raw(), Unit::of(&segment.field(number + 1))))?
    });
    let longest = lengths.max_by_key(|value| match value {
        DurationValue::Seconds(secs) => *secs,
        DurationValue::Unitless(_) | DurationValue::Months(_) | DurationValue::Indefinite => 0,
    });
    Some(longest)
}
