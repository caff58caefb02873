//! Opening hours, and who is free when.

use jiff::civil::{Date, DateTime, Weekday, time};
use jiff::{SignedDuration, ToSpan};
use std::collections::BTreeSet;

/// The grid of the diary.
const GRID_MINUTES: i64 = 30;

/// When the clinic opens and closes. Video visits are held every day of the week.
pub(super) fn opening(date: Date) -> [DateTime; 2] {
    let (opens, closes) = match date.weekday() {
        Weekday::Saturday | Weekday::Sunday => (time(9, 0, 0, 0), time(15, 0, 0, 0)),
        _ => (time(8, 0, 0, 0), time(18, 0, 0, 0)),
    };
    [date.to_datetime(opens), date.to_datetime(closes)]
}

/// A time moved on to the next full so many minutes.
pub(super) fn rounded_up(at: DateTime, minutes: i64) -> DateTime {
    let midnight = at.date().to_datetime(time(0, 0, 0, 0));
    let step = minutes * 60;
    let seconds = at.duration_since(midnight).as_secs() + i64::from(at.subsec_nanosecond() > 0);
    later(midnight, (seconds + step - 1) / step * step)
}

/// So many seconds later on the clock's face.
pub(super) fn later(at: DateTime, seconds: i64) -> DateTime {
    at.saturating_add(SignedDuration::from_secs(seconds))
}

/// The times that are taken, by provider.
#[derive(Debug, Default)]
pub(super) struct Slots {
    taken: BTreeSet<(String, DateTime)>,
}

impl Slots {
    /// Takes the time of a visit that was given its time otherwise.
    pub(super) fn take(&mut self, provider: &str, start: DateTime, minutes: i64) {
        let end = later(start, minutes * 60);
        let mut slot = rounded_up(start, GRID_MINUTES);
        if slot > start {
            slot = later(slot, -GRID_MINUTES * 60);
        }
        while slot < end {
            self.taken.insert((provider.to_owned(), slot));
            slot = later(slot, GRID_MINUTES * 60);
        }
    }

    /// The free times of a provider on a day, not before `earliest`.
    pub(super) fn free(&self, provider: &str, date: Date, earliest: DateTime) -> Vec<DateTime> {
        let [opens, closes] = opening(date);
        let mut slot = rounded_up(opens.max(earliest), GRID_MINUTES);
        let mut free = Vec::new();
        while slot < closes {
            if !self.taken.contains(&(provider.to_owned(), slot)) {
                free.push(slot);
            }
            slot = later(slot, GRID_MINUTES * 60);
        }
        free
    }
}

/// Whether a day is one on which the practice works by its calendar (weekends and holidays it does not).
pub(super) fn is_business_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays(date.year()).contains(&date)
}

/// The day so many business days later.
pub(super) fn business_days_later(date: Date, days: u32) -> Date {
    let mut day = date;
    for _ in 0..days {
        day = next_business_day(day.saturating_add(1.day()));
    }
    day
}

/// The day itself when the practice works on it, else the next on which it does.
pub(super) fn next_business_day(date: Date) -> Date {
    let mut day = date;
    while !is_business_day(day) {
        day = day.saturating_add(1.day());
    }
    day
}

/// The practice's holidays of a year.
pub(super) fn holidays(year: i16) -> Vec<Date> {
    let on = |month, day| Date::new(year, month, day).ok();
    let thanksgiving = on(11, 1).and_then(|first| first.nth_weekday_of_month(4, Weekday::Thursday).ok());
    [on(1, 1), on(7, 4), thanksgiving, on(12, 25)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    #[test]
    fn times_are_rounded_up_to_the_grid() {
        assert_eq!(rounded_up(datetime(2026, 11, 21, 10, 0, 0, 0), 30), datetime(2026, 11, 21, 10, 0, 0, 0));
        assert_eq!(rounded_up(datetime(2026, 11, 21, 10, 0, 0, 1), 30), datetime(2026, 11, 21, 10, 30, 0, 0));
        assert_eq!(rounded_up(datetime(2026, 11, 21, 23, 41, 0, 0), 30), datetime(2026, 11, 22, 0, 0, 0, 0));
    }

    #[test]
    fn a_taken_time_is_not_free() {
        let mut slots = Slots::default();
        let day = date(2026, 11, 23);
        let earliest = day.to_datetime(time(16, 10, 0, 0));
        assert_eq!(slots.free("DR7", day, earliest).len(), 3);
        slots.take("DR7", day.to_datetime(time(16, 50, 0, 0)), 30);
        assert_eq!(slots.free("DR7", day, earliest), [day.to_datetime(time(17, 30, 0, 0))]);
        assert_eq!(slots.free("DR3", day, earliest).len(), 3);
    }

    #[test]
    fn weekends_and_holidays_are_no_business_days() {
        // Thursday 26 November 2026 is Thanksgiving.
        assert_eq!(business_days_later(date(2026, 11, 25), 1), date(2026, 11, 27));
        assert_eq!(business_days_later(date(2026, 11, 27), 1), date(2026, 11, 30));
        assert!(holidays(2026).contains(&date(2026, 11, 26)));
    }
}
