//! Sets: what was written at one time, and which of them is read next.

use crate::files::folder::{Found, Stranger};
use crate::files::place::{MOST, Order, Place};
use domain::profile::{FileRules, FileStyle};
use domain::time::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// What was written at one time.
#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) style: FileStyle,
    pub(super) as_of: Moment,
    /// Its files that have not been read.
    pub(super) files: Vec<Found>,
    /// Its files that have been.
    pub(super) read: Vec<Found>,
    /// A file of each kind that has to be there is there, and whole; those read before count.
    pub(super) is_whole: bool,
    /// What is wrong with it.
    pub(super) faults: Vec<String>,
}

/// The sets of a folder, in order.
pub(super) fn sets(files: &[Found], rules: &FileRules, place: &Place) -> BTreeMap<Order, Set> {
    let mut sets: BTreeMap<Order, Set> = BTreeMap::new();
    let mut kinds: BTreeMap<Order, BTreeSet<usize>> = BTreeMap::new();
    for found in files {
        let style = found.named.style;
        let order = Order {
            at: found.named.as_of.map_or(0, Moment::micros),
            is_delta: style == FileStyle::Delta,
            set: found.named.set.clone(),
        };
        let set = sets.entry(order.clone()).or_insert_with(|| Set {
            style,
            as_of: found.as_of,
            files: Vec::new(),
            read: Vec::new(),
            is_whole: true,
            faults: Vec::new(),
        });
        set.as_of = set.as_of.max(found.as_of);
        if let Some(why) = found.unfinished {
            set.is_whole = false;
            set.faults.push(format!("{}: {why}", found.name));
        }
        if place.read.contains(&found.id) {
            set.read.push(found.clone());
        } else {
            set.files.push(found.clone());
        }
        kinds.entry(order).or_default().insert(found.named.kind);
    }
    for (order, set) in &mut sets {
        for (number, kind) in rules.kinds.iter().enumerate() {
            if !kind.optional && !kinds.get(order).is_some_and(|there| there.contains(&number)) {
                set.is_whole = false;
                set.faults.push(format!("no file of the kind {} came with {}", kind.kind, name_of(set)));
            }
        }
    }
    sets.retain(|order, set| !set.files.is_empty() && place.floor.as_ref().is_none_or(|floor| order > floor));
    sets
}

fn name_of(set: &Set) -> String {
    set.files.first().map_or_else(|| "those that were read before".to_owned(), |found| found.name.clone())
}

/// The set to be read next: the first, once it is whole, or once nobody will finish it any more, because a later one is
/// whole or because it is old.
pub(super) fn next(sets: BTreeMap<Order, Set>, rules: &FileRules, now: Moment) -> Option<(Order, Set)> {
    let later_whole = sets.values().skip(1).any(|set| set.is_whole);
    let (order, set) = sets.into_iter().next()?;
    let is_old = now.secs_since(set.as_of) >= i64::from(rules.give_up_seconds);
    (set.is_whole || later_whole || is_old).then_some((order, set))
}

/// Where reading begins in a folder that nobody has read: with the newest whole full set; what was before is in it.
pub(super) fn begin(sets: &mut BTreeMap<Order, Set>) -> Option<Order> {
    let newest = sets.iter().rev().find(|(_, set)| set.style == FileStyle::Full && set.is_whole);
    let from = newest.map(|(order, _)| order.clone())?;
    let later = sets.split_off(&from);
    let floor = sets.keys().next_back().cloned();
    *sets = later;
    floor
}

/// Forgets files that are gone, and of very many the oldest, which are known by their order from then on.
pub(super) fn forget(place: &mut Place, files: &[Found], strangers: &[Stranger]) {
    let strangers = strangers.iter().map(|stranger| stranger.id.as_str());
    let there: BTreeSet<&str> = files.iter().map(|found| found.id.as_str()).chain(strangers).collect();
    place.read.retain(|id| there.contains(id.as_str()));
    if place.read.len() <= MOST {
        return;
    }
    let mut read: Vec<(Order, &str)> = Vec::new();
    for found in files.iter().filter(|found| place.read.contains(&found.id)) {
        let is_delta = found.named.style == FileStyle::Delta;
        let order = Order { at: found.named.as_of.map_or(0, Moment::micros), is_delta, set: found.named.set.clone() };
        read.push((order, &found.id));
    }
    read.sort();
    let many = read.len() - MOST / 2;
    let Some((floor, _)) = read.get(many - 1) else { return };
    let forgotten: BTreeSet<String> =
        read.iter().filter(|(order, _)| order <= floor).map(|(_, id)| (*id).to_owned()).collect();
    place.floor = place.floor.take().max(Some(floor.clone()));
    place.read.retain(|id| !forgotten.contains(id));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::content::Content;
    use crate::files::contract::read_name;
    use domain::profile::load_source;
    use domain::time::Zone;

    fn rules() -> FileRules {
        load_source("carelogic", &[]).unwrap().files
    }

    fn found(name: &str, unfinished: Option<&'static str>) -> Found {
        let named = read_name(&rules(), &Zone::utc(), name).unwrap();
        let as_of = named.as_of.unwrap();
        let content = Content::Kept([].into());
        Found { name: name.to_owned(), content, named, id: name.to_owned(), as_of, unfinished }
    }

    fn three(style: &str, minute: u8) -> Vec<Found> {
        let kinds = ["activity", "activity_detail", "client"];
        kinds.map(|kind| found(&format!("{kind}_{style}_20261122T10{minute:02}00Z.csv"), None)).to_vec()
    }

    fn at(minute: u8) -> Moment {
        Moment::from(format!("2026-11-22T10:{minute:02}:00Z").parse::<jiff::Timestamp>().unwrap())
    }

    #[test]
    fn sets_are_read_in_order_and_what_is_not_whole_waits_for_its_companions() {
        let (rules, mut place) = (rules(), Place::default());
        let mut files = three("delta", 5);
        files.extend(three("full", 0));
        let (order, set) = next(sets(&files, &rules, &place), &rules, at(6)).unwrap();
        assert_eq!((order.is_delta, set.files.len(), set.is_whole), (false, 3, true));
        place.read = set.files.iter().map(|found| found.id.clone()).collect();
        let mut late = files.clone();
        late.retain(|found| !found.name.starts_with("activity_detail_delta"));
        assert!(next(sets(&late, &rules, &place), &rules, at(6)).is_none(), "its companion may still come");
        let (_, set) = next(sets(&late, &rules, &place), &rules, at(30)).unwrap();
        assert!(!set.is_whole && set.faults[0].contains("activity_detail"), "{:?}", set.faults);
        late.extend(three("delta", 10));
        let (order, set) = next(sets(&late, &rules, &place), &rules, at(11)).unwrap();
        assert_eq!(order.at, at(5).micros(), "a later one is whole: nobody will finish this one");
        assert!(!set.is_whole);
    }

    #[test]
    fn a_file_that_comes_late_is_read_alone_and_a_cut_one_is_told() {
        let rules = rules();
        let mut files = three("delta", 5);
        let read = files.iter().take(2).map(|found| found.id.clone()).collect();
        let place = Place { read, ..Place::default() };
        let (_, set) = next(sets(&files, &rules, &place), &rules, at(6)).unwrap();
        assert_eq!((set.files.len(), set.is_whole, set.read.len()), (1, true, 2));
        files[2].unfinished = Some("cut");
        assert!(next(sets(&files, &rules, &place), &rules, at(6)).is_none());
        let (_, set) = next(sets(&files, &rules, &place), &rules, at(20)).unwrap();
        assert!(set.faults[0].starts_with("client_delta"), "{:?}", set.faults);
    }

    #[test]
    fn a_new_reader_begins_with_the_newest_full_set_that_is_whole() {
        let rules = rules();
        let mut files = three("full", 0);
        files.extend(three("delta", 5));
        files.extend(three("full", 10));
        files.extend(three("full", 20).into_iter().take(2));
        let mut found = sets(&files, &rules, &Place::default());
        let floor = begin(&mut found);
        assert_eq!(floor.map(|order| order.at), Some(at(5).micros()));
        assert_eq!(found.keys().map(|order| order.at).collect::<Vec<_>>(), [at(10).micros(), at(20).micros()]);
    }

    #[test]
    fn what_is_gone_is_forgotten_and_of_very_many_the_oldest_are_known_by_order() {
        let rules = rules();
        let hours = 0..24u8;
        let files: Vec<Found> = hours
            .flat_map(|hour| {
                (0..60u8).flat_map(move |minute| [(hour, minute, 0u8), (hour, minute, 20), (hour, minute, 40)])
            })
            .map(|(h, m, s)| found(&format!("activity_delta_20261122T{h:02}{m:02}{s:02}Z.csv"), None))
            .collect();
        assert!(files.len() > MOST);
        let mut place = Place { read: files.iter().map(|found| found.id.clone()).collect(), ..Place::default() };
        place.read.insert("gone".to_owned());
        forget(&mut place, &files, &[]);
        assert!(place.read.len() <= MOST && !place.read.contains("gone"));
        assert!(sets(&files, &rules, &place).is_empty(), "what was read stays read");
    }
}
