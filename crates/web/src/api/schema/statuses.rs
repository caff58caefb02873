//! Status words.

use super::{Moment, Status};
use utoipa::ToSchema;

/// The status words of an integration.
#[derive(ToSchema)]
pub(crate) struct StatusCoverage {
    /// Visits that start from here on were looked at.
    since: Moment,
    /// So many of them.
    visits: u64,
    /// There are more visits than were looked at.
    cut_short: bool,
    /// No word of those visits is without a meaning.
    automation: bool,
    /// Every word that was seen, those without a meaning first, then every other word that has one.
    words: Vec<StatusWordSeen>,
}

/// One status word in one department.
#[derive(ToSchema)]
pub(crate) struct StatusWordSeen {
    word: String,
    department: Option<String>,
    /// Its meaning under today's rules.
    means: Option<Status>,
    /// Whose rule: `department`, `practice`, `profile`, `standard`.
    by: Option<String>,
    /// Visits that ever carried it.
    visits: u64,
    last_seen: Option<Moment>,
    /// A test visit carried it.
    tested: bool,
}
