//! Letting time pass, from one thing that is due to the next.

use crate::disk::Told;
use crate::world::World;
use crate::world::machine::Back;
use std::cmp::Reverse;

/// A world that takes more steps than this does not settle.
const MOST_STEPS: u32 = 20_000;
/// What is due and does not happen is looked at again after this, and then after twice as long, up to the longest.
const FIRST_LOOK_MS: u64 = 100;
/// While a diary is asked something, time passes in steps of this.
const ANSWERED_WITHIN_MS: u64 = 250;
const LONGEST_LOOK_MS: u64 = 20_000;

impl World {
    /// Lets everything happen that is due before so many milliseconds.
    pub(super) async fn run_until(&mut self, until: u64) -> Told {
        let (mut steps, mut look, mut seen) = (0, FIRST_LOOK_MS, None);
        loop {
            self.work_off().await?;
            let now = self.time.millis();
            if self.fire_due(now)? {
                continue;
            }
            if now >= until {
                return Ok(());
            }
            let state = Some(self.disk.state()?);
            if state != seen {
                (seen, look) = (state, FIRST_LOOK_MS);
            } else {
                look = (look * 2).min(LONGEST_LOOK_MS);
            }
            let mut next = until;
            if let Some(Reverse((at, ..))) = self.events.peek() {
                next = next.min(*at);
            }
            if let Some(due) = self.next_due(now)? {
                next = next.min(if due > now { due } else { now + look });
            }
            if self.shelves.is_asked() {
                next = next.min(now + ANSWERED_WITHIN_MS);
            }
            steps += 1;
            if steps > MOST_STEPS {
                return Err(format!("it does not settle: {MOST_STEPS} steps and still something is due"));
            }
            self.time.pass_until(next).await;
            self.shelves.tell_time(self.time.now());
        }
    }

    /// Works off everything that is ready, until nothing comes of it any more.
    async fn work_off(&mut self) -> Told {
        loop {
            self.time.settle().await;
            let mut any = self.collect();
            for back in self.came.take() {
                any = true;
                match back {
                    Back::Letter(letter, code, problem) => self.answered(letter, code, problem),
                    Back::Call(call, outcome) => self.called_back(call, outcome),
                    Back::Changes(page) => self.pulled(page),
                }
            }
            if !self.bury()? && !any {
                return Ok(());
            }
        }
    }

    /// Everything that is due happens at once.
    fn fire_due(&mut self, now: u64) -> Told<bool> {
        let mut any = false;
        while let Some(Reverse((at, ..))) = self.events.peek() {
            if *at > now {
                break;
            }
            let Some(Reverse((_, _, event))) = self.events.pop() else { break };
            any = true;
            self.fire(event)?;
        }
        Ok(any)
    }

    /// When some process has something to do next, in milliseconds of the true time.
    fn next_due(&self, now: u64) -> Told<Option<u64>> {
        let Some(ahead_ms) =
            self.machines.iter().filter(|machine| machine.up.is_some()).map(|machine| machine.clock.ahead_ms()).max()
        else {
            return Ok(None);
        };
        let (card, timer, poll, fired) = self.disk.look(|probe| {
            let one =
                |sql| -> rusqlite::Result<Option<i64>> { probe.prepare_cached(sql)?.query_row((), |row| row.get(0)) };
            let card = one("SELECT min(visible_at) FROM outbox WHERE visible_at < 9223372036854775807")?;
            let poll = one("SELECT min(due_at) FROM poll WHERE due_at < 9223372036854775807")?;
            Ok((card, one("SELECT min(due_at) FROM timer")?, poll, one("SELECT min(id) FROM fired")?))
        })?;
        if fired.is_some() {
            return Ok(Some(now));
        }
        let base = self.plan.start.micros();
        let due = [card, timer, poll].into_iter().flatten().min();
        // Rounded up, so that it is certainly due then.
        Ok(due.map(|due| {
            let millis = (due - base).div_euclid(1000) + i64::from((due - base).rem_euclid(1000) > 0);
            u64::try_from(millis - ahead_ms).unwrap_or(0)
        }))
    }
}
