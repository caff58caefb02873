//! Causes.

use super::{Heals, Moment, Owner};
use utoipa::ToSchema;

/// All visits of an integration stopped by the same reason and subject: what a person fixes once.
#[derive(ToSchema)]
pub(crate) struct Cause {
    id: String,
    integration: String,
    code: String,
    label: String,
    subject: String,
    /// Visits it stops now.
    count: u64,
    first_seen: Moment,
    /// The earliest start among them that is still to come.
    next_start: Option<Moment>,
    owner: Owner,
    fix: String,
    heals: Heals,
    state: CauseState,
}

/// Whether a cause stops anything.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum CauseState {
    Open,
    Closed,
}

/// Causes.
#[derive(ToSchema)]
pub(crate) struct CauseList {
    items: Vec<Cause>,
    next_cursor: Option<String>,
}

/// What a person decides about a cause.
#[derive(ToSchema)]
pub(crate) struct DecisionAsked {
    decision: Decision,
    /// Why; it goes into the audit log.
    note: Option<String>,
}

/// The visits go ahead, or are left out.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Decision {
    Apply,
    Discard,
}
