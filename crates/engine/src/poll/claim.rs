//! Who reads what: rows for every integration that is read by asking, and leases on those that are due.

use crate::Result;
use crate::poll::LEASE_SECS;
use crate::scribe::Batch;
use crate::setup::Integration;
use crate::shares::Places;
use domain::ids::IntegrationKey;
use domain::polling::{PollState, ReadKind, Timetable};
use domain::setup::Lifecycle;
use domain::text::Text;
use domain::time::Moment;
use std::collections::HashMap;
use std::sync::Arc;
use store::PollRow;

/// An integration that is to be read by asking.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) key: IntegrationKey,
    /// The host of its source.
    pub(crate) host: Text,
    /// The version of its set-up.
    pub(crate) version: u64,
    /// What its source can be asked; empty: it cannot be read now.
    pub(crate) kinds: Vec<ReadKind>,
    /// Its set-up changed since the last time: what failed may work now.
    pub(crate) changed: bool,
    /// Its row was brought in line with exactly this before.
    pub(crate) same: bool,
}

/// What the row of an integration was brought in line with.
pub(crate) struct Seen {
    pub(crate) version: u64,
    pub(crate) kinds: Vec<ReadKind>,
}

impl Wanted {
    /// What is seen of it.
    pub(crate) fn as_seen(&self) -> Seen {
        Seen { version: self.version, kinds: self.kinds.clone() }
    }
}

/// Whether an integration's source may be asked where the integration stands: once access was granted, also in a pause,
/// so that nothing is missed.
pub(crate) fn may_be_read(integration: &Integration) -> bool {
    integration.rules.lifecycle != Lifecycle::Initiated
}

/// Brings the rows in line with the set-up: new integrations are begun, others forgotten, and those in trouble whose
/// set-up changed are tried at once. `left_behind`: leases of a former process of the same store are taken back.
pub(crate) fn keep_rows(batch: &mut Batch<'_>, wanted: &[Wanted], left_behind: bool) -> Result<()> {
    let now = batch.now;
    for key in batch.reader().polled()? {
        // In the order of their keys.
        if wanted.binary_search_by_key(&key, |wanted| wanted.key).is_err() {
            batch.writer().delete_poll(key)?;
        }
    }
    for wanted in wanted.iter().filter(|wanted| left_behind || !wanted.same) {
        let Some(mut row) = batch.reader().poll(wanted.key)? else {
            let mut state = PollState::begin(now, &wanted.kinds);
            // The first windows are all there is to compare; the first comparison comes at its hour.
            if let Some(census) = first_census(batch, wanted, now) {
                state.feed_mut(ReadKind::Census).due = Some(census);
            }
            let due_at = state.wakes_at().unwrap_or(PollRow::NEVER);
            let row = PollRow { integration: wanted.key, due_at, revision: 0, fence: 0, state };
            batch.writer().put_poll(&row)?;
            continue;
        };
        let before = row.clone();
        for kind in ReadKind::ALL {
            let may = wanted.kinds.contains(&kind);
            let feed = row.state.feed_mut(kind);
            match (may, feed.due) {
                (true, None) if kind == ReadKind::Census => feed.due = Some(now.plus_secs(86_400)),
                (true, None) => feed.due = Some(now),
                (false, Some(_)) => feed.due = None,
                _ => {}
            }
            if may && wanted.changed && feed.failures > 0 {
                feed.due = Some(now);
                row.state.not_before = None;
            }
        }
        if left_behind {
            row.state.leased_until = None;
        }
        let leased = row.state.leased_until.is_some_and(|until| until > now);
        if !leased {
            row.due_at = row.state.wakes_at().unwrap_or(PollRow::NEVER);
        }
        if row != before {
            batch.writer().put_poll(&row)?;
        }
    }
    Ok(())
}

fn first_census(batch: &Batch<'_>, wanted: &Wanted, now: Moment) -> Option<Moment> {
    let integration = batch.integration(wanted.key).ok()?;
    wanted.kinds.contains(&ReadKind::Census).then(|| timetable(&integration, true).next(ReadKind::Census, now))
}

/// The hosts of all sources that are read.
pub(crate) type Hosts = Arc<HashMap<IntegrationKey, Text>>;

/// Takes integrations that are due, for this process, each for the time of a lease, as far as there are places for
/// their hosts. And when the next one is due of those whose hosts have one.
pub(crate) fn claim(
    batch: &mut Batch<'_>,
    mut places: Places,
    hosts: &Hosts,
) -> Result<(Vec<PollRow>, Option<Moment>)> {
    let now = batch.now;
    let (mut claimed, mut full) = (Vec::new(), Vec::new());
    while places.room() > 0 {
        let due = batch.reader().polls_due(now, &full, places.room())?;
        if due.is_empty() {
            break;
        }
        for mut row in due {
            if full.contains(&row.integration) {
                continue;
            }
            let host = hosts.get(&row.integration).cloned().unwrap_or_default();
            if !places.take(&host) {
                // However many wait for this host, they stand in nobody's way.
                full.push(row.integration);
                full.extend(hosts.iter().filter(|(_, known)| **known == host).map(|(key, _)| *key));
                continue;
            }
            row.fence += 1;
            extend(&mut row, now);
            batch.writer().put_poll(&row)?;
            row.revision += 1;
            claimed.push(row);
        }
    }
    Ok((claimed, batch.reader().next_poll(&full)?))
}

/// Holds a row for another lease.
pub(crate) fn extend(row: &mut PollRow, now: Moment) {
    let until = now.plus_secs(LEASE_SECS);
    (row.due_at, row.state.leased_until) = (until, Some(until));
}

/// Lets go of a row.
pub(crate) fn release(row: &mut PollRow) {
    row.state.leased_until = None;
    row.due_at = row.state.wakes_at().unwrap_or(PollRow::NEVER);
}

/// The row, if this process still holds it under `fence`.
pub(crate) fn held(batch: &mut Batch<'_>, key: IntegrationKey, fence: u64) -> Result<Option<PollRow>> {
    Ok(batch.reader().poll(key)?.filter(|row| row.fence == fence && row.state.leased_until.is_some()))
}

/// The timetable of an integration.
pub(crate) fn timetable(integration: &Arc<Integration>, has_changes: bool) -> Timetable<'_> {
    Timetable::of(&integration.rules, integration.document.source.poll_seconds, has_changes)
}
