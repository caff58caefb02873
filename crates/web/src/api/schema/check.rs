//! Data-quality checks.

use super::{Moment, Owner};
use utoipa::ToSchema;

/// The data-quality checks of an integration.
#[derive(ToSchema)]
pub(crate) struct CheckList {
    /// Results from here on are told.
    since: Moment,
    /// Every check, whether it is switched on or not.
    items: Vec<DataCheck>,
}

/// One check.
#[derive(ToSchema)]
pub(crate) struct DataCheck {
    /// Its name.
    check: String,
    label: String,
    /// What it measures, in a sentence.
    measures: String,
    unit: CheckUnit,
    /// It fails above this: percent, a count or hours.
    most: u32,
    /// It is asked once in so many hours by the clock of the practice; while it fails, every hour.
    every_hours: u32,
    on: bool,
    /// The practice changed it.
    changed: bool,
    /// Nothing: it was not asked yet.
    state: Option<CheckState>,
    at: Option<Moment>,
    /// Since when it fails without a break.
    failing_since: Option<Moment>,
    /// What is compared with the limit.
    value: Option<u64>,
    /// Those that are not as they should be.
    found: Option<u64>,
    /// Of so many that were looked at.
    of: Option<u64>,
    /// There were more than were looked at.
    cut_short: bool,
    /// Who acts when it fails.
    owner: Owner,
    /// What they do next.
    next_step: String,
    /// The cause that is open while it fails.
    cause: Option<String>,
    /// Newest first.
    history: Vec<CheckPoint>,
}

/// In what a check is measured.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum CheckUnit {
    Percent,
    Count,
    Hours,
}

/// Whether a check passed; of too few a share says nothing.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum CheckState {
    Passed,
    Failed,
    TooFew,
}

/// One result of a check.
#[derive(ToSchema)]
pub(crate) struct CheckPoint {
    at: Moment,
    value: u64,
    found: u64,
    of: u64,
    /// The limit that held.
    most: u32,
    state: CheckState,
}
