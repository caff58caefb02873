//! Bringing items in line with the causes that are open, and acting on what follows from the time.

use crate::Result;
use crate::events::{hears_of, queue_exception};
use crate::exceptions::counted::{count_use, uses};
use crate::exceptions::seen::{Seen, causes_seen, situation};
use crate::notify::{queue_for_item, queue_for_owner};
use crate::ops::Actor;
use crate::scribe::{Batch, News};
use crate::setup::Integration;
use domain::exception::{Follows, Item, MoveKind, Told};
use domain::notice::NoticeKind;
use domain::text::Text;
use domain::time::Moment;
use std::collections::{BTreeMap, BTreeSet};
use store::{CauseRow, ExceptionRow, Reader, Stop};

/// Causes of one integration that are looked at, at most; what is more is looked at when some of these are gone.
pub(crate) const MOST: usize = 2000;

/// Causes are seen within so long after they are opened, unless nobody was there to look.
const SEEN_SECS: i64 = 300;

/// What is to be done about one item.
pub(super) struct Change {
    row: ExceptionRow,
    /// The cause, while it is open.
    seen: Option<Seen>,
    /// It is new, or anew.
    opened: bool,
    /// The item that was open until its cause was closed and opened again.
    anew: Option<Item>,
    /// What the platform heard of and is over: the item as it was, and its cause.
    over: Option<(Item, Seen)>,
    follows: Option<Follows>,
}

/// The item of a cause that nobody has seen before.
pub(crate) fn item_of(integration: &Integration, cause: &CauseRow, now: Moment) -> ExceptionRow {
    // Whoever could not know of it is not late: what was open for long before it was seen begins now.
    let opened = if now.secs_since(cause.opened_at) <= SEEN_SECS { cause.opened_at } else { now };
    let item = Item::open(&integration.rules.platform.exceptions, &situation(integration, cause), opened);
    ExceptionRow { integration: integration.key(), cause: cause.id.clone(), look_at: None, item }
}

/// When an item is to be looked at again.
fn looked_at(integration: &Integration, cause: &CauseRow, item: &Item) -> Option<Moment> {
    let rules = &integration.rules.platform.exceptions;
    Some(item.wakes_at(rules, &situation(integration, cause)).unwrap_or(ExceptionRow::NEVER))
}

/// What has to change so that items follow what is seen now. Reads only.
pub(super) fn changes(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Vec<Change>> {
    let rules = &integration.rules.platform.exceptions;
    let rows = reader.open_exceptions(integration.key(), 2 * MOST)?;
    let mut known: BTreeMap<Text, ExceptionRow> = rows.into_iter().map(|row| (row.cause.clone(), row)).collect();
    let mut seen = causes_seen(reader, integration, now)?;
    // More causes are open than are looked at: those that have items are not forgotten.
    let listed: BTreeSet<Text> = seen.iter().map(|seen| seen.cause.id.clone()).collect();
    for id in known.keys().filter(|id| !listed.contains(*id)) {
        let stored = reader.cause(id, now)?.filter(|cause| cause.closed_at.is_none());
        seen.extend(stored.map(Seen::of_visits));
    }
    let mut changes = Vec::new();
    for seen in seen {
        let cause = &seen.cause;
        let before = known.remove(&cause.id);
        // It was closed and opened again between two looks.
        let stored = !seen.whole_feed && !seen.standing;
        let anew = |row: &ExceptionRow| stored && cause.opened_at > row.item.opened_at;
        let was = before.as_ref().filter(|row| anew(row)).map(|row| row.item.clone());
        let over = was.clone().filter(|item| item.told.is_some()).map(|item| (item, seen.clone()));
        let Some(before) = before.filter(|row| !anew(row)) else {
            let row = item_of(integration, cause, now);
            let row = ExceptionRow { look_at: looked_at(integration, cause, &row.item), ..row };
            changes.push(Change { row, seen: Some(seen), opened: true, anew: was, over, follows: None });
            continue;
        };
        let mut row = before.clone();
        let follows = row.item.look(rules, &situation(integration, cause), now);
        row.look_at = looked_at(integration, cause, &row.item);
        if row != before || is_news(integration, &seen, &row.item) {
            changes.push(Change { row, seen: Some(seen), opened: false, anew: None, over: None, follows });
        }
    }
    for (_, mut row) in known {
        row.item.close(now);
        row.look_at = None;
        let over = match row.item.told.take() {
            Some(told) => Some((row.item.clone(), gone(reader, integration, &row, &told, now)?)),
            None => None,
        };
        changes.push(Change { row, seen: None, opened: false, anew: None, over, follows: None });
    }
    Ok(changes)
}

/// The platform does not know yet that an item is open, and would hear it.
fn is_news(integration: &Integration, seen: &Seen, item: &Item) -> bool {
    item.told.is_none() && hears_of(integration, seen.cause.reason)
}

/// A cause that is seen no more, as it was told.
fn gone(
    reader: &mut dyn Reader,
    integration: &Integration,
    row: &ExceptionRow,
    told: &Told,
    now: Moment,
) -> Result<Seen> {
    let stored = reader.cause(&row.cause, now)?;
    // What is worked out is not stored.
    let cause = stored.unwrap_or_else(|| CauseRow {
        id: row.cause.clone(),
        integration: integration.key(),
        reason: told.reason,
        subject: told.subject.clone(),
        count: 0,
        coming: 0,
        opened_at: row.item.opened_at,
        next_start: None,
        closed_at: row.item.closed_at,
    });
    Ok(Seen { cause, whole_feed: told.whole_feed, standing: false })
}

/// Makes it so. What follows is told and noted in the same batch.
pub(super) fn keep(batch: &mut Batch<'_>, integration: &Integration) -> Result<()> {
    let now = batch.now;
    let changes = changes(batch.reader(), integration, now)?;
    for Change { mut row, seen, opened, anew, over, follows } in changes {
        let used = uses(&row, seen.is_some(), opened, anew.as_ref(), follows, now);
        count_use(batch, integration, &used)?;
        if let Some((mut item, was)) = over {
            queue_exception(batch, integration, &was, &mut item, false)?;
        }
        if let Some(seen) = seen.as_ref().filter(|seen| is_news(integration, seen, &row.item)) {
            queue_exception(batch, integration, seen, &mut row.item, true)?;
        }
        if let Some(Seen { cause, whole_feed, .. }) = &seen {
            // Visits are told of one by one as they are stopped; of anything else nobody else tells.
            if opened && (*whole_feed || cause.count == 0) {
                let stop = Stop { reason: cause.reason, subject: cause.subject.clone() };
                queue_for_owner(batch, integration, &stop)?;
            }
            if let Some(follows) = follows {
                follow(batch, integration, cause, &mut row, follows, None, "")?;
            }
        }
        batch.writer().put_exception(&row)?;
        batch.effects.news.push(News::Elsewhere(integration.key()));
    }
    Ok(())
}

/// Stores an item that a person did something about.
pub(crate) fn put(
    batch: &mut Batch<'_>,
    integration: &Integration,
    cause: &CauseRow,
    mut row: ExceptionRow,
) -> Result<()> {
    row.look_at = looked_at(integration, cause, &row.item);
    batch.writer().put_exception(&row)?;
    batch.effects.causes.insert(integration.key());
    batch.effects.news.push(News::Elsewhere(integration.key()));
    Ok(())
}

/// Tells whoever has to be told, and notes it.
pub(crate) fn follow(
    batch: &mut Batch<'_>,
    integration: &Integration,
    cause: &CauseRow,
    row: &mut ExceptionRow,
    follows: Follows,
    by: Option<&Actor>,
    said: &str,
) -> Result<()> {
    // What is told of an item that was opened anew is not taken for what was told of it before.
    let opened = row.item.opened_at;
    match follows {
        Follows::Remind(number) => {
            let once = format!("{}/{opened}/remind/{number}", cause.id);
            queue_for_item(batch, integration, cause, NoticeKind::Reminder, row.item.step, once)
        }
        Follows::Escalate(step) => {
            let path = integration.rules.path_for(cause.reason, &cause.subject);
            let next = usize::try_from(step).ok().and_then(|step| path.get(step));
            let whom = next.map_or_else(String::new, |(role, person)| match person {
                Some(person) => format!("{} ({})", person.name, role.label()),
                None => role.label().to_owned(),
            });
            let note = if said.is_empty() { format!("to {whom}") } else { format!("to {whom}: {said}") };
            let now = batch.now;
            row.item.note(now, MoveKind::Escalated, by.map(|actor| &actor.name), Text::from(note.as_str()));
            let once = format!("{}/{opened}/step/{step}", cause.id);
            queue_for_item(batch, integration, cause, NoticeKind::Escalated, step, once)?;
            let clockwork = Actor::clockwork();
            let actor = by.unwrap_or(&clockwork);
            actor.audit(batch, integration.key().practice, "escalate", &cause.id, &note)
        }
    }
}
