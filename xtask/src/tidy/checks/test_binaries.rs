//! Tests from outside: one binary a crate, and every file of it takes part.

use crate::repo::Repo;
use crate::rust;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "test-binaries",
    why: "Each file directly under tests/ is a program of its own, to be linked for minutes; a file that main.rs does not \
          name is compiled by nobody and passes for ever.",
    fix: "Put tests into crates/NAME/tests/it/ as modules, name each in tests/it/main.rs, keep code out of main.rs.",
    look,
};

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in repo.paths().filter(|path| path.ends_with(".rs")) {
        let Some((folder, rest)) = path.split_once("/tests/").filter(|(folder, _)| !folder.contains("/src")) else {
            continue;
        };
        let Some(inside) = rest.strip_prefix("it/") else {
            found.push(Finding::about(path, "stands outside of tests/it/"));
            continue;
        };
        let main = format!("{folder}/tests/it/main.rs");
        match inside.rsplit_once('/') {
            None if inside == "main.rs" => found.extend(code_in_main(repo, path)),
            None => found.extend(unnamed(repo, path, &main, inside.trim_end_matches(".rs"))),
            Some((parent, "mod.rs")) => {
                let (above, name) = parent.rsplit_once('/').unwrap_or(("", parent));
                found.extend(unnamed(repo, path, &owner(folder, above), name));
            }
            Some((parent, file)) => {
                found.extend(unnamed(repo, path, &owner(folder, parent), file.trim_end_matches(".rs")));
            }
        }
    }
    found
}

/// The file that has to name the modules of a folder inside `tests/it`.
fn owner(folder: &str, inside: &str) -> String {
    match inside {
        "" => format!("{folder}/tests/it/main.rs"),
        _ => format!("{folder}/tests/it/{inside}/mod.rs"),
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

/// A binary with a harness of its own needs a `main`; all that may do is hand over to a module.
fn code_in_main(repo: &Repo, path: &str) -> Vec<Finding> {
    let text = repo.text(path).unwrap_or_default();
    let lines = rust::lines(text);
    let codes: Vec<&str> = lines.iter().map(|line| line.code.trim()).collect();
    let hands_over = |at: usize| match codes[at..] {
        [head, call, "}", ..] => head.starts_with("fn main(") && call.contains("::") && call.ends_with("()"),
        _ => false,
    };
    let mut attribute = 0_usize;
    let mut found = Vec::new();
    let mut handing_over = 0;
    for (at, &code) in codes.iter().enumerate() {
        let number = at + 1;
        if hands_over(at) {
            handing_over = 3;
        }
        if handing_over > 0 {
            handing_over -= 1;
            continue;
        }
        let begins = attribute == 0 && code.starts_with('#');
        if begins || attribute > 0 {
            attribute = (attribute + code.matches('[').count()).saturating_sub(code.matches(']').count());
            continue;
        }
        if !code.is_empty() && !code.starts_with("mod ") {
            found.push(Finding::at(path, number, "code in main.rs"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        look(&Repo::of(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_second_binary_an_unnamed_file_and_code_in_main_are_found() {
        let report = found(&[
            ("crates/a/tests/it/main.rs", "//! It.\n\nmod one;\nfn helper() {}\n"),
            ("crates/a/tests/it/one.rs", ""),
            ("crates/a/tests/it/two.rs", ""),
            ("crates/a/tests/it/world/mod.rs", "mod here;\n"),
            ("crates/a/tests/it/world/there.rs", ""),
            ("crates/a/tests/other.rs", ""),
        ]);
        assert_eq!(
            report,
            [
                "crates/a/tests/it/main.rs:4: code in main.rs",
                "crates/a/tests/it/two.rs: is not named in crates/a/tests/it/main.rs: nobody runs it",
                "crates/a/tests/it/world/mod.rs: is not named in crates/a/tests/it/main.rs: nobody runs it",
                "crates/a/tests/it/world/there.rs: is not named in crates/a/tests/it/world/mod.rs: nobody runs it",
                "crates/a/tests/other.rs: stands outside of tests/it/",
            ]
        );
    }

    #[test]
    fn a_main_that_hands_over_passes_and_one_that_works_does_not() {
        let of = |body: &str| format!("mod all;\n\nfn main() -> ExitCode {{\n{body}}}\n");
        let report = |body: &str| found(&[("crates/a/tests/it/main.rs", &of(body)), ("crates/a/tests/it/all.rs", "")]);
        assert_eq!(report("    all::run()\n").len(), 0);
        assert_eq!(report("    let n = all::count();\n    exit(n)\n").len(), 4);
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
