//! The task that reads sources: sees to the rows, claims what is due, and lets so many be read at a time.

use crate::poll::claim::{Hosts, Seen, Wanted, claim, keep_rows, may_be_read};
use crate::poll::pace::Governor;
use crate::poll::reading::Reading;
use crate::poll::{Capabilities, Failure, SourceReader};
use crate::setup::Integration;
use crate::shares::{Bounds, Shares, host_of};
use crate::tasks::{Stop, rest_after};
use crate::{Engine, Result};
use domain::ids::IntegrationKey;
use domain::polling::ReadKind;
use domain::text::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::PollRow;
use tokio::task::JoinSet;

/// So many integrations are read at one time by one process. A thousand of them, asked every 30 seconds of vendors that
/// take a second or two to answer, are 33 to 70 at a time; nearly all of that is waiting. One vendor's host may have
/// three quarters of these places, and one that does not answer a few.
const PLACES: Bounds = Bounds { places: 128, most: 96, spare: 32, few: 8, silent: 8, silent_after: 1 };
/// Claims by other processes, and a clock that was set, ring no bell here.
const SWEEP: Duration = Duration::from_secs(1);

/// A reader, and the version of the set-up it was made for.
type Made = (u64, std::result::Result<Arc<dyn SourceReader>, Failure>);

/// Readers that are in use, with their access tokens.
#[derive(Default)]
pub(crate) struct ReaderShelf(Mutex<HashMap<IntegrationKey, Made>>);

impl Engine {
    /// The reader of an integration; `None`: it is not read by asking.
    pub(crate) fn source_reader(
        &self,
        integration: &Arc<Integration>,
    ) -> Option<std::result::Result<Arc<dyn SourceReader>, Failure>> {
        let (key, version) = (integration.key(), integration.rules.version);
        let mut shelf = self.shelf.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_for, reader)) = shelf.get(&key)
            && *made_for == version
            && reader.is_ok()
        {
            return Some(reader.clone());
        }
        let made = self.readers.reader(integration)?;
        shelf.insert(key, (version, made.clone()));
        Some(made)
    }
}

/// Places for reads under way.
pub(crate) fn places() -> Shares {
    Shares::new("reads", PLACES)
}

/// The host of an integration's source; where the profile alone knows the address, all of that profile share one.
pub(crate) fn source_host(integration: &Integration) -> Text {
    match &integration.document.source.url {
        Some(url) => host_of(url),
        None => integration.document.source.profile.clone(),
    }
}

/// A read's place, given back however the read ends.
struct Place {
    sources: Shares,
    host: Text,
}

impl Drop for Place {
    fn drop(&mut self) {
        // The end of a read is heard by whoever claims.
        self.sources.places().give_back(&self.host);
    }
}

/// What is read of a source that can be asked this.
fn kinds(capabilities: Capabilities) -> Vec<ReadKind> {
    ReadKind::ALL
        .into_iter()
        .filter(|kind| if kind.is_window() { capabilities.windows } else { capabilities.changes })
        .collect()
}

/// Runs until told to stop; what is being read then is dropped or finished.
pub(crate) async fn poll_sources(engine: Engine, mut stop: Stop) {
    let mut reading = JoinSet::new();
    let mut seen = HashMap::new();
    let (mut epoch, mut nobody) = (None, false);
    let mut hosts = Hosts::default();
    // On a store of one process, leases found at the start are those of a process that died.
    let mut left_behind = engine.store.lanes() == 1;
    loop {
        while reading.try_join_next().is_some() {}
        let book = engine.setup();
        if epoch != Some(book.epoch) {
            let wanted = wanted(&engine, &seen);
            nobody = wanted.is_empty();
            hosts = Arc::new(wanted.iter().map(|wanted| (wanted.key, wanted.host.clone())).collect());
            let now_seen = wanted.iter().map(|wanted| (wanted.key, wanted.as_seen())).collect();
            let kept = engine.scribe.run(move |batch| keep_rows(batch, &wanted, left_behind)).await;
            if rest_after("polls", kept).await.is_some() {
                (epoch, seen) = (Some(book.epoch), now_seen);
                left_behind = false;
            }
        }
        let room = engine.sources.places().room();
        let mut wait = SWEEP;
        if room > 0 && epoch.is_some() && !nobody {
            let claimed = claim_due(&engine, &hosts).await;
            if let Some((rows, next)) = rest_after("polls", claimed).await {
                for row in rows {
                    let (engine, stop) = (engine.clone(), stop.clone());
                    let host = hosts.get(&row.integration).cloned().unwrap_or_default();
                    engine.sources.places().keep(&host);
                    let place = Place { sources: engine.sources.clone(), host };
                    reading.spawn(async move {
                        let _place = place;
                        let key = row.integration;
                        if let Err(error) = read(engine, row, stop).await {
                            tracing::error!(
                                integration = key.integration,
                                error = &error as &dyn std::error::Error,
                                "reading a source broke off; it is repeated when the lease has run out"
                            );
                        }
                    });
                }
                if let Some(next) = next {
                    let millis = (next.micros() - engine.clock().now().micros()).div_euclid(1000) + 1;
                    wait = Duration::from_millis(millis.clamp(1, 1000).unsigned_abs());
                }
            }
        }
        tokio::select! {
            () = engine.polls.notified() => {}
            Some(_) = reading.join_next() => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.requested() => break,
        }
    }
    while reading.join_next().await.is_some() {}
}

/// The integrations that are read by asking now.
fn wanted(engine: &Engine, seen: &HashMap<IntegrationKey, Seen>) -> Vec<Wanted> {
    let book = engine.setup();
    let mut wanted = Vec::new();
    for integration in book.integrations() {
        let Some(reader) = engine.source_reader(integration) else { continue };
        let key = integration.key();
        let version = integration.rules.version;
        let kinds = match reader {
            _ if !may_be_read(integration) => Vec::new(),
            Ok(reader) => kinds(reader.capabilities()),
            // It cannot be made: the row goes on telling so, and is tried again.
            Err(_) => vec![ReadKind::Near],
        };
        let before = seen.get(&key);
        let changed = before.is_none_or(|seen| seen.version != version);
        let same = before.is_some_and(|seen| seen.version == version && seen.kinds == kinds);
        wanted.push(Wanted { key, host: source_host(integration), version, kinds, changed, same });
    }
    wanted.sort_by_key(|wanted| wanted.key);
    wanted
}

async fn claim_due(engine: &Engine, hosts: &Hosts) -> Result<(Vec<PollRow>, Option<domain::time::Moment>)> {
    let (places, hosts) = (engine.sources.places().clone(), hosts.clone());
    // Looking costs nothing; only what is due makes a batch that writes.
    engine.scribe.run(move |batch| claim(batch, places.clone(), &hosts)).await
}

async fn read(engine: Engine, row: PollRow, stop: Stop) -> Result<()> {
    let book = engine.setup();
    let Some(integration) = book.get(row.integration).cloned() else { return Ok(()) };
    let (key, fence) = (row.integration, row.fence);
    let reader = match engine.source_reader(&integration) {
        Some(Ok(reader)) => reader,
        Some(Err(failure)) => {
            let kind = row.state.next().map_or(ReadKind::Near, |(kind, _)| kind);
            let told = crate::poll::work::change_held(&engine.scribe, key, fence, move |batch, integration, row| {
                let now = batch.now;
                crate::poll::failure::failed(batch, integration, row, kind, &failure, now)
            });
            return told.await.map(drop);
        }
        None => return Ok(()),
    };
    let governor = Governor::of(&integration, engine.scribe.clone(), engine.clock.clone());
    Reading { engine, integration, reader, governor, fence, stop }.run(row).await
}
