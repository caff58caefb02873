//! When what is read, and how far.

use crate::polling::ReadKind;
use crate::profile::PollingRules;
use crate::setup::RuleSet;
use crate::time::{Calendar, Moment, Zone, months_later};
use jiff::ToSpan;

/// A range of starts: at or after `from`, before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "described above")]
pub struct Span {
    pub from: Moment,
    pub to: Moment,
}

/// When what is read, for one integration.
#[derive(Clone, Copy, Debug)]
pub struct Timetable<'a> {
    rules: &'a PollingRules,
    /// What the document asks for.
    poll_seconds: Option<u32>,
    zone: &'a Zone,
    calendar: &'a Calendar,
    /// The source tells what changed.
    has_changes: bool,
}

impl<'a> Timetable<'a> {
    /// The timetable of an integration whose source can tell what changed, or cannot.
    pub fn of(rules: &'a RuleSet, poll_seconds: Option<u32>, has_changes: bool) -> Timetable<'a> {
        Timetable {
            rules: &rules.source.polling,
            poll_seconds,
            zone: &rules.zone,
            calendar: &rules.calendar,
            has_changes,
        }
    }

    /// The practice is open.
    pub fn is_open(&self, now: Moment) -> bool {
        let local = self.zone.local(now);
        let hour = u8::try_from(local.hour()).unwrap_or(0);
        self.calendar.is_business_day(local.date()) && (self.rules.opens_hour..self.rules.closes_hour).contains(&hour)
    }

    /// Seconds from one read of a kind to the next.
    pub fn every(&self, kind: ReadKind, now: Moment) -> i64 {
        let often = match (self.poll_seconds, self.is_open(now)) {
            // Whoever chose a number means it for day and night.
            (Some(asked), _) => asked,
            (None, true) => self.rules.every_seconds,
            (None, false) => self.rules.every_closed_seconds,
        };
        let often = i64::from(often.max(self.rules.min_seconds).max(1));
        match kind {
            ReadKind::Changes => often,
            ReadKind::Near if self.has_changes => often.max(i64::from(self.rules.near_seconds)),
            ReadKind::Near => often,
            ReadKind::Far => often.max(i64::from(self.rules.far_seconds)),
            ReadKind::Census => 86_400,
        }
    }

    /// When a kind that was read at `now` is read next.
    pub fn next(&self, kind: ReadKind, now: Moment) -> Moment {
        match kind {
            ReadKind::Census => self.next_census(now),
            _ => {
                let usual = now.plus_secs(self.every(kind, now));
                // When the practice opens before the next read of a closed hour, reading begins with it.
                match self.opening(now) {
                    Some(opening) if kind != ReadKind::Far && opening > now && opening < usual => opening,
                    _ => usual,
                }
            }
        }
    }

    fn opening(&self, now: Moment) -> Option<Moment> {
        let local = self.zone.local(now);
        let today = local.date();
        let day = if u8::try_from(local.hour()).unwrap_or(0) < self.rules.opens_hour {
            today
        } else {
            self.calendar.business_days_after(today, 1)
        };
        let opens = i8::try_from(self.rules.opens_hour.min(23)).unwrap_or(0);
        self.calendar.is_business_day(day).then(|| self.zone.place(day.at(opens, 0, 0, 0)).moment)
    }

    fn next_census(&self, now: Moment) -> Moment {
        let hour = i8::try_from(self.rules.census_hour.min(23)).unwrap_or(0);
        let today = self.zone.date(now);
        let tonight = self.zone.place(today.at(hour, 0, 0, 0)).moment;
        if tonight > now {
            return tonight;
        }
        let tomorrow = today.tomorrow().unwrap_or(today);
        self.zone.place(tomorrow.at(hour, 0, 0, 0)).moment.max(now.plus_secs(3600))
    }

    /// The window that a kind reads at `now`, from midnight to midnight.
    pub fn window(&self, kind: ReadKind, now: Moment) -> Span {
        let today = self.zone.date(now);
        let back = i64::from(self.rules.near_back_days).days();
        let near_from = self.zone.day_start(today.checked_sub(back).unwrap_or(today));
        let last_near = self.calendar.business_days_after(today, self.rules.near_business_days);
        let near_to = self.zone.day_start(last_near.tomorrow().unwrap_or(last_near));
        let horizon = self.zone.date(months_later(now, self.zone, self.rules.far_months));
        let far_to = self.zone.day_start(horizon.tomorrow().unwrap_or(horizon)).max(near_to);
        match kind {
            ReadKind::Changes | ReadKind::Near => Span { from: near_from, to: near_to },
            ReadKind::Far => Span { from: near_to, to: far_to },
            ReadKind::Census => Span { from: near_from, to: far_to },
        }
    }

    /// Seconds to wait after so many failures in a row.
    pub fn backoff(&self, kind: ReadKind, failures: u32, now: Moment) -> i64 {
        let first = self.every(ReadKind::Changes, now).min(60);
        let wait = first.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let least = i64::from(self.rules.min_seconds);
        let most = i64::from(self.rules.max_backoff_seconds).max(least).max(1);
        // A long interval is no reason to leave a failure alone for as long.
        let _ = kind;
        wait.clamp(least.clamp(1, most), most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn zone() -> Zone {
        Zone::named("America/Chicago").unwrap()
    }

    fn at(day: i8, hour: i8) -> Moment {
        zone().place(date(2026, 11, day).at(hour, 0, 0, 0)).moment
    }

    fn with<T>(rules: &PollingRules, poll_seconds: Option<u32>, look: impl FnOnce(Timetable<'_>) -> T) -> T {
        let (zone, calendar) = (zone(), Calendar::with_holidays(vec![date(2026, 11, 26)]));
        look(Timetable { rules, poll_seconds, zone: &zone, calendar: &calendar, has_changes: true })
    }

    #[test]
    fn s1_16_nothing_is_read_more_often_than_the_profile_allows() {
        let rules = PollingRules { min_seconds: 180, ..PollingRules::default() };
        with(&rules, Some(5), |table| {
            assert_eq!(table.every(ReadKind::Changes, at(23, 10)), 180);
            assert!(table.backoff(ReadKind::Changes, 1, at(23, 10)) >= 180);
        });
    }

    #[test]
    fn s1_18_s1_20_the_near_window_ends_with_the_seventh_business_day_and_the_far_one_after_three_months() {
        with(&PollingRules::default(), None, |table| {
            // From Monday, 23 November: Thursday is a holiday, so the seventh business day is 3 December.
            let near = table.window(ReadKind::Near, at(23, 10));
            assert_eq!(near.from, zone().day_start(date(2026, 11, 22)));
            assert_eq!(near.to, zone().day_start(date(2026, 12, 4)));
            let far = table.window(ReadKind::Far, at(23, 10));
            assert_eq!((far.from, far.to), (near.to, zone().day_start(date(2027, 2, 24))));
            let all = table.window(ReadKind::Census, at(23, 10));
            assert_eq!((all.from, all.to), (near.from, far.to));
        });
    }

    #[test]
    fn s1_16_a_closed_practice_is_read_less_often_and_again_when_it_opens() {
        with(&PollingRules::default(), None, |table| {
            assert!(table.is_open(at(23, 10)) && !table.is_open(at(23, 20)) && !table.is_open(at(26, 10)));
            assert_eq!(table.every(ReadKind::Changes, at(23, 10)), 300);
            assert_eq!(table.every(ReadKind::Changes, at(22, 10)), 900, "a Sunday");
            let before_opening = zone().place(date(2026, 11, 23).at(6, 50, 0, 0)).moment;
            assert_eq!(table.next(ReadKind::Changes, before_opening), at(23, 7));
            assert_eq!(table.next(ReadKind::Census, at(23, 10)), at(24, 2));
            assert_eq!(table.next(ReadKind::Census, at(23, 1)), at(23, 2));
        });
    }

    #[test]
    fn failures_are_followed_by_longer_and_longer_waits_up_to_a_limit() {
        let rules = PollingRules { min_seconds: 1, max_backoff_seconds: 600, ..PollingRules::default() };
        with(&rules, None, |table| {
            let waits: Vec<i64> = (1..7).map(|n| table.backoff(ReadKind::Changes, n, at(23, 10))).collect();
            assert_eq!(waits, [60, 120, 240, 480, 600, 600]);
        });
    }
}
