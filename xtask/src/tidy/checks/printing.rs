//! Libraries print nothing.

use crate::repo::Repo;
use crate::rust;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "printing",
    why: "Standard output belongs to the command line, which promises its form; what a library prints lands in the \
          middle of it, or of a log, with patient data in it.",
    fix: "Return it, or tell it with `tracing` and without patient data.",
    look,
};

const MACROS: [&str; 4] = ["println!", "print!", "eprintln!", "eprint!"];

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    let libraries = repo.texts().filter(|file| {
        let library = file.path.starts_with("crates/") && !file.path.starts_with("crates/cli/");
        library && file.extension() == "rs" && !file.is_test()
    });
    for file in libraries {
        for (number, line) in (1..).zip(rust::lines(file.text)).filter(|(_, line)| !line.test) {
            let mut words = line.code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '!');
            if let Some(word) = words.find(|word| MACROS.contains(word)) {
                found.push(Finding::at(file.path, number, word));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_is_found_in_libraries_and_nowhere_else() {
        let code = "fn a() {\n    println!(\"x\");\n    say(\"println!\"); // eprintln!\n}\n\
                    #[cfg(test)]\nmod tests {\n    fn b() { eprintln!(); }\n}\n";
        let repo = Repo::of(&[("crates/web/src/a.rs", code), ("crates/cli/src/a.rs", code), ("xtask/src/a.rs", code)]);
        assert_eq!(look(&repo), [Finding::at("crates/web/src/a.rs", 2, "println!")]);
    }
}
