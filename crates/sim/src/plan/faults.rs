//! Drawing what goes wrong.

use crate::disk::StoreFault;
use crate::plan::{Clinic, NetworkFault, PlatformFault, Spell, What};
use fastrand::Rng;

const NETWORK: [NetworkFault; 4] =
    [NetworkFault::LosesMessages, NetworkFault::LosesAnswers, NetworkFault::Doubles, NetworkFault::Delays];

/// Draws what goes wrong while a world is busy. Some worlds are spared a kind of trouble, so that what is left of it
/// has room to show.
pub(super) fn draw_faults(rng: &mut Rng, busy_ms: u64, clinics: &[Clinic], nodes: usize) -> Vec<(u64, What)> {
    let mut items = Vec::new();
    if rng.u32(0..4) > 0 {
        network(rng, busy_ms, clinics, &mut items);
    }
    if rng.u32(0..5) > 0 {
        platforms(rng, busy_ms, clinics, &mut items);
    }
    if rng.u32(0..4) > 0 {
        machines(rng, busy_ms, nodes, &mut items);
    }
    if rng.u32(0..3) == 0 {
        clocks(rng, busy_ms, nodes, &mut items);
    }
    items
}

fn spell(rng: &mut Rng, busy_ms: u64) -> Spell {
    let lasts = match rng.u32(0..3) {
        0 => rng.u64(1_000..60_000),
        1 => rng.u64(60_000..1_800_000),
        _ => rng.u64(60_000..=busy_ms),
    };
    Spell { lasts, percent: [100, 70, 40, 15][rng.usize(0..4)] }
}

fn network(rng: &mut Rng, busy_ms: u64, clinics: &[Clinic], items: &mut Vec<(u64, What)>) {
    for _ in 0..rng.usize(1..=4) {
        let (at, clinic) = (rng.u64(0..busy_ms), rng.usize(0..clinics.len()));
        items.push((at, What::Network(clinic, NETWORK[rng.usize(0..NETWORK.len())], spell(rng, busy_ms))));
    }
}

fn platforms(rng: &mut Rng, busy_ms: u64, clinics: &[Clinic], items: &mut Vec<(u64, What)>) {
    for _ in 0..rng.usize(1..=5) {
        let (at, clinic) = (rng.u64(0..busy_ms), rng.usize(0..clinics.len()));
        let feed = rng.usize(0..clinics[clinic].feeds.len());
        let fault = PlatformFault::ALL[rng.usize(0..PlatformFault::ALL.len())];
        let mut spell = spell(rng, busy_ms);
        if fault == PlatformFault::Gone {
            spell.lasts = spell.lasts.min(600_000);
        }
        items.push((at, What::Platform(clinic, feed, fault, spell)));
    }
}

fn machines(rng: &mut Rng, busy_ms: u64, nodes: usize, items: &mut Vec<(u64, What)>) {
    for _ in 0..rng.usize(1..=6) {
        let (at, node) = (rng.u64(0..busy_ms), rng.usize(0..nodes));
        if rng.u32(0..5) == 0 {
            items.push((at, What::Crash(node)));
            continue;
        }
        let fault = StoreFault::ALL[rng.usize(0..StoreFault::ALL.len())];
        // A database of its own keeps what it committed whatever becomes of the processes that use it.
        if nodes > 1 && fault.may_lose() || nodes == 1 && fault == StoreFault::Overtaken {
            continue;
        }
        items.push((at, What::Store(node, fault, rng.u32(0..12))));
    }
}

fn clocks(rng: &mut Rng, busy_ms: u64, nodes: usize, items: &mut Vec<(u64, What)>) {
    for _ in 0..rng.usize(1..=3) {
        let size = match rng.u32(0..4) {
            0 => rng.i64(1..2_000),
            1 => rng.i64(1_000..60_000),
            2 => 3_600_000,
            _ => rng.i64(60_000..10_800_000),
        };
        let by = if rng.bool() { size } else { -size };
        items.push((rng.u64(0..busy_ms), What::Jump(rng.usize(0..nodes), by)));
    }
}
