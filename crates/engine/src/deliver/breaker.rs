//! A breaker for each endpoint: while nobody answers there, no attempts are spent on it.

use domain::ids::IntegrationKey;
use domain::time::Moment;
use std::collections::HashMap;
use std::sync::Mutex;

/// So many cards in a row that found nobody open the breaker.
const OPENS_AFTER: u32 = 5;
/// The first rest; it doubles each time up to the longest.
const FIRST_REST_SECS: i64 = 1;
const LONGEST_REST_SECS: i64 = 30;

#[derive(Clone, Copy, Debug, Default)]
struct Breaker {
    failures: u32,
    open_until: Moment,
    /// A single card is out to see whether somebody answers again.
    probing: bool,
}

/// The breakers of all endpoints.
#[derive(Debug, Default)]
pub(super) struct Breakers(Mutex<HashMap<IntegrationKey, Breaker>>);

/// Whether a card may go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// Yes.
    Open,
    /// Not before this.
    Closed(Moment),
}

impl Breakers {
    fn with<T>(&self, key: IntegrationKey, look: impl FnOnce(&mut Breaker) -> T) -> T {
        // A panic while the lock is held can only come from arithmetic below; the state stays usable.
        let mut breakers = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        look(breakers.entry(key).or_default())
    }

    /// Asks to pass. After a rest one card goes ahead; the others wait for what it finds.
    pub(super) fn pass(&self, key: IntegrationKey, now: Moment) -> Passage {
        self.with(key, |breaker| {
            if breaker.failures < OPENS_AFTER {
                Passage::Open
            } else if now < breaker.open_until {
                Passage::Closed(breaker.open_until)
            } else if breaker.probing {
                Passage::Closed(now.plus_secs(FIRST_REST_SECS))
            } else {
                breaker.probing = true;
                Passage::Open
            }
        })
    }

    /// What asking to pass would come to.
    pub(super) fn look(&self, key: IntegrationKey, now: Moment) -> Passage {
        self.with(key, |breaker| match breaker.failures {
            failures if failures < OPENS_AFTER => Passage::Open,
            _ if now < breaker.open_until => Passage::Closed(breaker.open_until),
            _ if breaker.probing => Passage::Closed(now.plus_secs(FIRST_REST_SECS)),
            _ => Passage::Open,
        })
    }

    /// A card that was let pass was not sent after all.
    pub(super) fn give_back(&self, key: IntegrationKey) {
        self.with(key, |breaker| breaker.probing = false);
    }

    /// Somebody answered, whatever the answer. `true` when the breaker had been open.
    pub(super) fn answered(&self, key: IntegrationKey) -> bool {
        self.with(key, |breaker| {
            let was_open = breaker.failures >= OPENS_AFTER;
            *breaker = Breaker::default();
            was_open
        })
    }

    /// Nobody answered.
    pub(super) fn unanswered(&self, key: IntegrationKey, now: Moment) {
        self.with(key, |breaker| {
            breaker.failures = breaker.failures.saturating_add(1);
            breaker.probing = false;
            if breaker.failures >= OPENS_AFTER {
                let doublings = (breaker.failures - OPENS_AFTER).min(5);
                breaker.open_until = now.plus_secs((FIRST_REST_SECS << doublings).min(LONGEST_REST_SECS));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::PracticeNo;

    #[test]
    fn five_cards_that_find_nobody_open_it_and_one_answer_closes_it() {
        let key = IntegrationKey { practice: PracticeNo(1), integration: 1 };
        let breakers = Breakers::default();
        let now = Moment::from_micros(0);
        for _ in 0..5 {
            assert_eq!(breakers.pass(key, now), Passage::Open);
            breakers.unanswered(key, now);
        }
        assert_eq!(breakers.pass(key, now), Passage::Closed(now.plus_secs(1)));
        let later = now.plus_secs(1);
        assert_eq!(breakers.pass(key, later), Passage::Open, "one goes ahead");
        assert!(matches!(breakers.pass(key, later), Passage::Closed(_)), "the others wait");
        breakers.unanswered(key, later);
        assert_eq!(breakers.pass(key, later), Passage::Closed(later.plus_secs(2)), "longer this time");
        let much_later = later.plus_secs(2);
        assert_eq!(breakers.pass(key, much_later), Passage::Open);
        assert!(breakers.answered(key));
        assert_eq!(breakers.pass(key, much_later), Passage::Open);
        assert_eq!(breakers.pass(key, much_later), Passage::Open);
    }
}
