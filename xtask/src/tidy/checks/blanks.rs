//! No tabs, no blanks at line ends, one line end at the end of the file.

use crate::repo::Repo;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "blanks",
    why: "Blanks nobody sees make differences in reviews that nobody meant.",
    fix: "Remove them; indent with spaces. `cargo fmt` does it for Rust.",
    look,
};

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in repo.texts().filter(|file| !file.is_as_it_is() && file.extension() != "hl7") {
        for (number, line) in file.lines() {
            if line.contains('\t') {
                found.push(Finding::at(file.path, number, "a tab"));
            }
            if line.ends_with(char::is_whitespace) {
                found.push(Finding::at(file.path, number, "blanks at the end of the line"));
            }
        }
        let last = file.lines().count();
        if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
            found.push(Finding::at(file.path, last, "the file must end with exactly one line end"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_that_nobody_sees_are_found() {
        let repo = Repo::of(&[("a.md", "good\nbad \n\tworse\n"), ("b.md", "no end"), ("c.md", "two\n\n")]);
        let lines: Vec<_> = look(&repo).iter().map(|finding| (finding.path.clone(), finding.line)).collect();
        let expected = [("a.md", 2), ("a.md", 3), ("b.md", 1), ("c.md", 2)];
        assert_eq!(lines, expected.map(|(path, line)| (path.to_owned(), Some(line))));
        assert_eq!(look(&Repo::of(&[("a.md", "good\n"), ("fixtures/x.hl7", "MSH|\t\r")])), []);
    }
}
