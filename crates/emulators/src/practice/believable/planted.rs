//! What was planted, and what a judge should make of it.

use serde::Serialize;

/// A planted cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planted {
    /// A stable key: `missing_email`.
    pub key: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// The visits that show it: always the same ids.
    pub source_ids: Vec<String>,
    /// What should be said of them.
    pub expect: Expected,
    /// What ends it, and where.
    pub ends: &'static str,
}

/// What should be said of a planted cause, in the words of the published contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// The verdict.
    pub verdict: &'static str,
    /// The primary reason, where the verdict has one.
    pub primary: Option<&'static str>,
    /// Reasons that should be named besides.
    pub also: Vec<&'static str>,
}

impl Expected {
    pub(super) fn held(primary: &'static str) -> Expected {
        Expected { verdict: "held", primary: Some(primary), also: Vec::new() }
    }

    pub(super) fn excluded(primary: &'static str) -> Expected {
        Expected { verdict: "excluded", primary: Some(primary), also: Vec::new() }
    }

    pub(super) fn in_sync() -> Expected {
        Expected { verdict: "in_sync", primary: None, also: Vec::new() }
    }

    pub(super) fn also(mut self, code: &'static str) -> Expected {
        self.also.push(code);
        self
    }
}
