//! What follows from a read that failed.

use crate::Result;
use crate::poll::Failure;
use crate::poll::claim::timetable;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::polling::{ReadKind, Trouble};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use store::PollRow;

/// The reason under which a failure is told, and what was said.
pub(crate) fn told(failure: &Failure) -> (Reason, Text) {
    match failure {
        Failure::Unauthorized => (Reason::CredentialRejected, Text::literal("401, also with a new token")),
        Failure::Rejected { what } => (Reason::CredentialRejected, what.clone()),
        Failure::Revoked { what } => (Reason::GrantRevoked, what.clone()),
        Failure::Throttled { retry_after: Some(secs) } => {
            (Reason::RateLimited, Text::from(format!("asked to wait {secs} s")))
        }
        Failure::Throttled { retry_after: None } => (Reason::RateLimited, Text::literal("asked to wait")),
        Failure::CursorLost => (Reason::CursorExpired, Text::literal("the cursor is not known any more")),
        Failure::Unreachable { what } => (Reason::UpstreamOutage, what.clone()),
        Failure::Refused { what } => (Reason::ScopeInsufficient, what.clone()),
        Failure::Malformed { what } => (Reason::MessageUnparseable, what.clone()),
        Failure::NoPlace { what } => (Reason::DatabaseTargetMoved, what.clone()),
        Failure::NotReady { what } => (Reason::CredentialMissing, what.clone()),
    }
}

/// Moves the state on after a failure. `asked_at`: when the question was asked.
pub(crate) fn failed(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    row: &mut PollRow,
    kind: ReadKind,
    failure: &Failure,
    asked_at: Moment,
) -> Result<()> {
    let now = batch.now;
    let rules = &integration.rules.source.polling;
    let table = timetable(integration, row.state.feed(ReadKind::Changes).due.is_some());
    let (reason, what) = told(failure);
    let feed = row.state.feed_mut(kind);
    feed.failures = feed.failures.saturating_add(1);
    feed.ended = Some(now);
    feed.started = Some(asked_at);
    let since = feed.trouble.as_ref().filter(|trouble| trouble.reason() == Some(reason)).map_or(now, |t| t.since);
    feed.trouble = Some(Trouble::new(reason, since, what));
    let backoff = table.backoff(kind, feed.failures, now);
    let wait = match failure {
        Failure::Throttled { retry_after } => retry_after.map_or(backoff, |secs| i64::from(secs).max(1)),
        Failure::Rejected { .. } | Failure::Revoked { .. } => i64::from(rules.max_backoff_seconds).max(backoff),
        _ => backoff,
    };
    feed.due = Some(now.plus_secs(wait));
    match failure {
        // What concerns the connection concerns every question.
        Failure::Unauthorized
        | Failure::Rejected { .. }
        | Failure::Revoked { .. }
        | Failure::Throttled { .. }
        | Failure::Unreachable { .. }
        | Failure::NoPlace { .. }
        | Failure::NotReady { .. } => row.state.not_before = Some(now.plus_secs(wait)),
        Failure::CursorLost if kind == ReadKind::Changes => {
            // From now on for the changes, and everything before by the windows: the changes first, so that nothing
            // falls in between.
            feed.cursor = None;
            feed.unbroken_since = None;
            if feed.failures == 1 {
                feed.due = Some(now);
            }
            row.state.lost_at = Some(now);
            row.state.read_windows(now);
        }
        Failure::CursorLost => {
            // A page of a window that cannot be gone on from: the window is begun anew.
            (feed.cursor, feed.sweep) = (None, None);
        }
        Failure::Refused { .. } | Failure::Malformed { .. } => {}
    }
    Ok(())
}
