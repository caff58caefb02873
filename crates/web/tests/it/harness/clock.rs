//! A clock that is set by hand, secrets that are always there, and chance that is not.

use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::ports::{Chance, Clock, Secret, Secrets};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn at(instant: &str) -> HandClock {
        let instant: jiff::Timestamp = instant.parse().unwrap();
        HandClock(AtomicI64::new(instant.as_microsecond()))
    }

    pub(crate) fn read(&self) -> Moment {
        Moment::from_micros(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn advance(&self, secs: i64) {
        self.0.fetch_add(secs * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        self.read()
    }
}

pub(crate) struct FixedSecrets;

impl Secrets for FixedSecrets {
    fn read(&self, _: &SecretRef) -> Result<Secret, Text> {
        Ok(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    }
}

/// Different at each call, the same in each run.
pub(crate) struct SteadyChance(AtomicU64);

impl SteadyChance {
    pub(crate) fn new() -> Arc<SteadyChance> {
        Arc::new(SteadyChance(AtomicU64::new(1)))
    }
}

impl Chance for SteadyChance {
    fn fraction(&self) -> f64 {
        0.5
    }

    fn bytes(&self) -> [u8; 32] {
        let n = self.0.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0xa5; 32];
        bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        bytes
    }
}
