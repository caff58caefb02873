//! Business days by the practice's own calendar.

use jiff::civil::{Date, Weekday};

/// The days a practice does not work, besides Saturdays and Sundays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    holidays: Vec<Date>,
}

impl Calendar {
    /// A calendar with these holidays; order and repetition do not matter.
    pub fn with_holidays(mut holidays: Vec<Date>) -> Calendar {
        holidays.sort_unstable();
        holidays.dedup();
        Calendar { holidays }
    }

    /// Whether the practice works on this day.
    pub fn is_business_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && self.holidays.binary_search(&date).is_err()
    }

    /// The date of the `n`-th business day after `date` (`date` itself never counts).
    pub fn business_days_after(&self, date: Date, n: u32) -> Date {
        let mut day = date;
        let mut left = n;
        while left > 0 {
            match day.tomorrow() {
                Ok(next) => day = next,
                // The end of the calendar (year 9999): no rule reaches it.
                Err(_) => return day,
            }
            if self.is_business_day(day) {
                left -= 1;
            }
        }
        day
    }

    /// Business days after `from` up to and including `to`; 0 when `to` is not later.
    pub fn business_days_between(&self, from: Date, to: Date) -> u32 {
        let mut count = 0;
        let mut day = from;
        while day < to {
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
            if self.is_business_day(day) {
                count += 1;
            }
        }
        count
    }
}

/// A day as a number: days since 1970-01-01.
pub fn day_number(date: Date) -> i32 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours().div_euclid(24).try_into().unwrap_or(i32::MAX)
}

/// The day of a number; the last one there is when it is beyond that.
pub fn day_of_number(number: i32) -> Date {
    let days = jiff::SignedDuration::from_hours(24 * i64::from(number));
    Date::constant(1970, 1, 1).saturating_add(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_numbers_that_read_back() {
        for (number, date) in [(0, Date::constant(1970, 1, 1)), (-1, Date::constant(1969, 12, 31))] {
            assert_eq!((day_number(date), day_of_number(number)), (number, date));
        }
        let today = Date::constant(2026, 11, 22);
        assert_eq!(day_of_number(day_number(today)), today);
        assert_eq!(day_number(today), 20_779);
    }
    use jiff::civil::date;

    fn thanksgiving_2026() -> Calendar {
        Calendar::with_holidays(vec![date(2026, 11, 26)])
    }

    #[test]
    fn weekends_and_holidays_are_skipped() {
        let calendar = thanksgiving_2026();
        // Saturday 21 November: Mon 23, Tue 24, Wed 25, (Thu 26 holiday), Fri 27, Mon 30, Tue 1, Wed 2.
        assert_eq!(calendar.business_days_after(date(2026, 11, 21), 7), date(2026, 12, 2));
        assert_eq!(Calendar::default().business_days_after(date(2026, 11, 21), 7), date(2026, 12, 1));
        assert_eq!(calendar.business_days_after(date(2026, 11, 21), 0), date(2026, 11, 21));
    }

    #[test]
    fn counting_agrees_with_walking() {
        let calendar = thanksgiving_2026();
        let from = date(2026, 11, 18);
        for n in 1..20 {
            assert_eq!(calendar.business_days_between(from, calendar.business_days_after(from, n)), n);
        }
        assert_eq!(calendar.business_days_between(from, from), 0);
    }
}
