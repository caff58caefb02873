//! Every gate's file is on the ladder and says what it is for.

use crate::repo::Repo;
use crate::tidy::{Check, Finding};
use domain::gates::Gate;

pub(super) const CHECK: Check = Check {
    name: "gate-files",
    why: "A gate that is not on the ladder judges nothing; its head is what the console, the documentation and whoever \
          was held by it read.",
    fix: "Name the file in gates/rules/mod.rs and in gates/registry.rs, and begin it with `//! # Title` and the sections \
          of its neighbours.",
    look,
};

const FOLDER: &str = "crates/domain/src/gates/rules/";
const SECTIONS: [&str; 5] = ["What it checks", "Why it matters", "What to do", "Example", "Source"];

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in repo.texts().filter(|file| file.path.starts_with(FOLDER) && !file.path.ends_with("/mod.rs")) {
        let name = file.path.trim_start_matches(FOLDER).trim_end_matches(".rs");
        if !Gate::ladder().iter().any(|gate| gate.id.name() == name) {
            found.push(Finding::about(file.path, "is not on the ladder"));
        }
        let head: Vec<&str> = file.text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        if !head.first().is_some_and(|line| line.starts_with("# ")) {
            found.push(Finding::at(file.path, 1, "does not begin with `//! # Title`"));
        }
        for section in SECTIONS {
            let at = head.iter().position(|line| line.strip_prefix("## ") == Some(section));
            if at.is_none_or(|at| head.get(at + 1).is_none_or(|line| line.is_empty() || line.starts_with('#'))) {
                found.push(Finding::about(file.path, format!("says nothing under `## {section}`")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unregistered_gate_and_a_silent_one_are_found() {
        let head: String = SECTIONS.iter().map(|section| format!("//! ## {section}\n//! Words.\n//!\n")).collect();
        let good = format!("//! # Time known\n//!\n{head}");
        let silent = good.replace("//! ## Example\n//! Words.\n", "//! ## Example\n");
        let repo = Repo::of(&[
            ("crates/domain/src/gates/rules/mod.rs", ""),
            ("crates/domain/src/gates/rules/time_known.rs", &good),
            ("crates/domain/src/gates/rules/moon_full.rs", &good),
            ("crates/domain/src/gates/rules/email_valid.rs", &silent),
        ]);
        let report: Vec<String> = look(&repo).iter().map(ToString::to_string).collect();
        assert_eq!(
            report,
            [
                "crates/domain/src/gates/rules/email_valid.rs: says nothing under `## Example`",
                "crates/domain/src/gates/rules/moon_full.rs: is not on the ladder",
            ]
        );
    }
}
