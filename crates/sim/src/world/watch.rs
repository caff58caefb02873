//! While the world is busy: nothing that is due waits in vain for a platform that answers.

use crate::disk::Told;
use crate::plan::What;
use crate::world::World;

/// A process has taken up its work by then, and a platform that was in trouble has been found again.
const TAKES_UP_MS: u64 = 600_000;
/// So long a card that is due may lie, at most.
const MAY_LIE_MS: u64 = 120_000;
/// With fewer places for parcels, one platform that is slow holds up all others.
const ENOUGH_PLACES: usize = 64;

impl World {
    /// Looks for cards that lie although they are due and their platform is well.
    pub(super) fn look_for_starving(&mut self) -> Told {
        let now = self.time.millis();
        let wrong_clocks = self.plan.items.iter().any(|item| matches!(item.what, What::Jump(..)));
        let served = self.machines.iter().any(|machine| machine.up_since().is_some_and(|up| up + TAKES_UP_MS < now));
        if wrong_clocks || !served || self.plan.in_hand < ENOUGH_PLACES {
            return Ok(());
        }
        let before = self.time.at(now.saturating_sub(MAY_LIE_MS)).micros();
        let lying = self.disk.look(|probe| {
            let mut rows = probe.prepare_cached(
                "SELECT i.id, count(*) FROM outbox o JOIN integration i USING (practice, integration)
                 WHERE o.visible_at < ?1 GROUP BY i.id ORDER BY i.id",
            )?;
            rows.query_map([before], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(String, i64)>>>()
        })?;
        for (id, cards) in lying {
            let Some(feed) = (0..self.feeds.len()).find(|feed| self.feed_id(*feed) == id) else { continue };
            if self.troubled_until[feed] + TAKES_UP_MS < now {
                let place = self.feed_id(feed).to_owned();
                self.faults
                    .push(format!("{place}: {cards} cards lie there, due and overdue, and the platform is well"));
            }
        }
        Ok(())
    }
}
