//! In some worlds there is one more clinic, whose diary is read by asking, and whose diary system answers badly for a
//! while.

use crate::plan::draw::Drawn;
use crate::plan::faults::draw_platforms;
use crate::plan::{Clinic, SourceFault, Spell, VisitStep, What};
use fastrand::Rng;

/// One world of so many.
const ONE_OF: u32 = 5;
/// Starts are within so many minutes: what is further off stands in no list that is read, so that nobody hears of it.
const WITHIN_MINUTES: i64 = 50 * 24 * 60;

/// Draws the clinic and what happens there, by a chance of its own, so that the rest of a plan is the same with and
/// without. `number` is its place among the clinics.
pub(super) fn draw_asked(seed: u64, busy_ms: u64, number: usize) -> Option<(Clinic, Vec<(u64, What)>)> {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0xA076_1D64_78BD_642F) ^ 0x0A54);
    if rng.u32(0..ONE_OF) > 0 {
        return None;
    }
    let mut clinic = Clinic::draw(&mut rng, number);
    clinic.asked = true;
    for feed in &mut clinic.feeds {
        feed.source = "kareo";
    }
    let mut drawn = Drawn { rng, busy_ms, items: Vec::new() };
    drawn.diary(number, &clinic);
    drawn.patients(number, &clinic);
    drawn.people(number, &clinic);
    let Drawn { mut rng, mut items, .. } = drawn;
    for (_, what) in &mut items {
        if let What::Visit(_, _, VisitStep::Book { in_minutes, .. } | VisitStep::Move { in_minutes }) = what {
            *in_minutes %= WITHIN_MINUTES;
        }
    }
    for _ in 0..rng.usize(0..=6) {
        let fault = SourceFault::ALL[rng.usize(0..SourceFault::ALL.len())];
        let lasts = rng.u64(600_000..=busy_ms);
        let percent = [100, 70, 40, 15][rng.usize(0..4)];
        items.push((rng.u64(0..busy_ms), What::Source(number, fault, Spell { lasts, percent })));
    }
    if rng.bool() {
        items.extend(draw_platforms(&mut rng, busy_ms, number, &clinic));
    }
    Some((clinic, items))
}
