//! Planted faults: a simulation that notices none of them would prove nothing.

use sim::mutant::Mutant;
use sim::plan::plan_of;
use sim::world::run;

/// Every planted fault is noticed in one of so many worlds.
const WORLDS: u64 = 60;

#[test]
fn every_planted_fault_is_noticed() {
    let mut missed = Vec::new();
    for mutant in Mutant::ALL {
        let noticed = (1..=WORLDS).any(|seed| !run(&plan_of(seed), Some(mutant), false).unwrap().faults.is_empty());
        if !noticed {
            missed.push(mutant.name());
        }
    }
    assert!(missed.is_empty(), "nobody noticed {}", missed.join(", "));
}
