//! Latencies and what is said of them.

use serde_json::{Value, json};
use std::time::Duration;

/// Latencies of one run.
#[derive(Debug, Default)]
pub(crate) struct Spread {
    sorted: Vec<Duration>,
}

impl Spread {
    pub(crate) fn of(mut all: Vec<Duration>) -> Spread {
        all.sort_unstable();
        Spread { sorted: all }
    }

    /// The latency that so many of a thousand do not exceed; zero when nothing was measured.
    pub(crate) fn per_mille(&self, share: usize) -> Duration {
        let at = (self.sorted.len() * share / 1000).min(self.sorted.len().saturating_sub(1));
        self.sorted.get(at).copied().unwrap_or_default()
    }

    /// In microseconds.
    pub(crate) fn json(&self) -> Value {
        let at = |share| self.per_mille(share).as_micros();
        json!({ "count": self.sorted.len(), "p50_us": at(500), "p99_us": at(990), "p999_us": at(999) })
    }
}

/// The middle one; the lower of the two in the middle of an even number.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_taken_from_the_sorted_latencies() {
        let spread = Spread::of((1..=100).rev().map(Duration::from_micros).collect());
        assert_eq!(spread.per_mille(500), Duration::from_micros(51));
        assert_eq!(spread.per_mille(990), Duration::from_micros(100));
        assert_eq!(Spread::default().per_mille(500), Duration::ZERO);
    }

    #[test]
    fn the_median_is_one_of_the_values() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0]), 1.0);
    }
}
