//! The task that minds items: rung where causes changed, woken when the time of an item comes, and looking at all of
//! them now and then.

use crate::exceptions::keep::{changes, keep};
use crate::tasks::{Stop, rest_after};
use crate::{Engine, Result};
use domain::ids::IntegrationKey;
use domain::time::Moment;
use std::collections::BTreeSet;
use std::time::Duration;

/// Feeds and other processes ring no bell: all integrations are looked at this often.
const SWEEP_SECS: i64 = 60;
/// Between two rounds: many visits that are stopped at once are one look.
const BREATH: Duration = Duration::from_secs(1);
/// Integrations with items that are due, in one round.
const PAGE: usize = 200;

/// Runs until told to stop.
pub(crate) async fn mind_exceptions(engine: Engine, mut stop: Stop) {
    let mut sweep_at = engine.clock.now();
    loop {
        let now = engine.clock.now();
        let all = now >= sweep_at;
        if all {
            sweep_at = now.plus_secs(SWEEP_SECS);
        }
        let next = rest_after("exceptions", one_round(&engine, all).await).await.flatten();
        let rung = tokio::select! {
            () = tokio::time::sleep(BREATH) => false,
            () = stop.requested() => true,
        };
        if rung {
            return;
        }
        let wake = next.map_or(sweep_at, |next| next.min(sweep_at));
        let millis = (wake.micros() - engine.clock.now().micros()) / 1000;
        // The clock may be set: no wait is longer than a sweep.
        let wait = Duration::from_millis(millis.clamp(0, SWEEP_SECS * 1000).unsigned_abs());
        tokio::select! {
            () = engine.courier.causes.notified() => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.requested() => return,
        }
    }
}

/// Looks where something may have changed; when the next item is to be looked at.
async fn one_round(engine: &Engine, all: bool) -> Result<Option<Moment>> {
    let now = engine.clock.now();
    let book = engine.setup();
    let mut keys: BTreeSet<IntegrationKey> = engine.courier.take_causes();
    match all {
        true => keys.extend(book.integrations().map(|integration| integration.key())),
        false => keys.extend(engine.read(move |reader| Ok(reader.exceptions_due(now, PAGE)?)).await?),
    }
    for key in keys {
        let Some(integration) = book.get(key).cloned() else { continue };
        // Looking costs nothing; a batch is only opened when something is to be written.
        let looked = integration.clone();
        let still = engine.read(move |reader| Ok(changes(reader, &looked, now)?.is_empty())).await?;
        if !still {
            engine.scribe.run(move |batch| keep(batch, &integration)).await?;
        }
    }
    engine.read(|reader| Ok(reader.next_exception()?)).await
}
