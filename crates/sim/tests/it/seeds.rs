//! Worlds by their seeds.

use sim::plan::plan_of;
use sim::world::run;

/// Worlds of one test, so that the parts run side by side.
const PART: u64 = 50;

/// `PUNCTUAL_TEST_LONG` is set: more rounds.
fn long() -> bool {
    #[allow(clippy::disallowed_methods, reason = "tests are told by the environment how long they may take")]
    std::env::var_os("PUNCTUAL_TEST_LONG").is_some()
}

fn all_is_well_in(part: u64) {
    let worlds = if long() { PART * 50 } else { PART };
    for seed in 1 + part * worlds..=(part + 1) * worlds {
        let outcome = run(&plan_of(seed), None, false).unwrap();
        assert!(
            outcome.faults.is_empty(),
            "to see it again: cargo run -p punctual-sim --release -- --seed {seed}\n{}",
            outcome.faults.join("\n")
        );
        assert_eq!(outcome.figures.messages, outcome.figures.acknowledged, "seed {seed}");
    }
}

#[test]
fn all_is_well_in_the_first_part_of_the_worlds() {
    all_is_well_in(0);
}

#[test]
fn all_is_well_in_the_second_part_of_the_worlds() {
    all_is_well_in(1);
}

#[test]
fn all_is_well_in_the_third_part_of_the_worlds() {
    all_is_well_in(2);
}

#[test]
fn all_is_well_in_the_fourth_part_of_the_worlds() {
    all_is_well_in(3);
}

/// Worlds in which something went wrong once. What each found is told in docs/reliability.md.
#[test]
fn what_was_found_stays_mended() {
    for seed in [1480, 2351, 2837, 2917] {
        let outcome = run(&plan_of(seed), None, false).unwrap();
        assert!(outcome.faults.is_empty(), "seed {seed}\n{}", outcome.faults.join("\n"));
    }
}
