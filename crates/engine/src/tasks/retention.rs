//! Retention: messages older than the installation keeps them are removed, a small portion at a time. Decisions, the
//! ledger and the audit log stay.

use crate::ops::Actor;
use crate::scribe::Batch;
use crate::tasks::{Stop, rest_after};
use crate::{Engine, Result};
use domain::setup::Retention;
use domain::time::Moment;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// So many messages are removed in one batch: whatever arrives meanwhile waits no longer than that.
const PORTION: usize = 500;
/// Between two portions others have their turn.
const BREATH: Duration = Duration::from_millis(50);
/// How often is looked for messages that have become too old.
const EVERY: Duration = Duration::from_secs(3600);

/// Removes messages as they become older than `retention` says, until told to stop.
pub async fn keep_retention(engine: Engine, retention: Retention, mut stop: Stop) {
    loop {
        let now = engine.clock().now();
        let portion = match retention.before(now) {
            Some(before) => rest_after("retention", engine.forget_messages(before).await).await.unwrap_or(0),
            None => return,
        };
        let wait = if portion == PORTION { BREATH } else { EVERY };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.requested() => return,
        }
    }
}

impl Engine {
    /// Removes one portion of the messages that came before `before`, the oldest first; returns how many. What was
    /// removed of each practice stands in its audit log.
    pub async fn forget_messages(&self, before: Moment) -> Result<usize> {
        let forgotten = self.scribe.run(move |batch| forget_portion(batch, before)).await?;
        self.forgotten.fetch_add(forgotten as u64, Ordering::Relaxed);
        Ok(forgotten)
    }
}

fn forget_portion(batch: &mut Batch<'_>, before: Moment) -> Result<usize> {
    // Looking costs nothing; a batch that has nothing to remove writes nothing.
    if batch.reader().oldest_envelope()?.is_none_or(|(_, at)| at >= before) {
        return Ok(0);
    }
    let counts = batch.writer().forget_envelopes(before, PORTION)?;
    for (practice, count) in &counts {
        let detail = format!("{count} messages that came before {before}");
        Actor::retention().audit(batch, *practice, "forget", "messages", &detail)?;
    }
    Ok(counts.iter().map(|(_, count)| count).sum())
}
