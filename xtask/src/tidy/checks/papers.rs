//! The papers that people look for at the root.

use crate::repo::Repo;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "papers",
    why: "Whoever comes first looks for these: what it is, how it is built, how to help, what changed, whom to tell of a \
          hole, what one may do with it.",
    fix: "Write the paper; a page of true sentences is enough.",
    look,
};

const PAPERS: [&str; 6] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"];

fn look(repo: &Repo) -> Vec<Finding> {
    let missing = PAPERS.iter().filter(|paper| repo.text(paper).is_none_or(|text| text.trim().is_empty()));
    missing.map(|paper| Finding::about(paper, "is missing or empty")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_paper_and_an_empty_one_are_found() {
        let written: Vec<(&str, &str)> = PAPERS.iter().map(|paper| (*paper, "text\n")).collect();
        assert_eq!(look(&Repo::of(&written)), []);
        let mut bad = written[1..].to_vec();
        bad[4] = ("LICENSE", " \n");
        let found: Vec<String> = look(&Repo::of(&bad)).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["README.md", "LICENSE"]);
    }
}
