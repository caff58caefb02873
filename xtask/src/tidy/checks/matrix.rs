//! The matrix says what the conformance suite says, and no profile claims what no case proves.

use crate::matrix::{PAGE, page, unproven};
use crate::repo::Repo;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "matrix",
    why: "docs/systems/matrix.md and the [can] tables of profiles are what people decide by; what no test proves is a \
          hope.",
    fix: "Let the case pass, or take the claim back; then run `cargo xtask matrix` and commit what it wrote.",
    look,
};

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found: Vec<Finding> = unproven(repo).into_iter().map(|(path, what)| Finding::about(&path, what)).collect();
    if repo.paths().any(|path| path.starts_with("fixtures/conformance/")) && repo.text(PAGE) != Some(&page(repo)) {
        found.push(Finding::about(PAGE, "is missing or out of date"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_that_is_out_of_date_is_found() {
        let case = ("fixtures/conformance/cases/11-booked.toml", "title = \"Booked\"\nscene = \"everyday\"\n");
        assert_eq!(look(&Repo::of(&[case])).len(), 1);
        let text = page(&Repo::of(&[case]));
        assert_eq!(look(&Repo::of(&[case, (PAGE, &text)])), []);
        assert_eq!(look(&Repo::of(&[("README.md", "")])), []);
    }
}
