//! Kept messages judged again.

use super::{Moment, Verdict};
use utoipa::ToSchema;

/// What came of judging a page of kept messages again.
#[derive(ToSchema)]
pub(crate) struct Rejudged {
    integration: String,
    /// From when to when messages were to be judged again.
    since: Option<Moment>,
    until: Moment,
    /// Up to when this page judged them; what was decided until then is compared.
    judged_until: Moment,
    counts: RejudgeCounts,
    /// Why messages could not be read again, and how many of each.
    not_read: Vec<NotReadAgain>,
    /// Visits that would be judged otherwise, in order of their starts; at most 1000.
    differences: Vec<VerdictDifference>,
    /// There are more than are listed.
    more: bool,
    /// There are more messages; null when all have been judged.
    next_cursor: Option<String>,
}

/// How many of each.
#[derive(ToSchema)]
pub(crate) struct RejudgeCounts {
    /// Messages that were looked at.
    messages: u64,
    /// Of them, those that cannot be read again.
    not_read: u64,
    /// Of them, those that would be refused or set aside today.
    not_applied: u64,
    /// Of these, those that were taken in when they came.
    refused_now: u64,
    /// Visits that the messages speak of.
    visits: u64,
    same: u64,
    different: u64,
    /// Visits that the messages do not tell whole.
    not_compared: u64,
}

/// Messages that cannot be read again.
#[derive(ToSchema)]
pub(crate) struct NotReadAgain {
    /// In words that end a sentence.
    why: String,
    messages: u64,
}

/// A visit that would be judged otherwise.
#[derive(ToSchema)]
pub(crate) struct VerdictDifference {
    source_id: String,
    start: Option<Moment>,
    /// As it was decided; null when no visit came of these messages then.
    before: Option<JudgedSo>,
    after: JudgedSo,
    /// The first gate that says something else than it did.
    gate: Option<String>,
    /// What would follow if it were judged so for real.
    follows: Follows,
}

/// How a visit is judged, the platform's part in it left out.
#[derive(ToSchema)]
pub(crate) struct JudgedSo {
    verdict: Verdict,
    /// The primary reason.
    code: Option<String>,
}

/// What would follow: sent to the platform; told there as over; what it shows stays and nothing more is sent; held
/// until somebody acts; waits for its date; left out.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Follows {
    Sent,
    TakenBack,
    Stays,
    Held,
    Waits,
    LeftOut,
}
