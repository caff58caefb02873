//! Telling other processes what a batch brought, by the server's NOTIFY.
//!
//! A notification is for speed only: who was not connected, or not fast enough, finds the work when it looks by itself.
//! The server lets no two transactions that notify commit at the same time, so a batch notifies of what is rare and
//! never of what its own process does anyway.

use crate::Bells;
use crate::postgres::connection::{Told, Way};
use crate::postgres::error::store_error;
use crate::postgres::pending::Change;
use crate::postgres::session::params;
use domain::ids::{IntegrationKey, PracticeNo};
use futures_util::future::join;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc;

/// A notification holds 8,000 bytes; an integration is named in at most 22.
const NAMED: usize = 300;
/// So long until a lost connection is made anew.
const PAUSE: Duration = Duration::from_secs(1);

/// Who hears.
pub(super) type Ring = Box<dyn Fn(Bells) + Send + Sync>;

/// The notifications that tell of these bells.
pub(super) fn notifications(channel: &str, bells: &Bells) -> Vec<Change> {
    let mut told = vec![format!("{}{}", if bells.facts { "f" } else { "" }, if bells.outbox { "o" } else { "" })];
    let keys: Vec<&IntegrationKey> = bells.visits.iter().collect();
    told.extend(keys.chunks(NAMED).map(|keys| {
        let names = keys.iter().map(|key| format!("{}/{}", key.practice.0, key.integration));
        format!("v{}", names.collect::<Vec<_>>().join(","))
    }));
    let told = told.into_iter().filter(|told| !told.is_empty());
    told.map(|told| Change::alone("SELECT pg_notify($1, $2)", params![channel.to_owned(), told])).collect()
}

/// What a notification tells; nothing when it is not one of ours.
fn bells_of(told: &str) -> Bells {
    let Some(named) = told.strip_prefix('v') else {
        return Bells { facts: told.contains('f'), outbox: told.contains('o'), visits: BTreeSet::new() };
    };
    let key = |name: &str| {
        let (practice, integration) = name.split_once('/')?;
        Some(IntegrationKey { practice: PracticeNo(practice.parse().ok()?), integration: integration.parse().ok()? })
    };
    Bells { visits: named.split(',').filter_map(key).collect(), ..Bells::default() }
}

/// Listens until the task is ended, on a connection of its own that is made anew when it is lost.
pub(super) async fn listen(way: Way, channel: String, ring: Ring) {
    loop {
        if let Err(error) = listen_once(&way, &channel, &ring).await {
            let error = store_error(error);
            tracing::debug!(%error, "other processes cannot be heard");
        }
        tokio::time::sleep(PAUSE).await;
        // What was told meanwhile nobody knows.
        ring(Bells { facts: true, outbox: true, visits: BTreeSet::new() });
    }
}

async fn listen_once(way: &Way, channel: &str, ring: &Ring) -> Told<()> {
    let (told, mut heard) = mpsc::unbounded_channel();
    let (client, connection) = way.open(Some(told)).await?;
    let hearing = async {
        client.batch_execute(&format!("LISTEN {channel}")).await?;
        // The connection's end ends this.
        while let Some(told) = heard.recv().await {
            let bells = bells_of(told.payload());
            if !way.is_ours(told.process_id()) && !bells.is_empty() {
                ring(bells);
            }
        }
        Ok(())
    };
    join(connection, hearing).await.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_heard() {
        let key = |integration| IntegrationKey { practice: PracticeNo(2), integration };
        let visits: BTreeSet<IntegrationKey> = (0..700).map(key).collect();
        let bells = Bells { facts: true, outbox: false, visits };
        let changes = notifications("c", &bells);
        assert_eq!(changes.len(), 4, "no notification grows beyond what the server takes");
        let heard = ["f", "v2/0,2/1", "o", "nonsense/", "v"].map(bells_of);
        assert_eq!(heard[0], Bells { facts: true, ..Bells::default() });
        assert_eq!(heard[1].visits, BTreeSet::from([key(0), key(1)]));
        assert_eq!(heard[2], Bells { outbox: true, ..Bells::default() });
        assert!(heard[4].is_empty());
        assert!(notifications("c", &Bells::default()).is_empty());
    }
}
