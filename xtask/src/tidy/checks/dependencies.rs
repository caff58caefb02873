//! Which crate may see which.

use crate::repo::{File, Repo};
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "dependencies",
    why: "Dependencies go one way, so that rules can be judged without disks, storage without networks, and the twins \
          stay strangers to the code they test. ARCHITECTURE.md draws it.",
    fix: "Move the code to the side that may see both, or hand the need over a port (a trait in engine::ports).",
    look,
};

/// One crate of ours and the crates of ours it may see.
struct Allowed {
    /// Its folder.
    folder: &'static str,
    /// What its code may use.
    code: &'static [&'static str],
    /// What its tests may use besides.
    tests: &'static [&'static str],
}

const OURS: &[&str] =
    &["wire", "domain", "store", "engine", "connectors", "emulators", "web", "cli", "scenarios", "sim", "xtask"];

const fn may(folder: &'static str, code: &'static [&'static str], tests: &'static [&'static str]) -> Allowed {
    Allowed { folder, code, tests }
}

const ALLOWED: &[Allowed] = &[
    may("crates/wire", &[], &[]),
    may("crates/domain", &[], &[]),
    may("crates/store", &["domain"], &[]),
    may("crates/engine", &["domain", "store"], &[]),
    may("crates/connectors", &["wire", "domain", "engine"], &["store", "emulators"]),
    may("crates/emulators", &["wire"], &[]),
    may("crates/web", &["domain", "engine"], &["wire", "store", "connectors", "emulators"]),
    may("crates/cli", &["wire", "domain", "store", "engine", "connectors", "emulators", "web"], &["scenarios", "sim"]),
    may("crates/scenarios", &["wire", "domain", "store", "engine", "connectors", "emulators", "web"], &["sim"]),
    may("crates/sim", &["wire", "domain", "store", "engine", "connectors", "emulators", "web"], &["scenarios"]),
    may("xtask", &["domain"], &[]),
    may("fuzz", &["wire"], &[]),
];

fn look(repo: &Repo) -> Vec<Finding> {
    let manifests = repo.texts().filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests.flat_map(|file| check(file)).collect()
}

fn check(file: File<'_>) -> Vec<Finding> {
    let folder = file.path.trim_end_matches("/Cargo.toml");
    let Some(allowed) = ALLOWED.iter().find(|allowed| allowed.folder == folder) else {
        let what = format!("a crate that no rule knows; say in {} what it may see", file!());
        return vec![Finding::about(file.path, what)];
    };
    let manifest: toml::Table = match toml::from_str(file.text) {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::about(file.path, format!("cannot be read: {}", error.message()))],
    };
    let mut found = Vec::new();
    for (kind, dependencies) in tables(&manifest) {
        for name in dependencies.keys().map(|name| name.trim_start_matches("punctual-")) {
            let for_tests = kind == "dev-dependencies" && allowed.tests.contains(&name);
            if !OURS.contains(&name) || allowed.code.contains(&name) || for_tests {
                continue;
            }
            let crate_name = folder.rsplit('/').next().unwrap_or(folder);
            let may_see = match allowed.code {
                [] => "no crate of ours".to_owned(),
                code => code.join(", "),
            };
            let what = format!("{crate_name} must not see {name} ({kind}); it may see {may_see}");
            found.push(Finding::at(file.path, line_of(file, name), what));
        }
    }
    found
}

/// The tables of dependencies of a manifest, those for one target too.
fn tables(manifest: &toml::Table) -> Vec<(&'static str, &toml::Table)> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let for_targets = targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let mut tables = Vec::new();
    for place in std::iter::once(manifest).chain(for_targets) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            tables.extend(place.get(kind).and_then(toml::Value::as_table).map(|table| (kind, table)));
        }
    }
    tables
}

fn line_of(file: File<'_>, name: &str) -> usize {
    let names = |line: &str| {
        let key = line.split(['=', '.', ' ']).next().unwrap_or_default();
        key.trim_start_matches("punctual-") == name
    };
    file.lines().find(|(_, line)| names(line)).map_or(1, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &str, manifest: &str) -> Vec<String> {
        look(&Repo::of(&[(&format!("{folder}/Cargo.toml"), manifest)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_dependency_against_the_direction_is_found() {
        let report = found("crates/domain", "[package]\nname = \"d\"\n\n[dependencies]\nstore.workspace = true\n");
        let told = "crates/domain/Cargo.toml:5: domain must not see store (dependencies); it may see no crate of ours";
        assert_eq!(report, [told]);
        assert_eq!(
            found("crates/emulators", "[dev-dependencies]\npunctual-domain = { path = \"../domain\" }\n").len(),
            1
        );
        assert_eq!(found("crates/web", "[target.'cfg(unix)'.dependencies]\nconnectors.workspace = true\n").len(), 1);
        assert_eq!(found("crates/sim", "[dependencies]\ncli.workspace = true\n").len(), 1);
        assert!(found("crates/new", "")[0].contains("no rule knows"));
    }

    #[test]
    fn the_allowed_ones_pass() {
        let none: [String; 0] = [];
        assert_eq!(found("crates/store", "[dependencies]\ndomain.workspace = true\nserde.workspace = true\n"), none);
        assert_eq!(found("crates/web", "[dev-dependencies]\nconnectors.workspace = true\n"), none);
    }
}
