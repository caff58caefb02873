//! Drawing what goes wrong.

use crate::disk::StoreFault;
use crate::plan::{Clinic, NetworkFault, PlatformFault, Spell, What};
use fastrand::Rng;

const NETWORK: [NetworkFault; 4] =
    [NetworkFault::LosesMessages, NetworkFault::LosesAnswers, NetworkFault::Doubles, NetworkFault::Delays];

/// Draws what goes wrong while a world is busy: mostly shortly before something happens in it, because trouble that
/// meets nobody shows nothing. Some worlds are spared a kind of trouble, so that what is left has room to show.
pub(super) fn draw_faults(
    rng: &mut Rng,
    busy_ms: u64,
    clinics: &[Clinic],
    nodes: usize,
    moments: &[u64],
) -> Vec<(u64, What)> {
    let mut trouble = Trouble { rng, busy_ms, moments, items: Vec::new() };
    if trouble.rng.u32(0..4) > 0 {
        trouble.networks(clinics);
    }
    if trouble.rng.u32(0..6) > 0 {
        trouble.platforms(clinics);
    }
    if trouble.rng.u32(0..4) > 0 {
        trouble.machines(nodes);
    }
    if trouble.rng.u32(0..3) == 0 {
        trouble.clocks(nodes);
    }
    trouble.items
}

/// Draws what goes wrong with the platforms of one clinic.
pub(super) fn draw_platforms(rng: &mut Rng, busy_ms: u64, number: usize, clinic: &Clinic) -> Vec<(u64, What)> {
    let mut trouble = Trouble { rng, busy_ms, moments: &[], items: Vec::new() };
    trouble.platforms(std::slice::from_ref(clinic));
    let renumbered = trouble.items.into_iter().map(|(at, what)| match what {
        What::Platform(_, feed, fault, spell) => (at, What::Platform(number, feed, fault, spell)),
        other => (at, other),
    });
    renumbered.collect()
}

struct Trouble<'a> {
    rng: &'a mut Rng,
    busy_ms: u64,
    moments: &'a [u64],
    items: Vec<(u64, What)>,
}

impl Trouble<'_> {
    fn when(&mut self) -> u64 {
        match self.rng.choice(self.moments).filter(|_| self.rng.u32(0..4) > 0) {
            Some(moment) => moment.saturating_sub(self.rng.u64(0..20_000)),
            None => self.rng.u64(0..self.busy_ms),
        }
    }

    fn spell(&mut self) -> Spell {
        let lasts = match self.rng.u32(0..3) {
            0 => self.rng.u64(10_000..120_000),
            1 => self.rng.u64(60_000..1_800_000),
            _ => self.rng.u64(60_000..=self.busy_ms),
        };
        Spell { lasts, percent: [100, 70, 40, 15][self.rng.usize(0..4)] }
    }

    fn networks(&mut self, clinics: &[Clinic]) {
        for _ in 0..self.rng.usize(1..=4) {
            let (at, clinic, fault) = (self.when(), self.rng.usize(0..clinics.len()), self.rng.usize(0..NETWORK.len()));
            let spell = self.spell();
            self.items.push((at, What::Network(clinic, NETWORK[fault], spell)));
        }
    }

    fn platforms(&mut self, clinics: &[Clinic]) {
        for _ in 0..self.rng.usize(1..=6) {
            let (at, clinic) = (self.when(), self.rng.usize(0..clinics.len()));
            let feed = self.rng.usize(0..clinics[clinic].feeds.len());
            let fault = PlatformFault::ALL[self.rng.usize(0..PlatformFault::ALL.len())];
            let spell = self.spell();
            self.items.push((at, What::Platform(clinic, feed, fault, spell)));
        }
    }

    fn machines(&mut self, nodes: usize) {
        for _ in 0..self.rng.usize(1..=6) {
            let (at, node) = (self.when(), self.rng.usize(0..nodes));
            let what = match self.rng.u32(0..8) {
                0 => What::Crash(node),
                1 => What::Restart(node),
                _ => {
                    let fault = StoreFault::ALL[self.rng.usize(0..StoreFault::ALL.len())];
                    // A database of its own keeps what it committed whatever becomes of the processes that use it, and
                    // nobody overtakes a process that is alone.
                    if nodes > 1 && fault.may_lose() || nodes == 1 && fault == StoreFault::Overtaken {
                        continue;
                    }
                    What::Store(node, fault, self.rng.u32(0..12))
                }
            };
            self.items.push((at, what));
        }
    }

    fn clocks(&mut self, nodes: usize) {
        for _ in 0..self.rng.usize(1..=3) {
            let size = match self.rng.u32(0..4) {
                0 => self.rng.i64(1..2_000),
                1 => self.rng.i64(1_000..60_000),
                2 => 3_600_000,
                _ => self.rng.i64(60_000..10_800_000),
            };
            let by = if self.rng.bool() { size } else { -size };
            let (at, node) = (self.when(), self.rng.usize(0..nodes));
            self.items.push((at, What::Jump(node, by)));
        }
    }
}
