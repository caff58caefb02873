//! Patterns by which visits repeat, spread into the local times that they mean.
//!
//! The rules of RFC 5545 are a library's. It is asked in local time as if that were universal: nine o'clock stays nine
//! o'clock when the clocks change, and what a clock change makes of a single time is found where each is placed.

use domain::model::{Endless, Every};
use domain::text::Text;
use jiff::civil::DateTime;
use rrule::RRuleSet;

/// So many visits a series has at most (standards ask for a limit; one that is cut silently would be worse).
pub(crate) const MOST: usize = 500;
/// A pattern without an end is spread so many years ahead; then the series goes on by itself ([`Pattern::endless`]).
const YEARS: i16 = 2;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// How often.
    pub(crate) every: Every,
    /// So many visits.
    pub(crate) count: Option<u32>,
    /// None after this local time.
    pub(crate) until: Option<DateTime>,
}

/// Why a pattern cannot be spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSpread {
    /// It would be more visits than [`MOST`].
    TooMany,
    /// It contradicts itself.
    Senseless,
}

impl Pattern {
    /// As RFC 5545 writes it.
    fn rule(&self, first: DateTime) -> String {
        const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let (name, interval, days) = match &self.every {
            Every::Days(interval) => ("DAILY", interval, &[][..]),
            Every::Weeks(interval, days) => ("WEEKLY", interval, days.as_slice()),
            Every::Months(interval) => ("MONTHLY", interval, &[][..]),
        };
        let mut rule = format!("FREQ={name};INTERVAL={interval}");
        let days: Vec<&str> =
            days.iter().filter_map(|day| DAYS.get(usize::from(day.checked_sub(1)?)).copied()).collect();
        if !days.is_empty() {
            rule.push_str(&format!(";BYDAY={}", days.join(",")));
        }
        let end = self.until.or_else(|| {
            let ahead = first.checked_add(jiff::Span::new().years(YEARS)).ok();
            ahead.filter(|_| self.count.is_none())
        });
        match (self.count, end) {
            (Some(count), None) => rule.push_str(&format!(";COUNT={count}")),
            (_, Some(until)) => rule.push_str(&format!(";UNTIL={}Z", compact(until))),
            (None, None) => {}
        }
        rule
    }

    /// How the series goes on behind what is spread, when nothing ends it.
    pub(crate) fn endless(
        &self,
        first: DateTime,
        zone: &Text,
        length_secs: Option<i64>,
        place: &Text,
    ) -> Option<Endless> {
        if self.count.is_some() || self.until.is_some() {
            return None;
        }
        let at = first.time();
        let at_secs = i64::from(at.hour()) * 3600 + i64::from(at.minute()) * 60 + i64::from(at.second());
        let at_secs = u32::try_from(at_secs).ok()?;
        Some(Endless { every: self.every.clone(), at_secs, zone: zone.clone(), length_secs, place: place.clone() })
    }

    /// The local start of each visit, the first one included: it counts even where the pattern would not make it.
    pub(crate) fn spread(&self, first: DateTime) -> Result<Vec<DateTime>, NoSpread> {
        if self.count == Some(0) || self.until.is_some_and(|until| until < first) {
            return Err(NoSpread::Senseless);
        }
        let text = format!("DTSTART:{}Z\nRRULE:{}", compact(first), self.rule(first));
        let rule: RRuleSet = text.parse().map_err(|_| NoSpread::Senseless)?;
        let limit = u16::try_from(MOST + 1).unwrap_or(u16::MAX);
        let found = rule.all(limit).dates;
        let mut starts: Vec<DateTime> =
            found.iter().filter_map(|at| at.format("%Y-%m-%dT%H:%M:%S").to_string().parse().ok()).collect();
        if starts.first() != Some(&first) {
            starts.insert(0, first);
        }
        // With a count and an end, whichever comes first ends it.
        if let Some(count) = self.count {
            starts.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        }
        if starts.len() > MOST { Err(NoSpread::TooMany) } else { Ok(starts) }
    }
}

fn compact(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn days(pattern: &Pattern, first: DateTime) -> Vec<String> {
        pattern.spread(first).unwrap().iter().map(|at| at.strftime("%a %m-%d %H:%M").to_string()).collect()
    }

    #[test]
    fn s4_4_patterns_mean_what_the_standard_says() {
        let first = date(2027, 3, 1).at(9, 0, 0, 0);
        let weekly = Pattern { every: Every::Weeks(1, Vec::new()), count: Some(4), until: None };
        // Across the clock change of 14 March, nine stays nine.
        assert_eq!(days(&weekly, first), ["Mon 03-01 09:00", "Mon 03-08 09:00", "Mon 03-15 09:00", "Mon 03-22 09:00"]);
        let three_days = Pattern { every: Every::Weeks(2, vec![1, 3, 5]), count: Some(5), until: None };
        let expected = ["Mon 03-01 09:00", "Wed 03-03 09:00", "Fri 03-05 09:00", "Mon 03-15 09:00", "Wed 03-17 09:00"];
        assert_eq!(days(&three_days, first), expected);
        let until = Pattern { every: Every::Days(2), count: None, until: Some(date(2027, 3, 5).at(9, 0, 0, 0)) };
        assert_eq!(days(&until, first), ["Mon 03-01 09:00", "Wed 03-03 09:00", "Fri 03-05 09:00"]);
        let both = Pattern { count: Some(2), ..until };
        assert_eq!(days(&both, first).len(), 2, "whichever comes first");
        // A month without a 31st has no visit.
        let monthly = Pattern { every: Every::Months(1), count: Some(3), until: None };
        let last = date(2027, 1, 31).at(14, 30, 0, 0);
        assert_eq!(days(&monthly, last), ["Sun 01-31 14:30", "Wed 03-31 14:30", "Mon 05-31 14:30"]);
    }

    #[test]
    fn s4_4_an_endless_pattern_goes_on_as_the_standard_would_have_it() {
        use domain::time::Zone;
        let zone = Zone::named("America/Chicago").unwrap();
        let forms = [
            (Every::Days(2), date(2026, 11, 24)),
            (Every::Weeks(2, vec![5, 1, 3]), date(2026, 11, 23)),
            (Every::Weeks(3, Vec::new()), date(2026, 11, 24)),
            (Every::Months(1), date(2026, 10, 31)),
            (Every::Months(5), date(2027, 1, 30)),
        ];
        for (every, day) in forms {
            let first = day.at(9, 30, 0, 0);
            let pattern = Pattern { every, count: None, until: None };
            let spread = pattern.spread(first).unwrap();
            let endless = pattern.endless(first, zone.name(), Some(1800), &"TQ1-3".into()).unwrap();
            let from = zone.place(first).moment;
            let on: Vec<DateTime> =
                endless.behind(from).take(spread.len() - 1).map(|at| zone.local(at.start.unwrap())).collect();
            assert_eq!(on, spread[1..], "{pattern:?}");
        }
        let ends = Pattern { every: Every::Days(1), count: Some(3), until: None };
        assert_eq!(ends.endless(date(2027, 3, 1).at(9, 0, 0, 0), zone.name(), None, &"TQ1-3".into()), None);
    }

    #[test]
    fn s4_4_the_first_visit_counts_and_nothing_is_cut_silently() {
        let tuesday = date(2027, 3, 2).at(9, 0, 0, 0);
        let mondays = Pattern { every: Every::Weeks(1, vec![1]), count: Some(3), until: None };
        assert_eq!(days(&mondays, tuesday), ["Tue 03-02 09:00", "Mon 03-08 09:00", "Mon 03-15 09:00"]);
        let endless = Pattern { every: Every::Weeks(1, Vec::new()), count: None, until: None };
        assert_eq!(endless.spread(tuesday).unwrap().len(), 105, "two years of Tuesdays");
        let daily = Pattern { every: Every::Days(1), count: None, until: None };
        assert_eq!(daily.spread(tuesday), Err(NoSpread::TooMany));
        let none = Pattern { count: Some(0), ..mondays };
        assert_eq!(none.spread(tuesday), Err(NoSpread::Senseless));
    }
}
