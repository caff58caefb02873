//! In few worlds one clinic has a great many cards for a platform that nobody finds for hours, and another one's
//! platform only hesitates: what waits in vain for the one must not stand in the way of the other.

use crate::plan::{Clinic, PlatformFault, Spell, VisitStep, What};
use fastrand::Rng;

/// One world of so many.
const ONE_OF: u32 = 16;
/// More than are claimed at a time, also when some of them are held.
const VISITS: std::ops::Range<usize> = 110..150;
/// Numbers of visits that no other part of a plan uses.
const FIRST_NUMBER: usize = 100;
const HOUR: u64 = 3_600_000;
const DAY_MINUTES: i64 = 24 * 60;

/// Chance of its own, so that the rest of a plan is the same with and without.
fn chance(seed: u64) -> Rng {
    Rng::with_seed(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ 0xC20D)
}

/// Whether a world is of this kind: it has two clinics.
pub(super) fn is_crowded(seed: u64) -> bool {
    chance(seed).u32(0..ONE_OF) == 0
}

/// What happens in such a world besides.
pub(super) fn draw_crowd(seed: u64, busy_ms: u64, clinics: &[Clinic]) -> Vec<(u64, What)> {
    let mut rng = chance(seed);
    let crowded = rng.u32(0..ONE_OF) == 0;
    let mut items = Vec::new();
    if !crowded || clinics.len() < 2 {
        return items;
    }
    let began = rng.u64(0..busy_ms / 4);
    let absent = Spell { lasts: busy_ms.min(3 * HOUR), percent: 100 };
    for feed in 0..clinics[0].feeds.len() {
        items.push((began, What::Platform(0, feed, PlatformFault::Absent, absent)));
    }
    let visits = rng.usize(VISITS);
    for visit in 0..visits {
        let at = began + rng.u64(1_000..300_000);
        items.push((at, What::Visit(0, FIRST_NUMBER + visit, book(&mut rng, &clinics[0], visit))));
    }
    let hesitates = began + rng.u64(300_000..900_000);
    for feed in 0..clinics[1].feeds.len() {
        let spell = Spell { lasts: 30_000, percent: 100 };
        items.push((hesitates, What::Platform(1, feed, PlatformFault::Refuses, spell)));
    }
    for visit in 0..rng.usize(3..8) {
        let at = hesitates + rng.u64(0..30_000);
        items.push((at, What::Visit(1, FIRST_NUMBER + visit, book(&mut rng, &clinics[1], visit))));
    }
    items
}

fn book(rng: &mut Rng, clinic: &Clinic, visit: usize) -> VisitStep {
    VisitStep::Book {
        patient: rng.usize(0..clinic.patients.len()),
        provider: 0,
        kind: 0,
        in_minutes: rng.i64(3..40) * DAY_MINUTES + i64::try_from(visit % 40).unwrap_or(0) * 15,
        minutes: 15,
    }
}
