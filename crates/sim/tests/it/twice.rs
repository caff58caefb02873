//! The same world twice.

use sim::plan::plan_of;
use sim::shrink::shrink;
use sim::world::run;

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for seed in [3, 4, 20, 38, 77, 121] {
        let (one, other) = (run(&plan_of(seed), None, false).unwrap(), run(&plan_of(seed), None, true).unwrap());
        assert_eq!(one.digest, other.digest, "seed {seed}");
        assert!(!other.story.lines().is_empty());
    }
}

#[test]
fn other_seeds_give_other_bytes() {
    let digests = [5, 6, 7].map(|seed| run(&plan_of(seed), None, false).unwrap().digest);
    assert!(digests[0] != digests[1] && digests[1] != digests[2]);
}

#[test]
fn a_failing_world_becomes_smaller_and_still_fails() {
    use sim::mutant::Mutant;
    let mutant = Some(Mutant::KeepsStops);
    let (plan, outcome) = (1..)
        .map(|seed| (plan_of(seed), run(&plan_of(seed), mutant, false).unwrap()))
        .find(|(_, outcome)| !outcome.faults.is_empty())
        .unwrap();
    let shrunk = shrink(&plan, mutant, &outcome.faults, |_| {}).unwrap();
    assert!(shrunk.plan.items.len() * 2 < plan.items.len(), "{} of {}", shrunk.plan.items.len(), plan.items.len());
    let again = run(&plan.without(&shrunk.without), mutant, false).unwrap();
    assert_eq!(again.faults, shrunk.faults);
}
