//! Tests from outside: one binary a crate, and every file of it takes part.

use crate::repo::Repo;
use crate::rust;
use crate::tidy::{Check, Finding};
use std::collections::BTreeMap;

pub(super) const CHECK: Check = Check {
    name: "test-binaries",
    why: "Each file directly under tests/ is a program of its own, to be linked for minutes; a file that main.rs does not \
          name is compiled by nobody and passes for ever.",
    fix: "Put tests into crates/NAME/tests/it/ as modules, and name each in its main.rs.",
    look,
};

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut binaries: BTreeMap<&str, &str> = BTreeMap::new();
    for path in repo.paths().filter(|path| path.ends_with(".rs")) {
        let Some((folder, rest)) = path.split_once("/tests/").filter(|(folder, _)| !folder.contains("/src")) else {
            continue;
        };
        let Some((binary, inside)) = rest.split_once('/') else {
            found.push(Finding::about(path, "stands directly in tests/ and is a program of its own"));
            continue;
        };
        let first = *binaries.entry(folder).or_insert(binary);
        if first != binary {
            found.push(Finding::about(path, format!("makes a second program beside tests/{first}/")));
            continue;
        }
        let root = format!("{folder}/tests/{binary}");
        match inside.rsplit_once('/') {
            None if inside == "main.rs" => {}
            None => found.extend(unnamed(repo, path, &owner(&root, ""), inside.trim_end_matches(".rs"))),
            Some((parent, "mod.rs")) => {
                let (above, name) = parent.rsplit_once('/').unwrap_or(("", parent));
                found.extend(unnamed(repo, path, &owner(&root, above), name));
            }
            Some((parent, file)) => {
                found.extend(unnamed(repo, path, &owner(&root, parent), file.trim_end_matches(".rs")));
            }
        }
    }
    found
}

/// The file that has to name the modules of a folder of the program.
fn owner(root: &str, inside: &str) -> String {
    match inside {
        "" => format!("{root}/main.rs"),
        _ => format!("{root}/{inside}/mod.rs"),
    }
}

fn unnamed(repo: &Repo, path: &str, owner: &str, name: &str) -> Option<Finding> {
    // A folder may also stand beside its file: `a.rs` and `a/b.rs`.
    let beside = owner.strip_suffix("/mod.rs").map(|folder| format!("{folder}.rs"));
    let text = repo.text(owner).or_else(|| repo.text(&beside?));
    let named = text.is_some_and(|text| {
        let declares = |code: &str| code.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ") == name;
        rust::lines(text).iter().any(|line| {
            line.code.split(['{', '}']).any(|code| {
                code.trim()
                    .strip_suffix(';')
                    .and_then(|code| code.split_once("mod "))
                    .is_some_and(|(_, name)| declares(name))
            })
        })
    });
    (!named).then(|| Finding::about(path, format!("is not named in {owner}: nobody runs it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        look(&Repo::of(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_second_binary_and_unnamed_files_are_found() {
        let report = found(&[
            ("crates/a/tests/it/main.rs", "//! It.\n\nmod one;\nfn helper() {}\n"),
            ("crates/a/tests/it/one.rs", ""),
            ("crates/a/tests/it/two.rs", ""),
            ("crates/a/tests/it/world/mod.rs", "mod here;\n"),
            ("crates/a/tests/it/world/there.rs", ""),
            ("crates/a/tests/other.rs", ""),
            ("crates/a/tests/second/main.rs", ""),
            ("crates/b/tests/scenes/main.rs", "mod one;\n"),
            ("crates/b/tests/scenes/one.rs", ""),
        ]);
        assert_eq!(
            report,
            [
                "crates/a/tests/it/two.rs: is not named in crates/a/tests/it/main.rs: nobody runs it",
                "crates/a/tests/it/world/mod.rs: is not named in crates/a/tests/it/main.rs: nobody runs it",
                "crates/a/tests/it/world/there.rs: is not named in crates/a/tests/it/world/mod.rs: nobody runs it",
                "crates/a/tests/other.rs: stands directly in tests/ and is a program of its own",
                "crates/a/tests/second/main.rs: makes a second program beside tests/it/",
            ]
        );
    }

    #[test]
    fn a_folder_with_its_file_beside_it_and_attributes_over_lines_pass() {
        let none: [String; 0] = [];
        let main = "//! It.\n#![expect(\n    clippy::unwrap_used,\n    reason = \"x\"\n)]\n\nmod world;\n";
        let world = "pub(crate) mod clock;\n";
        let files = [("crates/a/tests/it/main.rs", main), ("crates/a/tests/it/world.rs", world)];
        assert_eq!(found(&[files[0], files[1], ("crates/a/tests/it/world/clock.rs", "")]), none);
    }
}
