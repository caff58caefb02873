//! The task that tells events: each integration's one behind the other, each until it is taken or given up.

use crate::deliver::{Answer, endpoint_is_gone, next_attempt};
use crate::events::announcement;
use crate::ops::Actor;
use crate::ports::Announcement;
use crate::scribe::Batch;
use crate::tasks::{Stop, rest_after};
use crate::{Engine, Result};
use domain::setup::Lifecycle;
use domain::time::Moment;
use std::time::Duration;
use store::EventRow;
use tokio::task::JoinSet;

/// Events in hand at a time, of as many integrations.
const AT_A_TIME: usize = 16;
/// Whoever tells an event has so long beyond the time limit of an attempt to say what came of it; then somebody else
/// tells it again.
const LEASE_SECS: i64 = 15;
/// Where nothing may be told now, it is looked again after so long.
const PAUSE_SECS: i64 = 60;
/// The clock may be set, and other processes may have events: look at least this often.
const SWEEP: Duration = Duration::from_secs(5);

/// Runs until told to stop; what is being told then is finished first.
pub(crate) async fn tell_platforms(engine: Engine, mut stop: Stop) {
    loop {
        let round = rest_after("events", one_round(&engine).await).await;
        let wait = match round {
            Some((told, _)) if told > 0 => Duration::ZERO,
            Some((_, Some(next))) => {
                let millis = (next.micros() - engine.clock.now().micros()) / 1000;
                Duration::from_millis(millis.clamp(5, 5000).unsigned_abs())
            }
            _ => SWEEP,
        };
        tokio::select! {
            () = engine.courier.events.notified() => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.requested() => return,
        }
    }
}

/// Tells what is due; how many that was, and when the next one is.
async fn one_round(engine: &Engine) -> Result<(usize, Option<Moment>)> {
    let now = engine.clock.now();
    // Looking costs nothing; a batch is only opened when something is due.
    let next = engine.read(|reader| Ok(reader.next_event()?)).await?;
    if next.is_none_or(|next| next > now) {
        return Ok((0, next));
    }
    let in_hand = engine.scribe.run(claim).await?;
    let told = in_hand.len();
    let mut telling = JoinSet::new();
    for (row, announcement) in in_hand {
        let (carrier, chance) = (engine.carrier.clone(), engine.chance.fraction());
        telling.spawn(async move {
            let answer = carrier.announce(&announcement).await;
            (row, announcement, answer, chance)
        });
    }
    while let Some(done) = telling.join_next().await {
        let Ok((row, announcement, answer, chance)) = done else {
            tracing::error!("telling an event panicked; its lease runs out");
            continue;
        };
        engine.scribe.run(move |batch| record(batch, &row, &announcement, &answer, chance)).await?;
    }
    let next = engine.read(|reader| Ok(reader.next_event()?)).await?;
    Ok((told, next))
}

/// Takes what is due into hand.
fn claim(batch: &mut Batch<'_>) -> Result<Vec<(EventRow, Announcement)>> {
    let now = batch.now;
    let mut in_hand = Vec::new();
    for row in batch.reader().events_due(now, AT_A_TIME)? {
        let known = batch.book().get(row.integration).cloned();
        let Some((integration, announcement)) =
            known.and_then(|known| announcement(&known, &row).map(|announcement| (known, announcement)))
        else {
            batch.writer().delete_event(row.integration, row.id)?;
            continue;
        };
        let rules = &integration.rules;
        if rules.lifecycle != Lifecycle::Live || rules.gone_since.is_some() {
            let later = EventRow { due_at: now.plus_secs(PAUSE_SECS), ..row };
            batch.writer().put_event(&later)?;
            continue;
        }
        let until = now.plus_secs(i64::from(announcement.endpoint.rules.timeout_secs) + LEASE_SECS);
        let taken = EventRow { due_at: until, attempts: row.attempts + 1, ..row };
        batch.writer().put_event(&taken)?;
        in_hand.push((taken, announcement));
    }
    Ok(in_hand)
}

/// Records what the platform said.
fn record(
    batch: &mut Batch<'_>,
    row: &EventRow,
    announcement: &Announcement,
    answer: &Answer,
    chance: f64,
) -> Result<()> {
    let now = batch.now;
    if let Answer::Accepted { .. } = answer {
        return Ok(batch.writer().delete_event(row.integration, row.id)?);
    }
    // Whoever came after its lease has no say in what follows, unless it was taken.
    let stored = batch.reader().event(row.integration, row.id)?;
    let Some(known) = batch.book().get(row.integration).cloned().filter(|_| stored.as_ref() == Some(row)) else {
        return Ok(());
    };
    let asked_to_wait = match answer {
        Answer::Accepted { .. } => None,
        // A platform that has no use for an event says so for good: those behind it go on.
        Answer::Refused { .. } => return give_up(batch, row),
        Answer::Gone => {
            endpoint_is_gone(batch, &known, &announcement.endpoint.url)?;
            None
        }
        Answer::Again { retry_after_secs, .. } => *retry_after_secs,
        // It may have been taken: the platform recognises the same id.
        Answer::Unreachable { .. } | Answer::Unknown { .. } => None,
    };
    match next_attempt(&announcement.endpoint.rules, row.attempts, asked_to_wait, chance, now) {
        Some(due_at) => Ok(batch.writer().put_event(&EventRow { due_at, ..row.clone() })?),
        None => give_up(batch, row),
    }
}

/// The platform never took it. That stands in the audit log; the list of causes tells what is so.
fn give_up(batch: &mut Batch<'_>, row: &EventRow) -> Result<()> {
    tracing::warn!(event = %row.name, attempts = row.attempts, "an event was given up");
    batch.writer().delete_event(row.integration, row.id)?;
    let detail = format!("{} of {} was not taken, attempts made: {}", row.name, row.at, row.attempts);
    Actor::clockwork().audit(batch, row.integration.practice, "give_up_event", &row.once, &detail)
}
