//! Places that many hosts share: who is slow, or silent, keeps only so many of them from the others.
//!
//! Cards on their way and reads under way each have a number of places in a process. A host is an address as the set-up
//! names it; the integrations of many practices may lead to one. Three bounds keep it from taking what others need:
//!
//! * one host holds no more than `most` of the places;
//! * the last `spare` of them go to hosts that hold less than `few`;
//! * a host that has not answered `silent_after` times in a row holds no more than `silent` until it answers, and all
//!   such hosts together no more than half of the places.

use domain::text::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many places there are, and whose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) places: usize,
    pub(crate) most: usize,
    pub(crate) spare: usize,
    pub(crate) few: usize,
    pub(crate) silent: usize,
    pub(crate) silent_after: u32,
}

/// What monitoring asks of places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlaceMeasures {
    /// Of what: `cards` or `reads`.
    pub of: &'static str,
    /// How many there are.
    pub places: usize,
    /// How many are taken.
    pub held: usize,
    /// How many hosts hold no more than a few because they do not answer.
    pub silent_hosts: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Host {
    held: usize,
    /// In a row.
    unanswered: u32,
    /// Somebody did not get a place of it.
    refused: bool,
}

/// Who holds what.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    bounds: Bounds,
    held: usize,
    /// Of these, by hosts that do not answer.
    held_silently: usize,
    /// Somebody did not get a place because there was none at all.
    refused: bool,
    /// A host that does not answer did not get one because others of its kind have them all.
    refused_silently: bool,
    hosts: HashMap<Text, Host>,
}

impl Places {
    pub(crate) fn new(bounds: Bounds) -> Places {
        Places { bounds, held: 0, held_silently: 0, refused: false, refused_silently: false, hosts: HashMap::new() }
    }

    fn is_silent(&self, host: Host) -> bool {
        host.unanswered >= self.bounds.silent_after
    }

    /// Whether a host may have one more.
    fn is_free(&self, host: Host) -> bool {
        let Bounds { places, most, spare, few, silent, .. } = self.bounds;
        if self.held >= places {
            return false;
        }
        if self.is_silent(host) {
            return host.held < silent && self.held_silently < places.div_ceil(2);
        }
        host.held < few || (host.held < most && self.held + spare < places)
    }

    /// Whether a host may have one more. If not, whoever gives one back that would do hears of it.
    pub(crate) fn look(&mut self, name: &Text) -> bool {
        let host = self.hosts.get(name).copied().unwrap_or_default();
        if self.is_free(host) {
            return true;
        }
        if self.held >= self.bounds.places {
            self.refused = true;
        } else if self.is_silent(host) && host.held < self.bounds.silent {
            self.refused_silently = true;
        } else {
            self.hosts.entry(name.clone()).or_default().refused = true;
        }
        false
    }

    /// Takes one for a host. `false`: it may not have one more.
    pub(crate) fn take(&mut self, name: &Text) -> bool {
        let free = self.look(name);
        if free {
            self.keep(name);
        }
        free
    }

    /// Takes one for a host that was told that it may.
    pub(crate) fn keep(&mut self, name: &Text) {
        let host = self.hosts.entry(name.clone()).or_default();
        host.held += 1;
        self.held += 1;
        if host.unanswered >= self.bounds.silent_after {
            self.held_silently += 1;
        }
    }

    /// Gives one back. `true`: somebody waits for it.
    pub(crate) fn give_back(&mut self, name: &Text) -> bool {
        let Some(host) = self.hosts.get_mut(name) else { return false };
        host.held = host.held.saturating_sub(1);
        self.held = self.held.saturating_sub(1);
        let mut waited_for = std::mem::take(&mut host.refused) | std::mem::take(&mut self.refused);
        if host.unanswered >= self.bounds.silent_after {
            self.held_silently = self.held_silently.saturating_sub(1);
            waited_for |= std::mem::take(&mut self.refused_silently);
        }
        if host.held == 0 && host.unanswered == 0 {
            self.hosts.remove(name);
        }
        waited_for
    }

    /// A host holds more than it may, since it does not answer.
    pub(crate) fn exceeds(&self, name: &Text) -> bool {
        let host = self.hosts.get(name).copied().unwrap_or_default();
        self.is_silent(host) && host.held > self.bounds.silent
    }

    /// A host answered, whatever it said. `true`: it had not for a while.
    pub(crate) fn answered(&mut self, name: &Text) -> bool {
        let Some(host) = self.hosts.get_mut(name) else { return false };
        let was_silent = host.unanswered >= self.bounds.silent_after;
        host.unanswered = 0;
        if was_silent {
            self.held_silently = self.held_silently.saturating_sub(host.held);
        }
        if host.held == 0 {
            self.hosts.remove(name);
        }
        was_silent
    }

    /// A host did not answer. `true`: from now on it counts as silent.
    pub(crate) fn unanswered(&mut self, name: &Text) -> bool {
        let host = self.hosts.entry(name.clone()).or_default();
        host.unanswered = host.unanswered.saturating_add(1);
        let now_silent = host.unanswered == self.bounds.silent_after;
        if now_silent {
            self.held_silently += host.held;
        }
        now_silent
    }

    /// How many are not taken.
    pub(crate) fn room(&self) -> usize {
        self.bounds.places.saturating_sub(self.held)
    }
}

/// Places that several tasks take and give back.
#[derive(Clone, Debug)]
pub(crate) struct Shares {
    of: &'static str,
    none: bool,
    places: Arc<Mutex<Places>>,
}

impl Shares {
    pub(crate) fn new(of: &'static str, bounds: Bounds) -> Shares {
        Shares { of, none: bounds.places == 0, places: Arc::new(Mutex::new(Places::new(bounds))) }
    }

    /// The places. Nothing in them can panic; were it so, they would be as good as before.
    pub(crate) fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There are no places at all.
    pub(crate) fn are_none(&self) -> bool {
        self.none
    }

    pub(crate) fn measures(&self) -> PlaceMeasures {
        let places = self.places();
        PlaceMeasures {
            of: self.of,
            places: places.bounds.places,
            held: places.held,
            silent_hosts: places.hosts.values().filter(|host| places.is_silent(**host)).count(),
        }
    }
}

/// The host of an address, as the set-up names it: between the scheme and the path, without who logs in there.
pub(crate) fn host_of(url: &str) -> Text {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let authority = behind.split(['/', '?', '#']).next().unwrap_or(behind);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Text::from(host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { places: 16, most: 8, spare: 4, few: 2, silent: 1, silent_after: 2 };

    fn taken(places: &mut Places, name: &str) -> usize {
        let name = Text::from(name);
        (0..100).take_while(|_| places.take(&name)).count()
    }

    #[test]
    fn one_host_holds_so_many_and_the_last_go_to_those_who_hold_few() {
        let mut places = Places::new(BOUNDS);
        assert_eq!(taken(&mut places, "a"), 8);
        assert_eq!(taken(&mut places, "b"), 4, "the last four are not for it");
        assert_eq!(taken(&mut places, "c"), 2);
        assert_eq!(taken(&mut places, "d"), 2);
        assert_eq!((taken(&mut places, "e"), places.room()), (0, 0));
        assert!(places.give_back(&Text::from("d")), "somebody waits for any place at all");
        assert!(places.give_back(&Text::from("c")), "it wanted more itself");
        assert!(!places.give_back(&Text::from("c")), "which it has been told");
    }

    #[test]
    fn a_host_that_does_not_answer_holds_few_until_it_does() {
        let mut places = Places::new(BOUNDS);
        let a = Text::from("a");
        assert_eq!(taken(&mut places, "a"), 8);
        assert!(!places.unanswered(&a) && !places.exceeds(&a), "once is no sign");
        assert!(places.unanswered(&a) && places.exceeds(&a));
        for _ in 0..7 {
            places.give_back(&a);
        }
        assert!(!places.exceeds(&a) && !places.take(&a));
        assert!(places.answered(&a) && !places.answered(&a));
        assert_eq!(taken(&mut places, "a"), 7);
    }

    #[test]
    fn all_who_do_not_answer_together_hold_half() {
        let mut places = Places::new(BOUNDS);
        for n in 0..20 {
            let name = Text::from(format!("{n}"));
            places.unanswered(&name);
            places.unanswered(&name);
        }
        let held: usize = (0..20).map(|n| taken(&mut places, &n.to_string())).sum();
        assert_eq!(held, 8);
        assert_eq!(taken(&mut places, "who answers"), 4);
        assert!(places.answered(&Text::from("0")));
        assert_eq!(taken(&mut places, "19"), 1, "one silent host less");
    }

    #[test]
    fn what_a_host_holds_when_it_falls_silent_counts_and_whoever_waits_for_it_hears() {
        let mut places = Places::new(BOUNDS);
        let (a, b) = (Text::from("a"), Text::from("b"));
        assert!((0..8).all(|_| places.take(&a)));
        for silent in [&a, &a, &b, &b] {
            places.unanswered(silent);
        }
        assert!(!places.take(&b), "half of the places are held by who does not answer");
        assert!(places.give_back(&a), "b waits for it");
        assert!(places.take(&b));
    }

    #[test]
    fn hosts_that_want_nothing_are_forgotten() {
        let mut places = Places::new(BOUNDS);
        let a = Text::from("a");
        assert!(places.take(&a) && !places.give_back(&a));
        assert!(places.hosts.is_empty(), "it always answered");
        assert!(places.take(&a));
        places.unanswered(&a);
        places.give_back(&a);
        assert_eq!(places.hosts.len(), 1);
        places.answered(&a);
        assert!(places.hosts.is_empty());
    }

    #[test]
    fn a_host_is_what_stands_between_scheme_and_path() {
        for (url, host) in [
            ("https://Hooks.Example:8443/in?practice=1", "hooks.example:8443"),
            ("http://user:secret@127.0.0.1/hook", "127.0.0.1"),
            ("https://example", "example"),
            ("https://[::1]:80?x", "[::1]:80"),
            ("folder/of/files", "folder"),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }
}
