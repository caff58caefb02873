//! The causes that are open at an integration: those that visits are stopped by, and what is wrong with its feed.

use crate::Result;
use crate::exceptions::keep::MOST;
use crate::setup::Integration;
use domain::exception::Situation;
use domain::reasons::Reason;
use domain::time::Moment;
use store::{CauseRow, Reader, cause_id};

/// A cause that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) cause: CauseRow,
    /// It is about the feed as a whole: worked out, not stored, and since when is not known to the second.
    pub(crate) whole_feed: bool,
}

/// Every cause that is open at an integration. A fault of the whole feed is one of them, however many visits it
/// concerns (requirement X-7).
pub(crate) fn causes_seen(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Vec<Seen>> {
    let stored = reader.open_causes(integration.key(), now, MOST)?;
    let mut seen: Vec<Seen> = stored.into_iter().map(|cause| Seen { cause, whole_feed: false }).collect();
    let of_feed = late(reader, integration, now)?.into_iter();
    let of_feed = of_feed.chain(crate::ops::feed_incidents(reader, integration, now)?);
    seen.extend(of_feed.map(|cause| Seen { cause, whole_feed: true }));
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
        return Ok(Some(Seen { cause, whole_feed: false }));
    }
    let of_feed = late(reader, integration, now)?.into_iter();
    let mut of_feed = of_feed.chain(crate::ops::feed_incidents(reader, integration, now)?);
    Ok(of_feed.find(|cause| *cause.id == *id).map(|cause| Seen { cause, whole_feed: true }))
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
