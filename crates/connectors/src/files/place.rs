//! Where reading goes on: what the engine keeps for us as a cursor.

use domain::text::Text;
use domain::time::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Files that were read and still lie there are remembered up to this number; of more, the oldest are known by order.
pub(super) const MOST: usize = 4000;

/// Where a set stands in the order of all: when it was true, then what its files have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Order {
    /// Microseconds since 1970, or 0 where names tell no time.
    pub(super) at: i64,
    /// Full files of a time come before its changes.
    pub(super) is_delta: bool,
    pub(super) set: String,
}

/// Where reading goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Sets up to this one count as read.
    pub(super) floor: Option<Order>,
    /// Files behind it that were read and still lie there, by id.
    pub(super) read: BTreeSet<String>,
    /// The newest that was read is of this time, in microseconds since 1970.
    pub(super) as_of: Option<i64>,
    /// The set that is being read.
    pub(super) open: Option<Open>,
}

/// A set that is being read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Open {
    /// Its files, by id.
    pub(super) files: Vec<String>,
    /// Something of it is lost: what.
    pub(super) broken: Option<String>,
    /// Where in it.
    pub(super) step: Step,
}

/// Where in a set: its patients come first, so that a visit finds them, and last those who take part in visits of which
/// the set says nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Step {
    /// So many rows of patients have been read.
    Patients(u64),
    /// Visits that begin in so many rows have been read.
    Visits(u64),
    /// Participants alone, likewise.
    Participants(u64),
}

impl Place {
    /// As it is kept.
    pub(super) fn write(&self) -> Text {
        Text::from(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads what was kept; `None`: nobody kept that.
    pub(super) fn parse(text: &str) -> Option<Place> {
        serde_json::from_str(text).ok()
    }

    /// When what was read last was true.
    pub(super) fn as_of(&self) -> Option<Moment> {
        self.as_of.map(Moment::from_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_what_they_write() {
        let place = Place {
            floor: Some(Order { at: 17, is_delta: true, set: "20261122".to_owned() }),
            read: ["a1".to_owned()].into(),
            as_of: Some(18),
            open: Some(Open { files: vec!["b2".to_owned()], broken: None, step: Step::Visits(2000) }),
        };
        assert_eq!(Place::parse(&place.write()), Some(place));
        assert_eq!(Place::parse("since 2026"), None);
    }
}
