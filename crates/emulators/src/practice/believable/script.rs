//! What happened before now, in the order it happened: played on an empty practice, it makes the diary and the
//! messages, as if somebody had sat at the desk.

use crate::practice::{Booking, Change, Practice};
use jiff::Timestamp;

/// Something that was done at the desk.
#[derive(Clone, Debug)]
enum Act {
    Book(Booking),
    Change(String, Change),
}

/// Acts with their times.
#[derive(Debug, Default)]
pub(super) struct Script {
    acts: Vec<(Timestamp, Act)>,
}

impl Script {
    pub(super) fn book(&mut self, at: Timestamp, booking: Booking) {
        self.acts.push((at, Act::Book(booking)));
    }

    pub(super) fn change(&mut self, at: Timestamp, id: &str, change: Change) {
        self.acts.push((at, Act::Change(id.to_owned(), change)));
    }

    /// Plays everything, oldest first.
    pub(super) fn play(mut self, practice: &mut Practice) {
        // Stable: acts of the same moment stay in the order they were written.
        self.acts.sort_by_key(|(at, _)| *at);
        for (at, act) in self.acts {
            let done = match act {
                Act::Book(booking) => practice.book(booking, at).map(drop),
                Act::Change(id, change) => practice.change(&id, change, at).map(drop),
            };
            done.expect("a script names only people, rooms and times that exist");
        }
    }
}
