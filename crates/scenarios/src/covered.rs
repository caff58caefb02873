//! Which requirements and which reason codes the scenarios cover, and where the rest is looked after.

use crate::scenario::{Id, Part, Scenario};
use domain::reasons::Reason;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The requirements that each need a scenario or a place elsewhere: source document and greatest number.
pub const REQUIRED: &[(&str, u32)] = &[("S0", 29), ("S1", 32), ("S3", 29), ("S4", 24), ("X", 10)];

/// `elsewhere.toml`: what no scenario exercises, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// By requirement.
    pub requirement: BTreeMap<String, Place>,
    /// By reason code: why no scenario can show it.
    pub code: BTreeMap<String, String>,
}

/// Where a requirement is looked after.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Place {
    /// By a test: `crate::name_of_the_test`.
    Test {
        /// The test.
        test: String,
    },
    /// By work that is still to come.
    Issue {
        /// Under this number.
        issue: u32,
        /// What is lacking.
        why: String,
    },
}

/// What is wrong with the coverage of requirements; empty when all is well.
pub fn uncovered(scenarios: &[Scenario], elsewhere: &Elsewhere, crates: &Path) -> Vec<String> {
    let exercised: BTreeSet<&Id> = scenarios.iter().flat_map(|scenario| &scenario.ids).collect();
    let mut problems = Vec::new();
    for (source, last) in REQUIRED {
        for number in 1..=*last {
            let id = Id { source: (*source).to_owned(), number };
            let place = elsewhere.requirement.get(&id.to_string());
            match (exercised.contains(&id), place) {
                (false, None) => problems.push(format!("{id} has no scenario and no place elsewhere")),
                (true, Some(Place::Issue { .. })) => {
                    problems.push(format!("{id} has a scenario; it no longer belongs among what is to come"));
                }
                _ => {}
            }
        }
    }
    for (id, place) in &elsewhere.requirement {
        if Id::read(id).is_none_or(|read| read.to_string() != *id) {
            problems.push(format!("{id} in elsewhere.toml is no requirement's id"));
        }
        match place {
            Place::Test { test } if !test_exists(test, crates) => {
                problems.push(format!("{id}: there is no test {test}"));
            }
            Place::Issue { why, .. } if why.trim().is_empty() => problems.push(format!("{id}: it is not said why")),
            _ => {}
        }
    }
    for scenario in scenarios {
        let first = scenario.ids.first().map(ToString::to_string).unwrap_or_default();
        let named = scenario.name.split('-').take(2).collect::<Vec<_>>().join("-");
        if Id::read(&named).map(|id| id.to_string()).as_deref() != Some(first.as_str()) {
            problems.push(format!("{}: the file is named by its first requirement, {first}", scenario.file.display()));
        }
    }
    problems
}

/// A function with this name stands in the sources of the crate: `engine::name`.
fn test_exists(test: &str, crates: &Path) -> bool {
    let Some((krate, name)) = test.split_once("::") else { return false };
    let name = name.rsplit("::").next().unwrap_or(name);
    let wanted = format!("fn {name}(");
    let mut folders = vec![crates.join(krate)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && std::fs::read_to_string(&path).is_ok_and(|text| text.contains(&wanted))
            {
                return true;
            }
        }
    }
    false
}

/// Whether a scenario shows a code as a cause: of a whole feed, or of what became of a letter. With the visits that it
/// counts, with whoever has it, and that it ends.
fn is_shown_as_a_cause(scenario: &Scenario, code: &str) -> bool {
    let then = || scenario.steps.iter().filter(|step| step.part == Part::Then).map(|step| step.sentence.as_str());
    let about =
        |what: &str| then().any(|said| said.starts_with(&format!("the cause {code} about ")) && said.contains(what));
    about(" counts ") && about(" is with ") && then().next_back() == Some("there is no open cause")
}

/// What is wrong with the coverage of reason codes; empty when all is well. Each code that can be given is seen on a
/// visit in some scenario, and there with its owner and its evidence, or as a cause.
pub fn unseen_codes(scenarios: &[Scenario], elsewhere: &Elsewhere) -> Vec<String> {
    let steps = scenarios.iter().flat_map(|scenario| &scenario.steps);
    let asserted: Vec<&str> = steps.filter(|step| step.part == Part::Then).map(|step| step.sentence.as_str()).collect();
    let mut problems = Vec::new();
    for reason in Reason::ALL {
        let code = reason.code();
        let said = |rest: &str| asserted.iter().any(|sentence| sentence.starts_with(&format!("{code} {rest}")));
        let on_a_visit = asserted.iter().any(|sentence| {
            let seen =
                ["because of ", "the open causes are ", "it notes "].iter().any(|begin| sentence.contains(begin));
            let mut words = sentence.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
            seen && words.any(|word| word == code)
        });
        let lacking = [(on_a_visit, "verdict"), (said("is owned by "), "owner"), (said("expected "), "evidence")];
        let lacking: Vec<&str> = lacking.iter().filter(|(there, _)| !there).map(|(_, what)| *what).collect();
        let shown = lacking.is_empty() || scenarios.iter().any(|scenario| is_shown_as_a_cause(scenario, code));
        match (shown, elsewhere.code.contains_key(code)) {
            (false, false) => problems.push(format!("{code}: no scenario's Then has its {}", lacking.join(", "))),
            (true, true) => problems.push(format!("{code} is in a scenario; it needs no exception")),
            _ => {}
        }
    }
    for (code, why) in &elsewhere.code {
        if Reason::from_code(code).is_none() || why.trim().is_empty() {
            problems.push(format!("{code} in elsewhere.toml: no such code, or it is not said why"));
        }
    }
    problems
}
