//! Data-quality checks: what each run of them found, kept for a while. One row an hour at the most, and one a minute of
//! what people asked for, with the newest result of every check in it: the newest row says how things stand, the rows
//! before it how they came to.

use crate::Result;
use domain::checks::CheckResult;
use domain::ids::IntegrationKey;
use domain::time::Moment;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRunRow {
    /// Whose.
    pub integration: IntegrationKey,
    /// The full hour that it belongs to, or the full minute when a person asked for it: there is one run of it, however
    /// many processes look.
    pub slot: Moment,
    /// The newest result of every check that was ever asked, those of earlier runs among them.
    pub results: Vec<CheckResult>,
}

/// Reading runs.
pub trait CheckReads {
    /// The newest run.
    fn last_check_run(&mut self, integration: IntegrationKey) -> Result<Option<CheckRunRow>>;

    /// Runs from an instant on, newest first.
    fn check_runs(&mut self, integration: IntegrationKey, since: Moment, limit: usize) -> Result<Vec<CheckRunRow>>;
}

/// Writing runs.
pub trait CheckWrites {
    /// Stores a run. Where there is one of its hour or minute already, that one stays.
    fn put_check_run(&mut self, row: &CheckRunRow) -> Result<()>;

    /// Removes an integration's runs of before an instant.
    fn forget_check_runs(&mut self, integration: IntegrationKey, before: Moment) -> Result<()>;
}
