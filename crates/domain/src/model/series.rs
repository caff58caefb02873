//! How the visits of a series repeat, and how a series without an end goes on.

use crate::model::{Seen, Timing};
use crate::text::Text;
use crate::time::{Moment, Zone};
use jiff::civil::{Date, Time};
use jiff::{Span, ToSpan};
use minicbor::{Decode, Encode};

/// A month that lacks the day is passed over; no pattern passes over so many in a row.
const MOST_MONTHS: usize = 60;

/// How often a visit repeats.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Every {
    /// Every so many days.
    #[n(0)]
    Days(#[n(0)] u32),
    /// Every so many weeks; on these days (1 is Monday), or on the day of the first visit.
    #[n(1)]
    Weeks(#[n(0)] u32, #[n(1)] Vec<u8>),
    /// Every so many months, on the same date.
    #[n(2)]
    Months(#[n(0)] u32),
}

impl Every {
    /// The day behind one that the pattern has, as RFC 5545 counts: a week begins on Monday, and a month without the
    /// date has none. `None`: the calendar ends.
    pub fn next(&self, day: Date) -> Option<Date> {
        match self {
            Every::Days(days) => day.checked_add(Span::new().try_days(*days).ok()?).ok(),
            Every::Weeks(weeks, on) => {
                let today = day.weekday().to_monday_one_offset().unsigned_abs();
                let same_week = on.iter().copied().filter(|other| *other > today).min();
                if let Some(later) = same_week {
                    return day.checked_add(i64::from(later - today).days()).ok();
                }
                let first = on.iter().copied().min().unwrap_or(today);
                let days = 7 * i64::from(*weeks) + i64::from(first) - i64::from(today);
                day.checked_add(Span::new().try_days(days).ok()?).ok()
            }
            Every::Months(months) => {
                let turns = (1..=MOST_MONTHS).map(|turn| i64::from(*months) * i64::try_from(turn).unwrap_or(0));
                let days = turns.map_while(|months| day.checked_add(Span::new().try_months(months).ok()?).ok());
                days.into_iter().find(|other| other.day() == day.day())
            }
        }
    }
}

/// How a series without an end goes on behind its last visit that was made so far.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Endless {
    /// How often.
    #[n(0)]
    pub every: Every,
    /// At which local time, in seconds behind midnight.
    #[n(1)]
    pub at_secs: u32,
    /// By the clocks of this zone (IANA).
    #[n(2)]
    pub zone: Text,
    /// How long each lasts, in seconds; `None`: nobody said.
    #[n(3)]
    pub length_secs: Option<i64>,
    /// Where the pattern stood.
    #[n(4)]
    pub place: Text,
}

impl Endless {
    /// A series is made so far ahead, in days: two years.
    pub const AHEAD_DAYS: i64 = 731;
    /// It goes on when its last visit is so near, in days: once a year for each series.
    pub const NEAR_DAYS: i64 = 366;

    /// The visits behind one that the pattern has at `placed`, in their order.
    pub fn behind(&self, placed: Moment) -> impl Iterator<Item = Timing> {
        let zone = Zone::named(&self.zone).ok();
        let at = Time::midnight().checked_add(i64::from(self.at_secs).seconds()).ok();
        let mut day = zone.as_ref().map(|zone| zone.date(placed));
        std::iter::from_fn(move || {
            let (zone, at) = (zone.as_ref()?, at?);
            day = self.every.next(day?);
            let local = day?.to_datetime(at);
            let start = zone.place(local);
            let value = Text::from(local.strftime("%Y%m%d%H%M%S").to_string());
            Some(Timing {
                start: Some(start.moment),
                end: self.length_secs.map(|secs| start.moment.plus_secs(secs)),
                zone: zone.name().clone(),
                start_seen: Some(Seen { value, place: self.place.clone() }),
                end_place: None,
                placement: start.placement,
                issues: Vec::new(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn s4_4_months_without_the_date_are_passed_over_and_weeks_begin_on_monday() {
        let next = |every: Every, day: Date| every.next(day).unwrap();
        assert_eq!(next(Every::Days(3), date(2027, 2, 27)), date(2027, 3, 2));
        assert_eq!(next(Every::Months(1), date(2027, 1, 31)), date(2027, 3, 31));
        assert_eq!(next(Every::Months(12), date(2028, 2, 29)), date(2032, 2, 29));
        let wed_and_fri = || Every::Weeks(2, vec![5, 3]);
        assert_eq!(next(wed_and_fri(), date(2027, 3, 3)), date(2027, 3, 5));
        assert_eq!(next(wed_and_fri(), date(2027, 3, 5)), date(2027, 3, 17));
        assert_eq!(next(Every::Weeks(1, Vec::new()), date(2027, 3, 3)), date(2027, 3, 10));
    }

    #[test]
    fn s4_4_what_comes_behind_keeps_its_local_time_over_a_clock_change() {
        let (zone, place) = (Text::literal("America/Chicago"), Text::literal("TQ1-3"));
        let every = Every::Weeks(1, Vec::new());
        let endless = Endless { every, at_secs: 9 * 3600, zone, length_secs: Some(1800), place };
        let placed = "2027-03-08T15:00:00Z".parse::<jiff::Timestamp>().unwrap().into();
        let starts: Vec<String> = endless.behind(placed).take(2).map(|at| at.start.unwrap().to_string()).collect();
        assert_eq!(starts, ["2027-03-15T14:00:00Z", "2027-03-22T14:00:00Z"]);
    }
}
