//! The instants that time rules compare with, worked out once for a batch instead of once for each appointment.

use crate::time::{Calendar, Moment, Zone};
use jiff::ToSpan;

/// The marks of one rule set at one `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeMarks {
    /// The instant the decision is made at.
    pub now: Moment,
    /// The last start that is inside the sync horizon; `None`: no horizon. Source: requirement S1-18.
    pub horizon_end: Option<Moment>,
    /// Starts from here on travel in the slow lane; `None`: no slow lane. Source: requirement S1-20.
    pub slow_lane_from: Option<Moment>,
}

impl TimeMarks {
    /// Marks for `now`: the horizon in calendar months, the slow lane in business days of the practice.
    pub fn at(
        now: Moment,
        zone: &Zone,
        calendar: &Calendar,
        horizon_months: Option<u32>,
        slow_lane_days: Option<u32>,
    ) -> TimeMarks {
        TimeMarks {
            now,
            horizon_end: horizon_months.map(|months| months_later(now, zone, months)),
            slow_lane_from: slow_lane_days.map(|days| {
                let last_fast_day = calendar.business_days_after(zone.date(now), days);
                zone.day_start(last_fast_day.tomorrow().unwrap_or(last_fast_day))
            }),
        }
    }
}

/// The same local time so many calendar months later; a day that the month lacks becomes its last day.
pub(crate) fn months_later(from: Moment, zone: &Zone, months: u32) -> Moment {
    zone.zoned(from)
        .checked_add(i64::from(months).months())
        .map_or(Moment::from_micros(i64::MAX), |then| then.timestamp().into())
}

/// The earliest instant whose horizon of so many calendar months takes `start` in (requirement S1-19).
///
/// Going back from `start` can land short: from 29 May three months back is 28 February, and three months on from
/// there is only 28 May. So the candidate is moved on by days until its horizon reaches.
pub fn enters_horizon(start: Moment, zone: &Zone, months: u32) -> Moment {
    let Ok(back) = zone.zoned(start).checked_sub(i64::from(months).months()) else {
        return Moment::from_micros(i64::MIN);
    };
    let mut candidate = back;
    while months_later(candidate.timestamp().into(), zone, months) < start {
        match candidate.tomorrow() {
            Ok(next) => candidate = next,
            Err(_) => break,
        }
    }
    candidate.timestamp().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn chicago() -> Zone {
        Zone::named("America/Chicago").unwrap()
    }

    fn at(y: i16, m: i8, d: i8, hour: i8) -> Moment {
        chicago().place(date(y, m, d).at(hour, 0, 0, 0)).moment
    }

    #[test]
    fn s1_18_months_are_calendar_months_in_the_clinics_zone() {
        let marks = TimeMarks::at(at(2026, 11, 30, 9), &chicago(), &Calendar::default(), Some(3), None);
        assert_eq!(marks.horizon_end, Some(at(2027, 2, 28, 9)), "30 November reaches to the end of February");
        let leap = TimeMarks::at(at(2027, 11, 30, 9), &chicago(), &Calendar::default(), Some(3), None);
        assert_eq!(leap.horizon_end, Some(at(2028, 2, 29, 9)));
    }

    #[test]
    fn s1_19_the_day_of_entry_is_the_first_whose_horizon_reaches() {
        assert_eq!(enters_horizon(at(2027, 2, 28, 9), &chicago(), 3), at(2026, 11, 28, 9));
        assert_eq!(enters_horizon(at(2027, 3, 1, 9), &chicago(), 3), at(2026, 12, 1, 9));
        assert_eq!(
            enters_horizon(at(2027, 5, 29, 9), &chicago(), 3),
            at(2027, 3, 1, 9),
            "28 February reaches only 28 May"
        );
    }

    #[test]
    fn s1_20_the_slow_lane_begins_after_the_seventh_business_day() {
        let calendar = Calendar::with_holidays(vec![date(2026, 11, 26)]);
        let marks = TimeMarks::at(at(2026, 11, 21, 9), &chicago(), &calendar, None, Some(7));
        assert_eq!(marks.slow_lane_from, Some(chicago().day_start(date(2026, 12, 3))));
    }

    proptest! {
        #[test]
        fn entry_is_exact(days in 0i64..1500, hour in 0i64..24, months in 1u32..13) {
            let start = at(2026, 1, 1, 0).plus_secs(days * 86_400 + hour * 3600);
            let entry = enters_horizon(start, &chicago(), months);
            prop_assert!(months_later(entry, &chicago(), months) >= start);
            prop_assert!(months_later(entry.plus_secs(-86_400 - 3600), &chicago(), months) < start);
        }
    }
}
