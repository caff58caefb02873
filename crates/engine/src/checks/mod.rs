//! Data-quality checks on a schedule (requirement S3-22): what is due is measured by reading only, the results are kept
//! for a while, and a check that fails is an open cause until a later run finds it within its limit
//! ([ADR 0035](../../../../docs/adr/0035-data-checks-look-ahead-not-back.md)).
//!
//! What a run costs does not grow with history: it looks at visits of a few days, up to a number, and at what is open.

mod coming;
mod measure;
mod run;

pub(crate) use run::{ask_checks, failing, keep, ordered_run, results_of};
