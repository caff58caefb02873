//! When a delivery is tried again.

use domain::profile::DeliveryRules;
use domain::time::Moment;

/// The next attempt after `attempts` were made, or `None` when the schedule is used up. `chance` is from 0 up to 1 and
/// moves the wait within the jitter; a platform that asks for more patience gets it.
pub(crate) fn next_attempt(
    rules: &DeliveryRules,
    attempts: u32,
    retry_after_secs: Option<u32>,
    chance: f64,
    now: Moment,
) -> Option<Moment> {
    let wait = f64::from(*rules.retry_after_secs.get(attempts.checked_sub(1)? as usize)?);
    let jitter = f64::from(rules.jitter_percent) / 100.0;
    let jittered = wait * (1.0 + jitter * (2.0 * chance - 1.0));
    let millis = (jittered * 1000.0).max(f64::from(retry_after_secs.unwrap_or(0)) * 1000.0);
    Some(now.plus_millis(millis as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schedule_with_jitter_and_patience() {
        let rules = DeliveryRules::default();
        let now = Moment::from_micros(0);
        let wait =
            |attempts, asked, chance| next_attempt(&rules, attempts, asked, chance, now).map(|at| at.micros() / 1000);
        let middle: Vec<_> = (1..=10).map(|attempts| wait(attempts, None, 0.5)).collect();
        let secs = [5, 30, 120, 600, 1800, 7200, 21_600, 43_200, 86_400];
        let expected: Vec<_> = secs.iter().map(|secs| Some(secs * 1000)).chain([None]).collect();
        assert_eq!(middle, expected, "nine waits, then it is given up");
        assert_eq!(wait(1, None, 0.0), Some(4500));
        assert_eq!(wait(2, None, 0.999_999), Some(32_999));
        assert_eq!(wait(1, Some(60), 0.5), Some(60_000), "Retry-After is honoured");
        assert_eq!(wait(2, Some(3), 0.5), Some(30_000), "but never shortens the schedule");
    }
}
