//! The causes that are open at an integration: those that visits are stopped by, and what is wrong with its feed.

use crate::Result;
use crate::exceptions::keep::MOST;
use crate::setup::Integration;
use domain::checks::DataCheck;
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
    let failed = failed_checks(reader, integration)?.into_iter();
    seen.extend(failed.map(|cause| Seen { cause, whole_feed: false, standing: true }));
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
    if let Some(cause) = failed_checks(reader, integration)?.into_iter().find(|cause| *cause.id == *id) {
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
        let subject = provider.source_id.clone();
        let row = of_no_visit(integration, Reason::NoConnectedProviderAccount, subject, rules.changed_at);
        (row.id.clone(), row)
    };
    lacking.map(cause).collect()
}

/// Data-quality checks that fail: each is one thing to do, until a later run finds it within its limit (requirement
/// S3-22). Worked out of the newest run, not stored.
fn failed_checks(reader: &mut dyn Reader, integration: &Integration) -> Result<Vec<CauseRow>> {
    let cause = |(check, since): (DataCheck, Moment)| {
        of_no_visit(integration, Reason::DataCheckFailed, Text::literal(check.word()), since)
    };
    Ok(crate::checks::failing(reader, integration)?.into_iter().map(cause).collect())
}

/// An open cause that no visit is stopped by.
fn of_no_visit(integration: &Integration, reason: Reason, subject: Text, opened_at: Moment) -> CauseRow {
    CauseRow {
        id: cause_id(integration.key(), reason, &subject),
        integration: integration.key(),
        reason,
        subject,
        count: 0,
        coming: 0,
        opened_at,
        next_start: None,
        closed_at: None,
    }
}

/// How things stand with a cause, for its item.
pub(crate) fn situation(integration: &Integration, cause: &CauseRow) -> Situation {
    let path = integration.rules.path_for(cause.reason, &cause.subject).len();
    Situation { next_start: cause.next_start, path: u32::try_from(path).unwrap_or(u32::MAX) }
}

/// Cards that wait for too long, counted up to this.
const LATE_CARDS: usize = 10_000;
/// So many of them are looked at, spread evenly over all. In an outage all are looked for again and again, and what a
/// look costs must not grow with the outage.
const LATE_LOOKED: usize = 500;

/// What was found of those that were looked at, as a number of all: exact while all were looked at.
fn of_all(found: usize, looked: usize, all: usize) -> u64 {
    (found * all).checked_div(looked).unwrap_or(0) as u64
}

/// Visits that are abnormally late are one incident of the whole feed, however many they are (requirement X-7). Their
/// number is exact up to five hundred cards, and an estimate above.
fn late(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Option<CauseRow>> {
    let rules = &integration.rules;
    let (abnormal, slow) = (
        i64::from(rules.source.cadence.abnormal_after) * 60,
        i64::from(rules.platform.times.slow_lane_abnormal_hours) * 3600,
    );
    let cards = reader.outbox_older_than(integration.key(), now.plus_secs(-abnormal), LATE_CARDS)?;
    let step = cards.len().div_ceil(LATE_LOOKED).max(1);
    let looked = cards.len().div_ceil(step);
    let mut late: Vec<(Moment, Option<Moment>)> = Vec::new();
    for row in cards.iter().step_by(step) {
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
        count: of_all(late.len(), looked, cards.len()),
        coming: of_all(late.iter().filter(coming).count(), looked, cards.len()),
        opened_at: first.plus_secs(abnormal),
        next_start: late.iter().filter_map(|(_, start)| *start).filter(|start| *start >= now).min(),
        closed_at: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_late_visits_is_exact_for_few_and_in_proportion_for_many() {
        assert_eq!(of_all(90, 90, 90), 90);
        assert_eq!(of_all(0, 0, 0), 0);
        assert_eq!(of_all(250, 500, 10_000), 5_000);
        assert_eq!(of_all(477, 477, 9_999), 9_999);
        for cards in [1, 499, 500, 501, 9_999, LATE_CARDS] {
            let step = cards.div_ceil(LATE_LOOKED).max(1);
            let looked = (0..cards).step_by(step).count();
            assert_eq!(looked, cards.div_ceil(step), "{cards}");
            assert!(looked <= LATE_LOOKED && (looked == cards || looked > LATE_LOOKED / 2), "{cards}: {looked}");
        }
    }
}
