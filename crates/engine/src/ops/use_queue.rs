//! How the queue of a practice is used: whether people rely on it, or keep sheets of their own (requirement S3-27).

use crate::exceptions::{count_use, today};
use crate::ops::Actor;
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::exception::{Lasted, QueueUse, half_closed};
use domain::ids::PracticeNo;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use store::UseRow;

/// Days that are told.
const DAYS: i32 = 30;
/// A look within so long after one by the same person is the same look: pages that are open refresh themselves.
const SAME_LOOK_SECS: i64 = 15 * 60;
/// So many people are remembered before those are forgotten whose look is long over.
const PEOPLE: usize = 1000;

/// Who looked when, of late, at this process.
#[derive(Clone, Debug, Default)]
pub struct LooksOfLate(Arc<Mutex<HashMap<(PracticeNo, Text), Moment>>>);

impl LooksOfLate {
    /// `true`: this is a new look.
    fn is_new(&self, practice: PracticeNo, who: &Text, now: Moment) -> bool {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= PEOPLE {
            looks.retain(|_, at| now.secs_since(*at) < SAME_LOOK_SECS);
        }
        let last = looks.get(&(practice, who.clone())).copied();
        if last.is_some_and(|last| (0..SAME_LOOK_SECS).contains(&now.secs_since(last))) {
            return false;
        }
        looks.insert((practice, who.clone()), now);
        true
    }
}

/// How queues were used in the last thirty days.
#[derive(Clone, Debug, Serialize)]
pub struct QueueUses {
    /// So many days, today among them.
    pub days: i32,
    /// By practice.
    pub items: Vec<UseOfPractice>,
}

/// How the queue of one practice was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UseOfPractice {
    /// Whose.
    pub practice: Text,
    /// Items that were opened.
    pub opened: u64,
    /// Items that were closed, because what they were about was seen no more. There is no other way.
    pub closed: u64,
    /// Of them, those of which somebody had said something before.
    pub closed_after_work: u64,
    /// Half of them had been open at most so many minutes when they were closed; nothing: longer than a week, or none
    /// was closed.
    pub half_closed_within_minutes: Option<u32>,
    /// The same in words.
    pub half_closed: Option<&'static str>,
    /// How often somebody took an item up.
    pub acknowledged: u64,
    /// How often somebody put one off.
    pub snoozed: u64,
    /// How often somebody called one resolved.
    pub resolved: u64,
    /// How often somebody sent one on.
    pub sent_on: u64,
    /// How often one went on by itself, because its time was over.
    pub went_on: u64,
    /// How often people of the practice looked at the queue; looks within a quarter of an hour are one.
    pub looked: u64,
    /// How often it was taken away as a file.
    pub exported: u64,
}

impl UseOfPractice {
    fn of(practice: Text, rows: &[UseRow]) -> UseOfPractice {
        let count = |what: QueueUse| rows.iter().filter(|row| row.what == what).map(|row| row.count).sum::<u64>();
        let lasted = |class: Lasted| (class, count(QueueUse::ClosedWithin(class)));
        let half = half_closed(&Lasted::ALL.map(lasted));
        let after_work = count(QueueUse::ClosedAfterWork);
        UseOfPractice {
            practice,
            opened: count(QueueUse::Opened),
            closed: after_work + count(QueueUse::ClosedAlone),
            closed_after_work: after_work,
            half_closed_within_minutes: half.and_then(Lasted::minutes),
            half_closed: half.map(Lasted::label),
            acknowledged: count(QueueUse::Acknowledged),
            snoozed: count(QueueUse::Snoozed),
            resolved: count(QueueUse::Resolved),
            sent_on: count(QueueUse::SentOn),
            went_on: count(QueueUse::WentOn),
            looked: count(QueueUse::Looked),
            exported: count(QueueUse::Exported),
        }
    }
}

impl Engine {
    /// One integration of each practice that this actor may know of.
    fn practices_of(&self, actor: &Actor) -> BTreeMap<Text, Arc<Integration>> {
        let known = self.integrations_of(actor);
        known.into_iter().map(|integration| (integration.rules.practice.clone(), integration)).collect()
    }

    /// How the queues of the practices that this actor may know of were used.
    pub async fn queue_use(&self, actor: &Actor) -> Result<QueueUses> {
        let (practices, now) = (self.practices_of(actor), self.clock.now());
        let items = self.read(move |reader| {
            let mut items = Vec::new();
            for (practice, integration) in practices {
                let since = today(&integration, now) - DAYS + 1;
                let rows = reader.queue_use(integration.key().practice, since)?;
                items.push(UseOfPractice::of(practice, &rows));
            }
            Ok(items)
        });
        Ok(QueueUses { days: DAYS, items: items.await? })
    }

    /// Counts that somebody of a practice looked at its queue. Whoever looks after the installation is no such person.
    pub(crate) async fn count_look(&self, actor: &Actor) {
        let Some(own) = &actor.practice else { return };
        let Some(integration) = self.practices_of(actor).remove(own) else { return };
        if !self.looks.is_new(integration.key().practice, &actor.name, self.clock.now()) {
            return;
        }
        let counted = self.scribe.run(move |batch| count_use(batch, &integration, &[QueueUse::Looked]));
        if let Err(error) = counted.await {
            // Whoever looks is answered all the same.
            tracing::warn!(error = &error as &dyn std::error::Error, "a look at a queue was not counted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_of_one_person_within_a_quarter_of_an_hour_are_one() {
        let looks = LooksOfLate::default();
        let at = |minutes: i64| Moment::from_micros(0).plus_minutes(minutes);
        let (one, other) = (PracticeNo(1), PracticeNo(2));
        let new = |practice, who: &str, minutes| looks.is_new(practice, &Text::from(who), at(minutes));
        assert!(new(one, "Dana", 0));
        assert!(!new(one, "Dana", 14));
        assert!(new(one, "Priya", 14) && new(other, "Dana", 14), "others look for themselves");
        assert!(new(one, "Dana", 15));
        assert!(new(one, "Dana", 3), "a clock that was set back does not stop the counting");
    }
}
