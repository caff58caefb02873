//! The causes that are open at an integration: those that visits are stopped by, and what is wrong with its feed.

use crate::Result;
use crate::exceptions::keep::MOST;
use crate::setup::Integration;
use domain::exception::Situation;
use domain::reasons::Reason;
use domain::setup::{Lifecycle, ProviderEntry};
use domain::text::Text;
use domain::time::Moment;
use std::collections::{BTreeMap, HashSet};
use store::{CauseRow, Reader, cause_id};

/// A cause that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) cause: CauseRow,
    /// It is about the feed as a whole: worked out, not stored, and since when is not known to the second.
    pub(crate) whole_feed: bool,
    /// It is wrong in the set-up whether visits are stopped by it or not: it is open until it is put right there.
    pub(crate) standing: bool,
}

impl Seen {
    /// A cause that visits are stopped by.
    pub(crate) fn of_visits(cause: CauseRow) -> Seen {
        Seen { cause, whole_feed: false, standing: false }
    }

    fn of_feed(cause: CauseRow) -> Seen {
        Seen { cause, whole_feed: true, standing: false }
    }
}

/// Every cause that is open at an integration. A fault of the whole feed is one of them, however many visits it
/// concerns (requirement X-7).
pub(crate) fn causes_seen(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Vec<Seen>> {
    let stored = reader.open_causes(integration.key(), now, MOST)?;
    let mut seen: Vec<Seen> = stored.into_iter().map(Seen::of_visits).collect();
    let unmapped = unmapped(integration);
    for known in &mut seen {
        known.standing = unmapped.contains_key(&known.cause.id);
    }
    let known: HashSet<Text> = seen.iter().map(|seen| seen.cause.id.clone()).collect();
    let without_visits = unmapped.into_values().filter(|cause| !known.contains(&cause.id));
    seen.extend(without_visits.map(|cause| Seen { cause, whole_feed: false, standing: true }));
    let of_feed = late(reader, integration, now)?.into_iter();
    let of_feed = of_feed.chain(crate::ops::feed_incidents(reader, integration, now)?);
    seen.extend(of_feed.map(Seen::of_feed));
    Ok(seen)
}

/// One cause, when it is open.
pub(crate) fn cause_seen(
    reader: &mut dyn Reader,
    integration: &Integration,
    id: &str,
    now: Moment,
) -> Result<Option<Seen>> {
    let stored = reader.cause(id, now)?.filter(|cause| cause.integration == integration.key());
    if let Some(cause) = stored.filter(|cause| cause.closed_at.is_none()) {
        let standing = unmapped(integration).contains_key(&cause.id);
        return Ok(Some(Seen { cause, whole_feed: false, standing }));
    }
    if let Some(cause) = unmapped(integration).remove(id) {
        return Ok(Some(Seen { cause, whole_feed: false, standing: true }));
    }
    let of_feed = late(reader, integration, now)?.into_iter();
    let mut of_feed = of_feed.chain(crate::ops::feed_incidents(reader, integration, now)?);
    Ok(of_feed.find(|cause| *cause.id == *id).map(Seen::of_feed))
}

/// Providers of a live integration who have no account: each is something to do as soon as they are added, before the
/// first of their visits is stopped (requirement S0-12). By the id of the cause; worked out, not stored.
fn unmapped(integration: &Integration) -> BTreeMap<Text, CauseRow> {
    let rules = &integration.rules;
    if rules.lifecycle != Lifecycle::Live || !rules.supported || !rules.platform.provider.must_be_linked {
        return BTreeMap::new();
    }
    let lacking = rules.directory.providers().filter(|provider| provider.active && provider.platform_id.is_none());
    let cause = |provider: &ProviderEntry| {
        let (reason, subject) = (Reason::NoConnectedProviderAccount, provider.source_id.clone());
        let id = cause_id(integration.key(), reason, &subject);
        let row = CauseRow {
            id: id.clone(),
            integration: integration.key(),
            reason,
            subject,
            count: 0,
            coming: 0,
            opened_at: rules.changed_at,
            next_start: None,
            closed_at: None,
        };
        (id, row)
    };
    lacking.map(cause).collect()
}

/// How things stand with a cause, for its item.
pub(crate) fn situation(integration: &Integration, cause: &CauseRow) -> Situation {
    let path = integration.rules.path_for(cause.reason).len();
    Situation { next_start: cause.next_start, path: u32::try_from(path).unwrap_or(u32::MAX) }
}

/// Visits that are abnormally late are one incident of the whole feed, however many they are (requirement X-7).
fn late(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Option<CauseRow>> {
    let rules = &integration.rules;
    let (abnormal, slow) = (
        i64::from(rules.source.cadence.abnormal_after) * 60,
        i64::from(rules.platform.times.slow_lane_abnormal_hours) * 3600,
    );
    let mut late: Vec<(Moment, Option<Moment>)> = Vec::new();
    for row in reader.outbox_older_than(integration.key(), now.plus_secs(-abnormal), 10_000)? {
        // Visits of the slow lane may take longer (requirement S1-20).
        let start = reader.appointment(&row.key)?.and_then(|appointment| appointment.start);
        let lane = rules.marks(row.since).slow_lane_from;
        let slow_lane = start.zip(lane).is_some_and(|(start, from)| start >= from);
        late.extend((!slow_lane || now.secs_since(row.since) > slow).then_some((row.since, start)));
    }
    let Some(first) = late.iter().map(|(since, _)| *since).min() else { return Ok(None) };
    let coming = |(_, start): &&(Moment, Option<Moment>)| start.is_none_or(|start| start >= now);
    let reason = Reason::SyncAbnormalDelay;
    Ok(Some(CauseRow {
        id: cause_id(integration.key(), reason, &integration.rules.integration),
        integration: integration.key(),
        reason,
        subject: integration.rules.integration.clone(),
        count: late.len() as u64,
        coming: late.iter().filter(coming).count() as u64,
        opened_at: first.plus_secs(abnormal),
        next_start: late.iter().filter_map(|(_, start)| *start).filter(|start| *start >= now).min(),
        closed_at: None,
    }))
}
