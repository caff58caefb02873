//! The audit log.

use super::Moment;
use utoipa::ToSchema;

/// Something somebody did.
#[derive(ToSchema)]
pub(crate) struct AuditRow {
    id: String,
    at: Moment,
    /// The name of the token, or of the person at the command line.
    actor: String,
    role: String,
    action: String,
    subject: String,
    detail: String,
}

/// Rows of the audit log.
#[derive(ToSchema)]
pub(crate) struct AuditList {
    items: Vec<AuditRow>,
    next_cursor: Option<String>,
}

/// Whether the log is whole.
#[derive(ToSchema)]
pub(crate) struct ChainCheck {
    rows: u64,
    /// The first row that does not fit what is before it.
    broken_at: Option<String>,
}
