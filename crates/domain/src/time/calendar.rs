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

#[cfg(test)]
mod tests {
    use super::*;
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
