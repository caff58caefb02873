//! The house rules: one check a file, each with the reason for the rule and what to do when it is broken.

mod checks;

use crate::repo::Repo;
use std::fmt;

/// One rule.
pub(crate) struct Check {
    /// Its short name.
    name: &'static str,
    /// Why the rule is there.
    why: &'static str,
    /// What to do when it is broken.
    fix: &'static str,
    /// Looks for what breaks it.
    look: fn(&Repo) -> Vec<Finding>,
}

/// A place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    /// From one; `None`: the file as a whole.
    line: Option<usize>,
    what: String,
}

impl Finding {
    /// At a line.
    fn at(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line: Some(line), what: what.into() }
    }

    /// About a file as a whole.
    fn about(path: &str, what: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line: None, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.what),
            None => write!(f, "{}: {}", self.path, self.what),
        }
    }
}

/// What all checks found.
pub(crate) struct Report {
    files: usize,
    checks: usize,
    broken: Vec<(&'static Check, Vec<Finding>)>,
}

/// Runs every check.
pub(crate) fn run(repo: &Repo) -> Report {
    let broken = checks::ALL.iter().map(|check| (*check, (check.look)(repo))).filter(|(_, found)| !found.is_empty());
    Report { files: repo.paths().count(), checks: checks::ALL.len(), broken: broken.collect() }
}

impl Report {
    /// Nothing was found.
    pub(crate) fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut findings = 0;
        for (check, found) in &self.broken {
            findings += found.len();
            writeln!(f, "[{}]", check.name)?;
            for finding in found {
                writeln!(f, "  {finding}")?;
            }
            writeln!(f, "  why: {}\n  do:  {}\n", check.why, check.fix)?;
        }
        match findings {
            0 => write!(f, "tidy: {} checks on {} files, all in order", self.checks, self.files),
            1 => write!(f, "tidy: 1 finding"),
            _ => write!(f, "tidy: {findings} findings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_why_and_what_to_do() {
        let repo = Repo::of(&[("crates/wire/src/a.rs", "//! Wire.\nfn a() {}\t\n")]);
        let report = run(&repo).to_string();
        let told = "[blanks]\n  crates/wire/src/a.rs:2: a tab\n  crates/wire/src/a.rs:2: blanks at the end of the line\n  why: ";
        assert!(report.contains(told), "{report}");
        assert!(report.contains("\n  do:  "), "{report}");
    }

    #[test]
    fn the_names_of_the_checks_differ() {
        let mut names: Vec<&str> = checks::ALL.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), checks::ALL.len());
    }
}
