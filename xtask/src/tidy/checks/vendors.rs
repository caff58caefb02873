//! The code knows no vendor by name.

use crate::repo::Repo;
use crate::rust;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "vendors",
    why: "How a vendor behaves is data in profiles/, quoted with its version in every explanation; a branch in the code \
          is quoted nowhere and cannot be overridden by a practice.",
    fix: "Put the difference into the profile as a value with its origin, and let the code read the value.",
    look,
};

/// Profiles that are open routes, not vendors.
const ROUTES: [&str; 5] = ["hl7v2", "fhir-r4", "csv", "webhook", "access-recovery"];

fn look(repo: &Repo) -> Vec<Finding> {
    let vendors: Vec<&str> = repo.paths().filter_map(vendor).collect();
    let mut found = Vec::new();
    let code = repo.texts().filter(|file| {
        let free = [
            "crates/emulators/",
            "crates/connectors/",
            "crates/scenarios/",
            "crates/sim/",
            "crates/domain/src/profile/",
        ];
        file.extension() == "rs" && !file.is_test() && !free.iter().any(|folder| file.path.starts_with(folder))
    });
    for file in code {
        for (number, line) in (1..).zip(rust::lines(file.text)).filter(|(_, line)| !line.test) {
            let literal = |vendor: &str| line.strings.iter().any(|string| string.eq_ignore_ascii_case(vendor));
            let named = |vendor: &str| words_of(&line.code).contains(&vendor.replace('-', "_"));
            if let Some(vendor) = vendors.iter().find(|vendor| literal(vendor) || named(vendor)) {
                found.push(Finding::at(file.path, number, format!("the code knows {vendor:?}")));
            }
        }
    }
    found
}

/// The vendor that a profile is about.
fn vendor(path: &str) -> Option<&str> {
    let profile = path.strip_prefix("profiles/sources/").or_else(|| path.strip_prefix("profiles/platforms/"))?;
    profile.strip_suffix(".toml").filter(|id| !ROUTES.contains(id))
}

/// Every name in a line of code and every word in it: `KareoFeed` gives `kareofeed`, `kareo` and `feed`.
fn words_of(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    for name in code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty()) {
        words.push(name.to_lowercase());
        let mut word = String::new();
        let mut after_lower = false;
        for c in name.chars() {
            if c == '_' || (c.is_uppercase() && after_lower) {
                words.push(std::mem::take(&mut word).to_lowercase());
            }
            if c != '_' {
                word.push(c);
            }
            after_lower = c.is_lowercase();
        }
        words.push(word.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILES: [(&str, &str); 3] =
        [("profiles/sources/kareo.toml", ""), ("profiles/platforms/hale.toml", ""), ("profiles/sources/csv.toml", "")];

    fn found(path: &str, code: &str) -> usize {
        let mut files = PROFILES.to_vec();
        files.push((path, code));
        look(&Repo::of(&files)).len()
    }

    #[test]
    fn a_vendor_in_the_code_is_found() {
        assert_eq!(found("crates/engine/src/a.rs", "if profile == \"kareo\" {\n    kareo_quirk();\n}\n"), 2);
        assert_eq!(found("crates/engine/src/a.rs", "struct KareoFeed;\n"), 1);
        assert_eq!(found("crates/domain/src/gates/rules/a.rs", "const HALE: u8 = 1;\n"), 1);
    }

    #[test]
    fn examples_routes_tests_and_the_profiles_shelf_are_let_be() {
        assert_eq!(found("crates/cli/src/a.rs", "// as Kareo does\nlet help = \"punctual profiles kareo\";\n"), 0);
        assert_eq!(found("crates/engine/src/a.rs", "let route = \"csv\"; inhale();\n"), 0);
        assert_eq!(found("crates/web/tests/it/a.rs", "let id = \"kareo\";\n"), 0);
        assert_eq!(found("crates/domain/src/profile/library.rs", "let id = \"kareo\";\n"), 0);
    }
}
