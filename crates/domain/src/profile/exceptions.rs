//! By when somebody has to have acted on a cause, and whom it goes to when they have not.

use crate::setup::OwnerRole;
use crate::time::Moment;
use serde::Deserialize;

/// Deadlines of exception items and the path they take (requirements S3-21, S3-24). All of it is our own default, which
/// a practice may override.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExceptionRules {
    /// An item is due so long before the earliest visit it stops, in minutes.
    pub lead_minutes: u32,
    /// Nobody is asked to act faster than this, in minutes from when it was opened.
    pub least_minutes: u32,
    /// It is due at the latest so long after it was opened, in minutes.
    pub most_minutes: u32,
    /// Its owner is reminded so long before it is due, in minutes.
    pub remind_minutes: u32,
    /// Whoever it has gone to has so long until it goes on, in minutes.
    pub step_minutes: u32,
    /// What a person calls resolved has to be seen within so many minutes, else the item is open again.
    pub seen_minutes: u32,
    /// Whom it goes to after its owner, where the practice names nobody else.
    pub path: Vec<OwnerRole>,
}

impl Default for ExceptionRules {
    fn default() -> ExceptionRules {
        ExceptionRules {
            lead_minutes: 120,
            least_minutes: 15,
            most_minutes: 24 * 60,
            remind_minutes: 30,
            step_minutes: 120,
            seen_minutes: 240,
            path: vec![OwnerRole::Admin, OwnerRole::Support, OwnerRole::Engineer],
        }
    }
}

impl ExceptionRules {
    /// When an item is due that was opened at `opened_at` and whose earliest visit still to come begins at
    /// `next_start`.
    pub fn due(&self, opened_at: Moment, next_start: Option<Moment>) -> Moment {
        let latest = opened_at.plus_minutes(i64::from(self.most_minutes));
        let earliest = opened_at.plus_minutes(i64::from(self.least_minutes));
        let before = next_start.map(|start| start.plus_minutes(-i64::from(self.lead_minutes)));
        before.map_or(latest, |before| before.max(earliest).min(latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_due_before_its_earliest_visit_but_neither_at_once_nor_never() {
        let rules = ExceptionRules::default();
        let opened = Moment::from_micros(0);
        let minutes = |minutes: i64| opened.plus_minutes(minutes);
        for (start, due) in [
            (None, 1440),
            (Some(10), 15),
            (Some(134), 15),
            (Some(135), 15),
            (Some(136), 16),
            (Some(300), 180),
            (Some(1560), 1440),
            (Some(100_000), 1440),
            (Some(-5), 15),
        ] {
            assert_eq!(rules.due(opened, start.map(minutes)), minutes(due), "{start:?}");
        }
    }
}
