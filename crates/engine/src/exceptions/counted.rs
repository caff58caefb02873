//! Counting how the queue of a practice is used (requirement S3-27).

use crate::Result;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::exception::{Asked, Follows, Item, Lasted, MoveKind, QueueUse};
use domain::time::{Moment, day_number};
use std::collections::BTreeMap;
use store::ExceptionRow;

/// Today at the practice, as a number.
pub(crate) fn today(integration: &Integration, now: Moment) -> i32 {
    day_number(integration.rules.zone.date(now))
}

/// Adds to what is counted today.
pub(crate) fn count_use(batch: &mut Batch<'_>, integration: &Integration, used: &[QueueUse]) -> Result<()> {
    if used.is_empty() {
        return Ok(());
    }
    let mut counts: BTreeMap<QueueUse, u64> = BTreeMap::new();
    for what in used {
        *counts.entry(*what).or_default() += 1;
    }
    let (day, counts): (_, Vec<_>) = (today(integration, batch.now), counts.into_iter().collect());
    Ok(batch.writer().add_use(integration.key().practice, day, &counts)?)
}

/// What a person did with an item.
pub(crate) fn count_asked(batch: &mut Batch<'_>, integration: &Integration, asked: &Asked) -> Result<()> {
    let what = match asked {
        Asked::Acknowledge => QueueUse::Acknowledged,
        Asked::Snooze(_) => QueueUse::Snoozed,
        Asked::Resolve => QueueUse::Resolved,
        Asked::Escalate => QueueUse::SentOn,
    };
    count_use(batch, integration, &[what])
}

/// What became of an item by itself. `anew`: the item in the place of which it was opened.
pub(super) fn uses(
    row: &ExceptionRow,
    is_seen: bool,
    opened: bool,
    anew: Option<&Item>,
    follows: Option<Follows>,
    now: Moment,
) -> Vec<QueueUse> {
    let mut used = Vec::new();
    if let Some(item) = anew {
        used.extend(closed(item, now));
    }
    if opened {
        used.push(QueueUse::Opened);
    }
    if !is_seen {
        used.extend(closed(&row.item, now));
    }
    if matches!(follows, Some(Follows::Escalate(_))) {
        used.push(QueueUse::WentOn);
    }
    used
}

fn closed(item: &Item, now: Moment) -> [QueueUse; 2] {
    let worked = |kind: MoveKind| matches!(kind, MoveKind::Acknowledged | MoveKind::Snoozed | MoveKind::Resolved);
    let by_people = item.history.iter().any(|happened| worked(happened.what));
    let how = if by_people { QueueUse::ClosedAfterWork } else { QueueUse::ClosedAlone };
    [how, QueueUse::ClosedWithin(Lasted::of_secs(now.secs_since(item.opened_at)))]
}
