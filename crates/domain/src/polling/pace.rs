//! How fast may be asked: for each limit the instant from which on the next request conforms to it.
//!
//! A limit of `requests` in `seconds` with a `burst` is kept by spacing requests so that any stretch of `seconds` sees
//! at most `burst` at once and the rest evenly spread: never more than `requests` together.

use crate::profile::RateLimit;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// Where the limits of one scope stand.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct PaceState {
    /// For each limit, in the profile's order, the theoretical time of the next request.
    #[n(0)]
    next: Vec<Moment>,
    /// Nothing before this: the vendor said so.
    #[n(1)]
    pub not_before: Option<Moment>,
}

impl PaceState {
    /// When one more request may be made at the earliest.
    pub fn allowed_at(&self, limits: &[RateLimit], now: Moment) -> Moment {
        let mut at = self.not_before.map_or(now, |not_before| not_before.max(now));
        for (place, limit) in limits.iter().enumerate() {
            if let Some(next) = self.next.get(place) {
                at = at.max(Moment::from_micros(next.micros() - slack(*limit)));
            }
        }
        at
    }

    /// Takes one request that is made at `at`.
    pub fn take(&mut self, limits: &[RateLimit], at: Moment) {
        self.next.resize(limits.len(), at);
        for (next, limit) in self.next.iter_mut().zip(limits) {
            *next = Moment::from_micros((*next).max(at).micros() + spacing(*limit));
        }
    }
}

/// Microseconds between two requests at the steady rate. What a burst takes is taken from the rate.
fn spacing(limit: RateLimit) -> i64 {
    let burst = limit.burst.clamp(1, limit.requests.max(1));
    let steady = i64::from((limit.requests.saturating_sub(burst - 1)).max(1));
    (i64::from(limit.seconds) * 1_000_000 + steady - 1) / steady
}

/// So much earlier than evenly spaced a request may come.
fn slack(limit: RateLimit) -> i64 {
    i64::from(limit.burst.clamp(1, limit.requests.max(1)) - 1) * spacing(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn s1_16_no_stretch_of_time_sees_more_requests_than_allowed(
            requests in 1u32..20, seconds in 1u32..100, burst in 1u32..25,
            pauses in proptest::collection::vec(0i64..5_000_000, 1..120),
        ) {
            let limits = [RateLimit { requests, seconds, burst }];
            let (mut pace, mut now) = (PaceState::default(), Moment::from_micros(0));
            let mut made: Vec<i64> = Vec::new();
            for pause in pauses {
                now = Moment::from_micros(now.micros() + pause);
                now = pace.allowed_at(&limits, now);
                pace.take(&limits, now);
                made.push(now.micros());
            }
            let stretch = i64::from(seconds) * 1_000_000;
            for (place, from) in made.iter().enumerate() {
                let inside = made[place..].iter().take_while(|at| **at - from < stretch).count();
                prop_assert!(inside <= requests as usize, "{inside} of {requests} in {seconds} s: {made:?}");
            }
        }
    }

    #[test]
    fn what_the_vendor_says_holds_beside_the_limits() {
        let pace = PaceState { not_before: Some(Moment::from_micros(9)), ..PaceState::default() };
        assert_eq!(pace.allowed_at(&[], Moment::from_micros(1)), Moment::from_micros(9));
        assert_eq!(pace.allowed_at(&[], Moment::from_micros(10)), Moment::from_micros(10));
    }
}
