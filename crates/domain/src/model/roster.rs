//! A set of resources (providers, participants) of which a source sends either the whole list or single changes.

use crate::model::Stamp;
use minicbor::{Decode, Encode};

/// Something with an identity inside a roster.
pub trait Keyed {
    /// The source's id of the thing.
    fn key(&self) -> &str;
}

/// One place in a roster.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Place<T> {
    #[n(0)]
    item: T,
    #[n(1)]
    stamp: Stamp,
    /// Taken off the roster; kept so that an older statement cannot put it back.
    #[n(2)]
    gone: bool,
}

/// Members with the stamp of the last statement about each. Whole lists and single changes may arrive in any order,
/// repeated, and end in the same members (a last-writer-wins set; requirement S4-21, invariant 4).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Roster<T> {
    #[n(0)]
    places: Vec<Place<T>>,
    /// Stamp of the newest whole list.
    #[n(1)]
    listed: Option<Stamp>,
}

impl<T> Default for Roster<T> {
    fn default() -> Roster<T> {
        Roster { places: Vec::new(), listed: None }
    }
}

impl<T: Keyed + PartialEq> Roster<T> {
    /// Those on the roster, in the order the source named them.
    pub fn members(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter(|place| !place.gone).map(|place| &place.item)
    }

    /// When a member was last spoken of.
    pub fn said_at(&self, key: &str) -> Option<Stamp> {
        self.places.iter().find(|place| !place.gone && place.item.key() == key).map(|place| place.stamp)
    }

    /// How many are on the roster.
    pub fn len(&self) -> usize {
        self.members().count()
    }

    /// Nobody is on the roster.
    pub fn is_empty(&self) -> bool {
        self.members().next().is_none()
    }

    /// Takes a whole list in: whoever it does not name is off, unless something newer says otherwise.
    pub fn list(&mut self, items: Vec<T>, stamp: Stamp) {
        if self.listed.is_some_and(|listed| listed > stamp) {
            return;
        }
        self.listed = Some(stamp);
        let mut later: Vec<Place<T>> = self.places.drain(..).filter(|place| place.stamp > stamp).collect();
        for item in items {
            if let Some(known) = self.places.iter_mut().find(|place| place.item.key() == item.key()) {
                known.item = item;
            } else if let Some(at) = later.iter().position(|place| place.item.key() == item.key()) {
                self.places.push(later.swap_remove(at));
            } else {
                self.places.push(Place { item, stamp, gone: false });
            }
        }
        later.sort_by_key(|place| place.stamp);
        self.places.append(&mut later);
    }

    /// Takes one change in: `item` is on the roster from this stamp on, as it is here.
    pub fn put(&mut self, item: T, stamp: Stamp) {
        self.change(item, stamp, false);
    }

    /// Takes one change in: `item` is off the roster from this stamp on.
    pub fn remove(&mut self, item: T, stamp: Stamp) {
        self.change(item, stamp, true);
    }

    fn change(&mut self, item: T, stamp: Stamp, gone: bool) {
        match self.places.iter_mut().find(|place| place.item.key() == item.key()) {
            Some(place) if place.stamp > stamp => {}
            Some(place) => *place = Place { item, stamp, gone },
            None if self.listed.is_some_and(|listed| listed > stamp) => {}
            None => self.places.push(Place { item, stamp, gone }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Moment;
    use proptest::prelude::*;

    impl Keyed for &'static str {
        fn key(&self) -> &str {
            self
        }
    }

    fn stamp(n: u8) -> Stamp {
        Stamp { at: Moment::from_micros(i64::from(n)), sequence: 0 }
    }

    fn members(roster: &Roster<&'static str>) -> Vec<&'static str> {
        let mut names: Vec<_> = roster.members().copied().collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_whole_list_replaces_and_a_change_adds_or_takes_away() {
        let mut roster = Roster::default();
        roster.list(vec!["a", "b"], stamp(1));
        roster.put("c", stamp(2));
        roster.remove("a", stamp(3));
        assert_eq!(members(&roster), ["b", "c"]);
        roster.list(vec!["d"], stamp(4));
        assert_eq!(members(&roster), ["d"]);
    }

    #[derive(Clone, Debug)]
    enum Step {
        List(Vec<&'static str>),
        Put(&'static str),
        Remove(&'static str),
    }

    fn step() -> impl Strategy<Value = Step> {
        let name = prop::sample::select(vec!["a", "b", "c", "d"]);
        prop_oneof![
            prop::collection::vec(name.clone(), 0..4).prop_map(Step::List),
            name.clone().prop_map(Step::Put),
            name.prop_map(Step::Remove),
        ]
    }

    fn apply(roster: &mut Roster<&'static str>, n: u8, step: &Step) {
        match step {
            Step::List(names) => roster.list(names.clone(), stamp(n)),
            Step::Put(name) => roster.put(name, stamp(n)),
            Step::Remove(name) => roster.remove(name, stamp(n)),
        }
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            steps in prop::collection::vec(step(), 1..8),
            shuffle in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
        ) {
            let mut ordered = Roster::default();
            for (n, step) in steps.iter().enumerate() {
                apply(&mut ordered, n as u8, step);
            }
            // Any sequence of repetitions, then each once more in reverse: every step is heard at least once.
            let mut shuffled = Roster::default();
            let indices = shuffle.iter().map(|index| index.index(steps.len())).chain((0..steps.len()).rev());
            for n in indices {
                apply(&mut shuffled, n as u8, &steps[n]);
            }
            prop_assert_eq!(members(&ordered), members(&shuffled));
        }
    }
}
