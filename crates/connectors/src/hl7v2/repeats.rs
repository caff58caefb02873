//! Visits that repeat (HL7 v2.5.1 §10.6, table 0335): a pattern in TQ1-3 or SCH-11.2, or several times in SCH-11.

use crate::hl7v2::decode::Problem;
use crate::hl7v2::timing::Placing;
use crate::hl7v2::values::Reading;
use crate::recurrence::{MOST, NoSpread, Pattern};
use domain::model::{Endless, Every, Repeats, Seen, Timing};
use domain::text::Text;
use domain::time::Moment;
use wire::hl7::ack::ErrorCode;
use wire::hl7::{Component, Dtm, Location, Segment};

/// Where a pattern stands.
struct Place {
    location: Location,
    text: &'static str,
}

/// What a message says about the series of its visit, when it says anything: which occurrence it is about (SCH-3), and
/// when each of them is. A visit that names a parent stands for itself.
pub(super) fn repeats(
    reading: &Reading<'_, '_>,
    sch: &Segment<'_>,
    timing: Option<&Timing>,
    placing: &Placing<'_>,
) -> Result<Option<Repeats>, Problem> {
    let from = reading.trimmed(&sch.field(3), 1).and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    let (times, endless) = match timing {
        Some(timing) => match pattern(reading, sch, placing)? {
            Some((pattern, place)) => by_pattern(&pattern, &place, timing, placing)?,
            None => (one_by_one(sch, timing, placing)?, None),
        },
        None => (Vec::new(), None),
    };
    let says = from.is_some() || !times.is_empty();
    Ok(says.then_some(Repeats { from, times: times.into_iter().map(Some).collect(), endless }))
}

/// The pattern, and where it stands.
fn pattern(
    reading: &Reading<'_, '_>,
    sch: &Segment<'_>,
    placing: &Placing<'_>,
) -> Result<Option<(Pattern, Place)>, Problem> {
    let tq1 = reading.message.get(b"TQ1");
    let quantity = sch.field(11).repetition(1);
    let number = |text: Option<Text>| text.and_then(|text| text.parse().ok());
    let raw = |component: &Component<'_>| Text::from(component.subcomponent(1).text(&reading.charset).trim());
    let code = raw(&tq1.field(3).component(1));
    if !code.is_empty() {
        let place = Place { location: Location::field(b"TQ1", 1, 3), text: "TQ1-3" };
        let count = number(reading.trimmed(&tq1.field(14), 1));
        let until = until(&tq1.field(8).component(1), placing);
        return Ok(read(&code, &place)?.map(|every| (Pattern { every, count, until }, place)));
    }
    let code = raw(&quantity.component(2));
    if code.is_empty() {
        return Ok(None);
    }
    let place = Place { location: Location::field(b"SCH", 1, 11).component(2), text: "SCH-11.2" };
    let count = number(Text::present(&quantity.component(12).text(&reading.charset)));
    Ok(read(&code, &place)?.map(|every| (Pattern { every, count, until: None }, place)))
}

/// The end of the series in local time. A date alone means its whole day.
fn until(value: &Component<'_>, placing: &Placing<'_>) -> Option<jiff::civil::DateTime> {
    let dtm: Dtm = value.dtm().ok()??;
    placing.local(&dtm)
}

/// A code of table 0335. Only the forms that begin with Q say how visits repeat; `Once` says that they do not. What
/// else there is (twice a day, at meals) is for orders, and what it would mean for a visit is not guessed.
fn read(code: &str, place: &Place) -> Result<Option<Every>, Problem> {
    if code.eq_ignore_ascii_case("once") {
        return Ok(None);
    }
    let unknown = || problem(place, "The repeat pattern is none that visits repeat by (table 0335: Q2W, QJ135, …).");
    let rest = code.strip_prefix(['Q', 'q']).ok_or_else(unknown)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (interval, unit) = rest.split_at(digits);
    let interval: u32 = if interval.is_empty() { 1 } else { interval.parse().map_err(|_| unknown())? };
    if interval == 0 {
        return Err(unknown());
    }
    let mut letters = unit.chars();
    let every = match (letters.next().map(|letter| letter.to_ascii_uppercase()), letters.as_str()) {
        (Some('D'), "") => Every::Days(interval),
        (Some('W'), "") => Every::Weeks(interval, Vec::new()),
        (Some('L'), "") => Every::Months(interval),
        (Some('J'), days) if !days.is_empty() => {
            let days: Option<Vec<u8>> =
                days.bytes().map(|day| (b'1'..=b'7').contains(&day).then(|| day - b'0')).collect();
            Every::Weeks(interval, days.ok_or_else(unknown)?)
        }
        _ => return Err(unknown()),
    };
    Ok(Some(every))
}

fn problem(place: &Place, why: &'static str) -> Problem {
    Problem { code: ErrorCode::TABLE_VALUE_NOT_FOUND, location: Some(place.location), diagnostic: Text::literal(why) }
}

/// Each visit of a pattern, at the local time of the first one.
fn by_pattern(
    pattern: &Pattern,
    place: &Place,
    first: &Timing,
    placing: &Placing<'_>,
) -> Result<(Vec<Timing>, Option<Endless>), Problem> {
    let Some(start) = first.start else {
        return Err(problem(place, "There is a repeat pattern and no start that it would begin with."));
    };
    let local = placing.zone.local(start);
    let starts = pattern.spread(local).map_err(|fault| match fault {
        NoSpread::TooMany => problem(place, TOO_MANY),
        NoSpread::Senseless => problem(place, "The repeat pattern, its count and its end contradict each other."),
    })?;
    let visits =
        starts.into_iter().map(|at| if at == local { first.clone() } else { at_local(first, at, place.text, placing) });
    let length = first.end.map(|end| end.secs_since(start));
    let endless = pattern.endless(local, placing.zone.name(), length, &Text::literal(place.text));
    Ok((visits.collect(), endless))
}

const TOO_MANY: &str = "The series has more than 500 visits: name its end, or send it in parts.";

/// The same visit at another local time; how long it lasts stays.
fn at_local(first: &Timing, at: jiff::civil::DateTime, place: &'static str, placing: &Placing<'_>) -> Timing {
    let placed = placing.zone.place(at);
    let length = first.start.zip(first.end).map(|(start, end)| end.secs_since(start));
    let seen = Text::from(at.strftime("%Y%m%d%H%M%S").to_string());
    Timing {
        start: Some(placed.moment),
        end: length.map(|secs| placed.moment.plus_secs(secs)),
        start_seen: Some(Seen { value: seen, place: Text::literal(place) }),
        placement: placed.placement,
        ..first.clone()
    }
}

/// Several times of one visit, told one by one: SCH-11 repeats with a start each.
fn one_by_one(sch: &Segment<'_>, first: &Timing, placing: &Placing<'_>) -> Result<Vec<Timing>, Problem> {
    let mut starts: Vec<Moment> = Vec::new();
    let mut times = Vec::new();
    let field = sch.field(11);
    for quantity in field.repetitions() {
        let Ok(Some(dtm)) = quantity.component(4).dtm() else { continue };
        let Some((moment, placement)) = placing.instant(&dtm) else { continue };
        if starts.contains(&moment) {
            continue;
        }
        starts.push(moment);
        let value = Text::from(String::from_utf8_lossy(quantity.component(4).raw()).trim());
        let length = first.start.zip(first.end).map(|(start, end)| end.secs_since(start));
        let end = match quantity.component(5).dtm() {
            Ok(Some(dtm)) => placing.instant(&dtm).map(|(end, _)| end),
            _ => length.map(|secs| moment.plus_secs(secs)),
        };
        times.push(Timing {
            start: Some(moment),
            end: end.filter(|end| *end >= moment),
            start_seen: Some(Seen { value, place: Text::literal("SCH-11.4") }),
            placement,
            ..first.clone()
        });
    }
    if times.len() > MOST {
        let place = Place { location: Location::field(b"SCH", 1, 11), text: "SCH-11" };
        return Err(problem(&place, TOO_MANY));
    }
    // One time is a visit, and no series.
    Ok(if times.len() > 1 { times } else { Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_4_codes_that_visits_repeat_by_are_read_and_those_of_orders_are_not_guessed() {
        let place = || Place { location: Location::field(b"TQ1", 1, 3), text: "TQ1-3" };
        let read = |code: &str| read(code, &place()).map_err(|problem| problem.diagnostic.to_string());
        assert_eq!(read("QD"), Ok(Some(Every::Days(1))));
        assert_eq!(read("q3W"), Ok(Some(Every::Weeks(3, Vec::new()))));
        assert_eq!(read("Q2L"), Ok(Some(Every::Months(2))));
        assert_eq!(read("QJ135"), Ok(Some(Every::Weeks(1, vec![1, 3, 5]))));
        assert_eq!(read("Q2J2"), Ok(Some(Every::Weeks(2, vec![2]))));
        assert_eq!(read("Once"), Ok(None));
        for unknown in ["BID", "Q0W", "QJ", "QJ8", "Q2H", "Q", "PRN", "QWX"] {
            assert!(read(unknown).is_err_and(|why| why.contains("table 0335")), "{unknown}");
        }
    }
}
