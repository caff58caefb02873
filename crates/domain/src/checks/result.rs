//! What a check found, and when it is asked again.

use crate::checks::{CheckLimit, DataCheck, LEAST, Unit};
use crate::time::{Moment, Zone};
use minicbor::{Decode, Encode};
use serde::Serialize;

/// A check that fails is asked again after so many hours, so that its item is closed soon after it is put right.
const AGAIN_HOURS: u32 = 1;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Those that are not as they should be; for [`Unit::Hours`] the hours.
    pub found: u64,
    /// Of so many that were looked at.
    pub of: u64,
    /// There are more than were looked at.
    pub cut_short: bool,
}

/// Whether a check passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum CheckState {
    /// It is within its limit.
    #[n(0)]
    Passed,
    /// It is above its limit.
    #[n(1)]
    Failed,
    /// There are too few to say anything of their share.
    #[n(2)]
    TooFew,
}

impl CheckState {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            CheckState::Passed => "passed",
            CheckState::Failed => "failed",
            CheckState::TooFew => "too_few",
        }
    }
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CheckResult {
    /// Which.
    #[n(0)]
    pub check: DataCheck,
    /// When it was asked.
    #[n(1)]
    pub at: Moment,
    /// Those that are not as they should be; for [`Unit::Hours`] the hours.
    #[n(2)]
    pub found: u64,
    /// Of so many that were looked at.
    #[n(3)]
    pub of: u64,
    /// There were more than were looked at.
    #[n(4)]
    pub cut_short: bool,
    /// The limit that held.
    #[n(5)]
    pub most: u32,
    /// Whether it passed.
    #[n(6)]
    pub state: CheckState,
    /// Since when it fails without a break.
    #[n(7)]
    pub failing_since: Option<Moment>,
}

impl CheckResult {
    /// Judges what was counted. `before`: what it found the last time.
    pub fn judge(
        check: DataCheck,
        limit: CheckLimit,
        measured: Measured,
        before: Option<&CheckResult>,
        now: Moment,
    ) -> CheckResult {
        let Measured { found, of, cut_short } = measured;
        let most = u64::from(limit.most);
        let state = match check.unit() {
            Unit::Percent if of < LEAST => CheckState::TooFew,
            Unit::Percent if found.saturating_mul(100) > most.saturating_mul(of) => CheckState::Failed,
            Unit::Count | Unit::Hours if found > most => CheckState::Failed,
            Unit::Percent | Unit::Count | Unit::Hours => CheckState::Passed,
        };
        let since = before.and_then(|before| before.failing_since).unwrap_or(now);
        let failing_since = (state == CheckState::Failed).then_some(since);
        CheckResult { check, at: now, found, of, cut_short, most: limit.most, state, failing_since }
    }

    /// The value that is compared with the limit: percent, a count or hours. A share of none is none.
    pub fn value(&self) -> u64 {
        match self.check.unit() {
            Unit::Percent => (self.found * 100).checked_div(self.of).unwrap_or(0),
            Unit::Count | Unit::Hours => self.found,
        }
    }
}

/// Whether it is time to ask a check: the span of hours is over in which it was asked last, or in which the
/// integration came to where it stands. What has just been set up is still being filled.
pub fn is_due(before: Option<&CheckResult>, limit: CheckLimit, stands_since: Moment, zone: &Zone, now: Moment) -> bool {
    let (hours, since) = match before {
        Some(before) if before.state == CheckState::Failed => (AGAIN_HOURS, before.at),
        Some(before) => (limit.every_hours, before.at),
        None => (limit.every_hours, stands_since),
    };
    span(zone, now, hours) > span(zone, since, hours)
}

/// Number of the span of so many hours that an instant is in, counted by the clock of the practice.
fn span(zone: &Zone, at: Moment, hours: u32) -> i64 {
    let offset = i64::from(zone.zoned(at).offset().seconds());
    (at.seconds() + offset).div_euclid(i64::from(hours.max(1)) * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: CheckLimit = CheckLimit { most: 5, every_hours: 24, on: true, changed: false };

    fn judged(check: DataCheck, found: u64, of: u64) -> CheckState {
        let measured = Measured { found, of, cut_short: false };
        CheckResult::judge(check, LIMIT, measured, None, Moment::from_micros(0)).state
    }

    #[test]
    fn a_share_is_compared_exactly_and_not_at_all_where_there_are_too_few() {
        for (found, of, state) in [
            (0, 19, CheckState::TooFew),
            (19, 19, CheckState::TooFew),
            (1, 20, CheckState::Passed),
            (2, 20, CheckState::Failed),
            (50, 1000, CheckState::Passed),
            (51, 1000, CheckState::Failed),
        ] {
            assert_eq!(judged(DataCheck::ContactMissing, found, of), state, "{found} of {of}");
        }
    }

    #[test]
    fn counts_and_hours_are_compared_as_they_are() {
        for check in [DataCheck::StatusUnknown, DataCheck::ItemOldest] {
            assert_eq!(judged(check, 5, 5), CheckState::Passed);
            assert_eq!(judged(check, 6, 6), CheckState::Failed);
        }
    }

    #[test]
    fn what_fails_on_and_on_keeps_the_time_since_when() {
        let at = |hours: i64| Moment::from_micros(0).plus_secs(3600 * hours);
        let judge = |found, before: Option<&CheckResult>, hours| {
            let measured = Measured { found, of: 100, cut_short: false };
            CheckResult::judge(DataCheck::HeldLong, LIMIT, measured, before, at(hours))
        };
        let first = judge(10, None, 1);
        let second = judge(20, Some(&first), 2);
        assert_eq!((first.failing_since, second.failing_since), (Some(at(1)), Some(at(1))));
        let third = judge(1, Some(&second), 3);
        assert_eq!((third.state, third.failing_since), (CheckState::Passed, None));
        assert_eq!(judge(10, Some(&third), 4).failing_since, Some(at(4)));
    }

    #[test]
    fn a_check_is_asked_once_a_day_of_the_practice_and_every_hour_while_it_fails() {
        let zone = Zone::named("America/Chicago").unwrap();
        let at = |text: &str| text.parse::<jiff::Timestamp>().map(Moment::from).unwrap();
        let measured = |found| Measured { found, of: 100, cut_short: false };
        let asked = at("2026-11-22T16:30:00Z");
        let passed = CheckResult::judge(DataCheck::HeldLong, LIMIT, measured(0), None, asked);
        let due = |before: Option<&CheckResult>, now| is_due(before, LIMIT, asked, &zone, at(now));
        assert!(!due(Some(&passed), "2026-11-23T05:59:59Z"), "it is still the same day in Chicago");
        assert!(due(Some(&passed), "2026-11-23T06:00:00Z"));
        let failed = CheckResult::judge(DataCheck::HeldLong, LIMIT, measured(99), None, asked);
        assert!(!due(Some(&failed), "2026-11-22T16:59:59Z"));
        assert!(due(Some(&failed), "2026-11-22T17:00:00Z"));
        assert!(!due(None, "2026-11-23T05:59:59Z"), "what was set up today is asked tomorrow");
        assert!(due(None, "2026-11-23T06:00:00Z"));
    }
}
