//! Every scenario is a test of its own, named by its requirement, on every store.

use crate::{healing, outage, practices, streams};
use libtest_mimic::{Arguments, Failed, Trial};
use scenarios::backend::{BACKENDS, Backend};
use scenarios::covered::{Elsewhere, uncovered, unseen_codes};
use scenarios::run::run;
use scenarios::scenario::{Scenario, read_all};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads the scenarios and runs them, with what else holds over all of them.
pub(crate) fn run_all() -> ExitCode {
    let arguments = Arguments::from_args();
    let read = read_all(&root(), "fixtures/scenarios").expect("the scenarios can be read");
    let (mut trials, mut scenarios) = (Vec::new(), Vec::new());
    for scenario in read {
        match scenario {
            Ok(scenario) => scenarios.push(scenario),
            Err(misread) => {
                let name = format!("readable::{}", misread.file.file_stem().unwrap_or_default().to_string_lossy());
                let problem = format!("{}:{}: {}", misread.file.display(), misread.line, misread.problem);
                trials.push(Trial::test(name, move || Err(Failed::from(problem))));
            }
        }
    }
    let scenarios: Arc<[Scenario]> = scenarios.into();
    for backend in BACKENDS {
        for (n, scenario) in scenarios.iter().enumerate() {
            let all = scenarios.clone();
            let name = format!("{}::{}", backend.name, scenario.name);
            let trial = Trial::test(name, move || run(&all[n], *backend).map_err(Failed::from));
            trials.push(trial.with_ignored_flag(backend.needs_server));
        }
    }
    for backend in BACKENDS {
        let mut test = |name: &str, run: fn(Backend) -> Result<(), String>| {
            let backend = *backend;
            let trial = Trial::test(format!("{}::{name}", backend.name), move || run(backend).map_err(Failed::from));
            trials.push(trial.with_ignored_flag(backend.needs_server));
        };
        test("any_order_ends_in_the_same_cards", streams::any_order_ends_in_the_same_cards);
        test("one_link_releases_one_visit", |backend| healing::one_link_releases_exactly_its_visits(backend, 1));
        test("one_link_releases_hundreds_of_visits", |backend| {
            healing::one_link_releases_exactly_its_visits(backend, 450)
        });
        test("x_7_an_hour_without_the_platform_is_one_incident", outage::an_hour_without_the_platform);
        test("three_causes_in_each_of_many_practices", practices::three_causes_each);
        test("x_1_every_visit_has_one_verdict_with_a_reason", healing::x_1_every_visit_has_one_verdict_with_a_reason);
    }
    let all = scenarios.clone();
    trials.push(Trial::test("every_requirement_has_a_scenario_or_a_place_elsewhere", move || {
        none(uncovered(&all, &elsewhere()?, &root().join("crates")))
    }));
    trials.push(Trial::test("every_reason_code_is_seen_in_a_scenario", move || {
        none(unseen_codes(&scenarios, &elsewhere()?))
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn elsewhere() -> Result<Elsewhere, Failed> {
    let file = root().join("fixtures/scenarios/elsewhere.toml");
    let text = std::fs::read_to_string(file)?;
    toml::from_str(&text).map_err(|error| Failed::from(error.to_string()))
}

fn none(problems: Vec<String>) -> Result<(), Failed> {
    if problems.is_empty() { Ok(()) } else { Err(Failed::from(problems.join("\n"))) }
}
