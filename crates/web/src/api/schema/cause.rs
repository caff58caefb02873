//! Causes.

use super::{Heals, Moment, Owner, Verdict};
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
    /// Visits among them that have not begun: those that can still be saved.
    coming: u64,
    /// It keeps visits from patients; otherwise it leaves something to do and stops nothing.
    blocking: bool,
    /// It is about the feed as a whole: one incident, however many visits it concerns.
    whole_feed: bool,
    /// By when somebody has to have acted.
    due_at: Moment,
    overdue: bool,
    handling: CauseHandling,
    /// Who said so.
    handled_by: Option<String>,
    handled_at: Option<Moment>,
    /// Until when it is put off, or by when what was called resolved has to be seen.
    until: Option<Moment>,
    /// How far it has gone on its path; 0: it is with its owner.
    step: u32,
    /// Whom it goes to, one after another, the owner first.
    path: Vec<Owner>,
}

/// What people said of a cause.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum CauseHandling {
    New,
    Acknowledged,
    Snoozed,
    WaitingToBeSeen,
}

/// A cause with what happened to it.
#[derive(ToSchema)]
pub(crate) struct CauseStory {
    #[schema(inline)]
    #[serde(flatten)]
    cause: Cause,
    /// Oldest first.
    history: Vec<CauseMove>,
}

/// Something that happened to a cause.
#[derive(ToSchema)]
pub(crate) struct CauseMove {
    at: Moment,
    what: CauseMoveKind,
    /// Who; nobody when it followed from time or from what was seen.
    by: Option<String>,
    note: String,
}

/// What happened to a cause.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum CauseMoveKind {
    Opened,
    Acknowledged,
    Snoozed,
    SnoozeEnded,
    Resolved,
    NotSeen,
    Reminded,
    Escalated,
    Closed,
}

/// What a person says of a cause.
#[derive(ToSchema)]
pub(crate) struct HandlingAsked {
    handling: HandlingWord,
    /// For `snooze`: until when.
    until: Option<Moment>,
    /// Why; it goes into the history and the audit log. No patient names.
    note: Option<String>,
}

/// They are at it; it can wait; it is resolved, which has to be seen; it goes to the next person.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum HandlingWord {
    Acknowledge,
    Snooze,
    Resolve,
    Escalate,
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

/// What fixing a cause once would do.
#[derive(ToSchema)]
pub(crate) struct CausePreview {
    cause: String,
    code: String,
    subject: String,
    /// It is about the feed as a whole: each visit is decided on by what is read then.
    whole_feed: bool,
    /// Who would tell patients.
    told_by: TellsPatients,
    counts: PreviewCounts,
    visits: Vec<PreviewVisit>,
    /// There are more visits than were looked at.
    more: bool,
}

/// Who tells patients.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum TellsPatients {
    Punctual,
    Platform,
    Off,
}

/// How many visits of each.
#[derive(ToSchema)]
pub(crate) struct PreviewCounts {
    visits: u64,
    would_change: u64,
    /// Something else stops them still.
    still_stopped: u64,
    /// They have begun already.
    past: u64,
    /// Notices to patients that would go out.
    notices: u64,
}

/// What would become of one visit.
#[derive(ToSchema)]
pub(crate) struct PreviewVisit {
    source_id: String,
    start: Option<Moment>,
    past: bool,
    from: Verdict,
    to: Verdict,
    /// What would stop it still.
    still: Vec<String>,
    /// `booked`, `moved`, `cancelled`.
    notices: Vec<String>,
}

/// How queues were used.
#[derive(ToSchema)]
pub(crate) struct QueueUses {
    /// So many days, today among them.
    days: i32,
    items: Vec<UseOfPractice>,
}

/// How the queue of one practice was used.
#[derive(ToSchema)]
pub(crate) struct UseOfPractice {
    practice: String,
    opened: u64,
    /// Because what they were about was seen no more. There is no other way.
    closed: u64,
    /// Of them, those of which somebody had said something before.
    closed_after_work: u64,
    /// Half of them had been open at most so long; nothing: longer than a week, or none was closed.
    half_closed_within_minutes: Option<u32>,
    /// The same in words.
    half_closed: Option<String>,
    acknowledged: u64,
    snoozed: u64,
    resolved: u64,
    sent_on: u64,
    /// By themselves, because their time was over.
    went_on: u64,
    /// By people of the practice; looks within a quarter of an hour are one.
    looked: u64,
    /// Taken away as a file.
    exported: u64,
}
