//! Real faults: the real binary on real disks, databases and networks, broken under load. Each test prints its line:
//! acknowledged, present, delivered, duplicated, lost, seconds to settle. `./test --long` goes on for longer;
//! docs/reliability.md has the figures.

mod database_stopped;
mod disk_full;
mod kill_nine;
mod network_cut;
mod nodes_killed;
mod number_given_again;
mod torn_log;

use std::time::Duration;

/// Whether the long form was asked for (`./test --long`).
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says in the environment how long they may take")]
fn is_long() -> bool {
    std::env::var_os("PUNCTUAL_TEST_LONG").is_some()
}

/// One of two values: of the short form and of the long one.
fn either<T>(short: T, long: T) -> T {
    if is_long() { long } else { short }
}

/// Chance from a seed that is told, so that a run can be repeated: `PUNCTUAL_TEST_SEED` sets it.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests names the seed in the environment")]
fn seeded() -> fastrand::Rng {
    let named = std::env::var("PUNCTUAL_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = named.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    fastrand::Rng::with_seed(seed)
}

/// A duration from a range of milliseconds.
fn millis(rng: &mut fastrand::Rng, range: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rng.u64(range))
}
