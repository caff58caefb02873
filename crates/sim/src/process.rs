//! One process of the service: alive, or dead from some point on. What a dead process still computes reaches nobody.

use crate::clock::ProcessClock;
use domain::setup::SecretRef;
use domain::text::Text;
use engine::ports::{Chance, Secret, Secrets};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One life of one process, from its start to its crash or end.
pub struct Life {
    /// Which process.
    pub node: usize,
    /// Its clock, which outlives it: it is the machine's.
    pub clock: Arc<ProcessClock>,
    dead: AtomicBool,
    broken: AtomicBool,
    powerless: AtomicBool,
}

impl Life {
    /// A process that begins.
    pub fn of(node: usize, clock: Arc<ProcessClock>) -> Arc<Life> {
        Arc::new(Life {
            node,
            clock,
            dead: AtomicBool::default(),
            broken: AtomicBool::default(),
            powerless: AtomicBool::default(),
        })
    }

    /// It crashes now.
    pub fn end(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// It has crashed.
    pub fn is_over(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// What its machine wrote and never synced is lost when it ends.
    pub fn lose_power(&self) {
        self.powerless.store(true, Ordering::Relaxed);
    }

    /// What was not synced is to be lost.
    pub fn lost_power(&self) -> bool {
        self.powerless.load(Ordering::Relaxed)
    }

    /// Its disk failed to sync: it takes nothing any more, and somebody has to start it again.
    pub fn fail_disk(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    /// It needs somebody to start it again.
    pub fn needs_restart(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }
}

/// Chance that is the same in every run of a seed.
pub struct SeededChance {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededChance {
    /// Chance of one life.
    pub fn new(seed: u64) -> SeededChance {
        SeededChance { seed, drawn: AtomicU64::new(0) }
    }
}

impl Chance for SeededChance {
    fn fraction(&self) -> f64 {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        fastrand::Rng::with_seed(self.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).f64()
    }

    fn bytes(&self) -> [u8; 32] {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        *blake3::hash(&[self.seed.to_le_bytes(), number.to_le_bytes()].concat()).as_bytes()
    }
}

/// One secret for everything, which may be taken away.
#[derive(Default)]
pub struct OneSecret {
    hidden: AtomicBool,
}

impl OneSecret {
    /// Takes the secret away, or puts it back.
    pub fn hide(&self, hidden: bool) {
        self.hidden.store(hidden, Ordering::Relaxed);
    }
}

impl Secrets for OneSecret {
    fn read(&self, _: &SecretRef) -> Result<Secret, Text> {
        if self.hidden.load(Ordering::Relaxed) {
            return Err(Text::literal("the environment variable HOOK_SECRET is not set"));
        }
        Ok(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    }
}
