//! No file over 600 lines.

use crate::repo::Repo;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "length",
    why: "A file has one subject and is read in one go; under 400 lines is the aim, 600 the limit.",
    fix: "Find the second subject in it and give that a file of its own.",
    look,
};

const LIMIT: usize = 600;

fn look(repo: &Repo) -> Vec<Finding> {
    let kinds = ["rs", "sql", "toml", "sh", "py", "js", "css", "html", "md"];
    let files = repo.texts().filter(|file| file.is(&kinds) && !file.is_as_it_is() && file.path != "CHANGELOG.md");
    let counted = files.map(|file| (file.path, file.lines().count())).filter(|(_, lines)| *lines > LIMIT);
    counted.map(|(path, lines)| Finding::about(path, format!("{lines} lines; at most {LIMIT}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found_and_one_at_the_limit_is_not() {
        let (at, over) = ("//\n".repeat(600), "//\n".repeat(601));
        let repo = Repo::of(&[("a.rs", &at), ("b.rs", &over), ("CHANGELOG.md", &over)]);
        assert_eq!(look(&repo), [Finding::about("b.rs", "601 lines; at most 600")]);
    }
}
