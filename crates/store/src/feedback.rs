//! What people said of explanations: whether they were right.

use crate::Result;
use domain::decide::Verdict;
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;

/// What somebody said of one explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedbackRow {
    /// Its id; ascending in time.
    pub id: EntryId,
    /// Whose.
    pub integration: IntegrationKey,
    /// Of which visit.
    pub source_id: Text,
    /// When it was said.
    pub at: Moment,
    /// The primary reason that was given.
    pub reason: Option<Reason>,
    /// It was right.
    pub right: bool,
    /// Who said so.
    pub author: Text,
    /// In which role.
    pub role: Text,
    /// What they said besides.
    pub note: Text,
    /// The verdict that was given.
    pub verdict: Verdict,
    /// The sentence that was given, identities masked.
    pub sentence: Text,
    /// The decision that was explained.
    pub decided: EntryId,
}

/// How often explanations with a reason were called right or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedbackCount {
    /// The primary reason.
    pub reason: Option<Reason>,
    /// Called right.
    pub right: u64,
    /// Called wrong.
    pub wrong: u64,
}

/// Reading what people said.
pub trait FeedbackReads {
    /// What was said at an integration, newest first, before an id.
    fn feedback(
        &mut self,
        integration: IntegrationKey,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<FeedbackRow>>;

    /// What was said of one visit, newest first. What was said before visits were searched by is found among the newest
    /// few hundred of those rows only.
    fn feedback_of(&mut self, visit: &AppointmentKey, limit: usize) -> Result<Vec<FeedbackRow>>;

    /// How often explanations were called right or wrong since an instant, by reason in order of its number.
    fn feedback_counts(&mut self, integration: IntegrationKey, since: Moment) -> Result<Vec<FeedbackCount>>;
}

/// Rows of before visits were searched by: so many of them are looked through at most.
pub(crate) const BEFORE: usize = 500;

/// Those of a visit among rows that may be of any, behind those that are surely its own.
pub(crate) fn with_those_of_before(
    mut own: Vec<FeedbackRow>,
    before: Vec<FeedbackRow>,
    visit: &AppointmentKey,
    limit: usize,
) -> Vec<FeedbackRow> {
    own.extend(before.into_iter().filter(|row| row.source_id == visit.source_id));
    own.sort_by_key(|row| std::cmp::Reverse(row.id));
    own.truncate(limit);
    own
}

/// Writing it.
pub trait FeedbackWrites {
    /// Stores what somebody said. It stays as it was said.
    fn put_feedback(&mut self, row: &FeedbackRow) -> Result<()>;
}
