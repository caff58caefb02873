//! What people say of explanations, and what they hand on.

use super::{CauseStory, Explanation, Integration, Moment, Verdict};
use utoipa::ToSchema;

/// What a person says of an explanation.
#[derive(ToSchema)]
pub(crate) struct FeedbackAsked {
    right: bool,
    /// What is wrong, or what was right. No patient names.
    note: Option<String>,
}

/// What somebody said of an explanation.
#[derive(ToSchema)]
pub(crate) struct Feedback {
    id: String,
    integration: String,
    source_id: String,
    at: Moment,
    right: bool,
    author: String,
    role: String,
    note: String,
    /// What was explained.
    verdict: Verdict,
    code: Option<String>,
    /// With identities masked.
    sentence: String,
}

/// How often explanations with a code were called right or wrong in the last ninety days.
#[derive(ToSchema)]
pub(crate) struct FeedbackRate {
    /// Nothing: visits that are in sync.
    code: Option<String>,
    right: u64,
    wrong: u64,
}

/// What people said.
#[derive(ToSchema)]
pub(crate) struct FeedbackList {
    items: Vec<Feedback>,
    next_cursor: Option<String>,
    /// The most wrong first.
    rates: Vec<FeedbackRate>,
}

/// One visit, to be handed on.
#[derive(ToSchema)]
pub(crate) struct CaseBundle {
    /// `punctual-case@1`.
    format: String,
    made_at: Moment,
    made_by: String,
    role: String,
    note: String,
    /// What is left out, in a sentence.
    redacted: String,
    integration: Integration,
    explanation: Explanation,
    causes: Vec<CauseStory>,
    feedback: Vec<Feedback>,
}
