//! The conformance suite: every connector against its vendor's twin, driven by case files.
//!
//! # How it works
//!
//! * `fixtures/conformance/cases/NUMBER-NAME.toml` is one case: what is `given`, what happens (`when`), and what must
//!   be so `then`, in words that no vendor uses ([`case`]). Cases of one scene follow one another in one practice, with
//!   one store and one platform; that keeps the suite cheap.
//! * `fixtures/conformance/systems/NAME.toml` is one connector: how it is set up against its twin, and what it says of
//!   each case: `passes` (it is run, and must), `cannot` (the vendor cannot: why) or `not_yet` (what is missing)
//!   ([`system`]).
//! * Twin, platform and engine are real, on real sockets, with a store in a file; they live by one clock that nobody
//!   waits for ([`world`]). The desk is the twin's control plane `/_twin/`.
//! * After every case both sides are compared ([`compare`]): equal but for what is held with the reason that the case
//!   names, no duplicates, no zombies, no notice twice, no verdict without a reason; and a while later still so.
//!
//! # How to add a connector
//!
//! 1. Write `systems/NAME.toml` (take the nearest one as a pattern) and say `not_yet` of every case.
//! 2. Add a line to `systems!` below, and run `cargo nextest run -p punctual conformance::NAME`.
//! 3. Turn the cases to `passes` one after the other. What the vendor really cannot do is `cannot`, with the reason as
//!    an operator would read it. Everything that the profile claims under `[can]` for reading has to pass.
//! 4. `cargo xtask matrix` writes `docs/systems/matrix.md`.
//!
//! # How to add a case
//!
//! Write the file, and say of every system what it does about it. A new kind of act or demand is a variant of
//! [`case::Act`] or [`case::Then`].

mod again;
mod case;
mod compare;
mod hook;
mod run;
mod search;
mod system;
mod world;

pub(crate) use system::System;

use case::SceneName;

macro_rules! systems {
    ($($name:ident = $file:literal),* $(,)?) => {
        /// Every connector that there is a file of.
        pub(crate) const SYSTEMS: &[&str] = &[$($file),*];

        $(mod $name {
            use super::{SceneName, run::run};

            #[tokio::test(start_paused = true)]
            async fn everyday() {
                run($file, SceneName::Everyday).await;
            }

            #[tokio::test(start_paused = true)]
            async fn trouble() {
                run($file, SceneName::Trouble).await;
            }

            #[tokio::test(start_paused = true)]
            async fn judged_again() {
                super::again::judged_again($file).await;
            }

            #[tokio::test(start_paused = true)]
            async fn storm() {
                run($file, SceneName::Storm).await;
            }
        })*
    };
}

systems! {
    athenahealth = "athenahealth",
    carecloud = "carecloud",
    carelogic = "carelogic",
    csv = "csv",
    drchrono = "drchrono",
    fhir_r4 = "fhir-r4",
    greenway_intergy = "greenway-intergy",
    greenway_prime_suite = "greenway-prime-suite",
    hs1_exact = "hs1-exact",
    hs1_oasis = "hs1-oasis",
    kareo = "kareo",
}

/// A vendor's call is a reason to look: the visit is there although nothing is due for a while.
#[tokio::test(start_paused = true)]
async fn a_signed_call_of_athenaone_brings_the_visit_that_it_names() {
    run::called("athenahealth").await;
}

#[test]
fn every_system_has_its_tests_and_says_something_of_every_case_and_of_no_other() {
    let mut files: Vec<String> = std::fs::read_dir(case::folder().join("systems"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let mut listed = SYSTEMS.to_vec();
    listed.sort_unstable();
    assert_eq!(files, listed, "systems! in conformance/mod.rs lists every file of fixtures/conformance/systems/");
    let mut cases: Vec<String> = case::cases().into_iter().map(|case| case.id).collect();
    cases.sort();
    for file in files {
        let said: Vec<String> = system::System::read(&file).cases.into_keys().collect();
        assert_eq!(said, cases, "systems/{file}.toml");
    }
}
