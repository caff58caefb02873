//! Microsoft's dates in JSON, and clock times as people write them.

use domain::time::{Moment, Zone};
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// How clock times may be written: no client shows it for certain, so all are read.
const CLOCKS: [&str; 5] = ["%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H:%M", "%H:%M:%S"];

/// `/Date(1772656200000-0600)/`: an instant, and the offset of whoever wrote it. The instant may be before 1970.
pub(super) fn ms_date(text: &str) -> Option<(Moment, Offset)> {
    let inner = text.trim().replace('\\', "");
    let inner = inner.strip_prefix("/Date(")?.strip_suffix(")/")?;
    // A minus at the beginning belongs to the number.
    let sign = inner.char_indices().skip(1).find(|(_, letter)| matches!(letter, '+' | '-'));
    let (millis, offset) = sign.map_or((inner, ""), |(at, _)| inner.split_at(at));
    let at = Timestamp::from_millisecond(millis.parse().ok()?).ok()?;
    Some((at.into(), read_offset(offset)?))
}

fn read_offset(text: &str) -> Option<Offset> {
    if text.is_empty() {
        return Some(Offset::UTC);
    }
    let (sign, digits) = text.split_at(1);
    if digits.len() != 4 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    let seconds = (hours * 60 + minutes) * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

/// The day that a date shows where it was written.
pub(super) fn ms_day(text: &str) -> Option<Date> {
    let (at, offset) = ms_date(text)?;
    Some(offset.to_datetime(at.timestamp()).date())
}

/// A date as the service takes it, by the clock of a zone.
pub(super) fn write_ms_date(at: Moment, zone: &Zone) -> String {
    let rules = TimeZone::get(zone.name()).unwrap_or(TimeZone::UTC);
    let minutes = rules.to_offset(at.timestamp()).seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let millis = at.timestamp().as_millisecond();
    format!("/Date({millis}{sign}{:02}{:02})/", minutes.abs() / 60, minutes.abs() % 60)
}

/// `03/04/2026`
pub(super) fn us_day(text: &str) -> Option<Date> {
    Date::strptime("%m/%d/%Y", text.trim()).ok()
}

/// `2:30 PM`, `14:30`, and what is like them.
pub(super) fn clock(text: &str) -> Option<Time> {
    CLOCKS.iter().find_map(|form| Time::strptime(form, text.trim()).ok())
}

/// The last millisecond before.
pub(super) fn just_before(at: Moment) -> Moment {
    let before = at.timestamp().checked_sub(SignedDuration::from_millis(1));
    before.map_or(at, Moment::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn microsofts_dates_read_with_signs_offsets_and_escaped_slashes() {
        let told = |text: &str| ms_date(text).map(|(at, _)| at.to_string());
        assert_eq!(told("/Date(1772656200000-0600)/").as_deref(), Some("2026-03-04T20:30:00Z"));
        assert_eq!(told("\\/Date(1772656200000+0000)\\/").as_deref(), Some("2026-03-04T20:30:00Z"));
        assert_eq!(told("/Date(-86400000)/").as_deref(), Some("1969-12-31T00:00:00Z"));
        assert_eq!(ms_day("/Date(-86400000-0600)/"), Some(date(1969, 12, 30)));
        assert_eq!((told("2026-03-04"), told("/Date(x)/"), told("/Date(1+6)/")), (None, None, None));
        let zone = Zone::named("America/Chicago").unwrap();
        let (at, _) = ms_date("/Date(1772656200000-0600)/").unwrap();
        assert_eq!(write_ms_date(at, &zone), "/Date(1772656200000-0600)/");
        assert_eq!(just_before(at).to_string(), "2026-03-04T20:29:59.999Z");
    }

    #[test]
    fn clock_times_read_in_every_form_that_people_write() {
        for text in ["2:30 PM", "02:30 pm", "14:30", "14:30:00", "2:30:00 PM", "2:30PM"] {
            assert_eq!(clock(text), Some(time(14, 30, 0, 0)), "{text}");
        }
        assert_eq!(clock("half past two"), None);
    }
}
