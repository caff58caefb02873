//! A program that pulls: it asks from time to time what changed since, and must hear of everything.

use crate::disk::Told;
use crate::world::machine::Back;
use crate::world::{Event, World};
use engine::ops::Actor;
use std::collections::BTreeMap;

/// It asks so often.
const EVERY_MS: u64 = 900_000;

/// One change as it was told: integration, visit, version.
pub(super) type Change = (String, String, u32);

/// What the program knows.
#[derive(Default)]
pub(super) struct Puller {
    cursor: Option<String>,
    /// It waits for an answer.
    pub(super) asked: bool,
    /// The newest version it heard of, by integration and visit.
    heard: BTreeMap<(String, String), u32>,
}

impl World {
    /// The program asks again. Once all is calm it asks one last time.
    pub(super) fn pull(&mut self) -> Told {
        if !self.calm {
            self.soon(EVERY_MS, Event::Pull);
            self.look_for_starving()?;
        }
        self.ask_for_changes();
        Ok(())
    }

    fn ask_for_changes(&mut self) {
        let Some(node) = self.someone(&format!("pull {}", self.scheduled)).filter(|_| !self.puller.asked) else {
            return;
        };
        let Some(up) = &mut self.machines[node].up else { return };
        self.puller.asked = true;
        let (engine, life, came, cursor) =
            (up.engine.clone(), up.life.clone(), self.came.clone(), self.puller.cursor.clone());
        up.asked.spawn(async move {
            let page = engine.list_changes(&Actor::operator(), cursor).await.ok().map(|page| {
                let changes = page.items.into_iter();
                let changes =
                    changes.map(|item| (item.integration.to_string(), item.source_id.to_string(), item.version));
                (changes.collect(), page.next_cursor)
            });
            if !life.is_over() {
                came.put(Back::Changes(page));
            }
        });
    }

    /// The program hears.
    pub(super) fn pulled(&mut self, page: Option<(Vec<Change>, Option<String>)>) {
        self.puller.asked = false;
        let Some((changes, cursor)) = page else { return };
        let any = !changes.is_empty();
        for (integration, visit, version) in changes {
            let heard = self.puller.heard.entry((integration, visit)).or_default();
            *heard = version.max(*heard);
        }
        self.puller.cursor = cursor;
        if any {
            self.ask_for_changes();
        }
    }

    /// The newest version of a visit that the program heard of.
    pub(crate) fn heard_of(&self, integration: &str, visit: &str) -> u32 {
        self.puller.heard.get(&(integration.to_owned(), visit.to_owned())).copied().unwrap_or_default()
    }
}
