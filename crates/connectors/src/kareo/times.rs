//! Times as the service writes and takes them.

use domain::time::Moment;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The forms in which lists may write times: US with halves of the day or without, ISO. Which it is, is inferred from
/// the guide's examples, so all are read.
const FORMS: [&str; 4] = ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"];

/// A time without a zone.
pub(super) fn naive(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let us = FORMS.iter().find_map(|form| DateTime::strptime(form, text).ok());
    us.or_else(|| Date::strptime("%m/%d/%Y", text).ok().map(|day| day.at(0, 0, 0, 0)))
        .or_else(|| text.trim_end_matches('Z').parse().ok())
}

/// A time that a list was asked to write by universal time.
pub(super) fn universal(text: &str) -> Option<Moment> {
    let at = TimeZone::UTC.to_ambiguous_timestamp(naive(text)?).compatible().ok()?;
    Some(at.into())
}

/// A time of a detail: with its `Z`.
pub(super) fn instant(text: &str) -> Option<Moment> {
    text.trim().parse::<Timestamp>().ok().map(Moment::from)
}

/// A day of birth, with or without a time behind it.
pub(super) fn day(text: &str) -> Option<Date> {
    naive(text).map(DateTime::date)
}

/// A day as filters take it.
pub(super) fn us_day(day: Date) -> String {
    day.strftime("%m/%d/%Y").to_string()
}

/// The day of universal time.
pub(super) fn utc_day(at: Moment) -> Date {
    TimeZone::UTC.to_datetime(at.timestamp()).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn every_form_is_the_same_time() {
        for text in [
            "10/14/2030 2:30:00 PM",
            "10/14/2030 2:30 PM",
            "10/14/2030 14:30:00",
            "2030-10-14T14:30:00",
            "2030-10-14T14:30:00Z",
        ] {
            assert_eq!(naive(text), Some(datetime(2030, 10, 14, 14, 30, 0, 0)), "{text}");
        }
        assert_eq!(instant("2030-10-14T14:30:00.000Z").unwrap().to_string(), "2030-10-14T14:30:00Z");
        assert_eq!(instant("2030-10-14T14:30:00"), None, "without a zone it is no instant");
        assert_eq!(naive("14.10.2030"), None);
        assert_eq!(us_day(day("02/03/1984").unwrap()), "02/03/1984");
    }
}
