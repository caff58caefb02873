//! The matrix says what the conformance suite says, and no profile claims what no case proves.

use crate::matrix::{PAGE, page, unmatched, unproven};
use crate::repo::Repo;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "matrix",
    why: "docs/systems/matrix.md and the [can] tables of profiles are what people decide by; what no test proves is a \
          hope.",
    fix: "Let the case pass, or take the claim back; write fixtures/conformance/systems/NAME.toml for a new profile; then \
          run `cargo xtask matrix` and commit what it wrote.",
    look,
};

fn look(repo: &Repo) -> Vec<Finding> {
    let wrong = unproven(repo).into_iter().chain(unmatched(repo));
    let mut found: Vec<Finding> = wrong.map(|(path, what)| Finding::about(&path, what)).collect();
    if repo.paths().any(|path| path.starts_with("fixtures/conformance/")) && repo.text(PAGE) != Some(&page(repo)) {
        found.push(Finding::about(PAGE, "is missing or out of date"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_nothing_proves_is_found() {
        let alone = ("profiles/sources/new.toml", "id = \"new\"\n");
        assert_eq!(look(&Repo::of(&[alone])).len(), 1);
    }

    #[test]
    fn a_matrix_that_is_out_of_date_is_found() {
        let case = ("fixtures/conformance/cases/11-booked.toml", "title = \"Booked\"\nscene = \"everyday\"\n");
        assert_eq!(look(&Repo::of(&[case])).len(), 1);
        let text = page(&Repo::of(&[case]));
        assert_eq!(look(&Repo::of(&[case, (PAGE, &text)])), []);
        assert_eq!(look(&Repo::of(&[("README.md", "")])), []);
    }
}
