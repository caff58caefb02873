//! What counts as removed: absence that was seen twice, and never of too many at once without a person.

use crate::polling::PollState;
use crate::profile::PollingRules;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// A visit that was absent from a complete read.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Missing {
    /// Which.
    #[n(0)]
    pub source_id: Text,
    /// Since when.
    #[n(1)]
    pub since: Moment,
    /// How often it was looked for and not found.
    #[n(2)]
    pub passes: u32,
    /// A person decided that it stays, until it is seen again.
    #[n(3)]
    pub kept: bool,
    /// Behind the guard: it waits for a person.
    #[n(4)]
    pub guarded: bool,
}

/// Too many visits vanished at once.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Guard {
    /// Since when.
    #[n(0)]
    pub since: Moment,
    /// How many are absent.
    #[n(1)]
    pub absent: u32,
    /// Of how many.
    #[n(2)]
    pub known: u32,
}

/// What a person decided about the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruled {
    /// They were removed indeed.
    Removed,
    /// They stay.
    Kept,
}

/// What a complete read of a part found absent.
#[derive(Clone, Copy, Debug)]
pub struct Absent<'a> {
    /// Visits of that part that are known, not ended, and were not listed.
    pub ids: &'a [Text],
    /// How many are known there that had not ended.
    pub known: usize,
}

impl PollState {
    /// A part of a window was read to its end without a gap. Visits that are confirmed as removed by it.
    ///
    /// `can_ask_singly`: the source tells of single visits, which is then how absence is confirmed.
    pub fn heard_absent(
        &mut self,
        absent: &Absent<'_>,
        rules: &PollingRules,
        can_ask_singly: bool,
        now: Moment,
    ) -> Vec<Text> {
        let fresh = absent.ids.iter().filter(|id| !self.missing.iter().any(|m| m.source_id == **id)).count();
        let waiting = absent.ids.iter().filter(|id| self.missing.iter().any(|m| m.guarded && m.source_id == **id));
        let gone = fresh + waiting.count();
        let share = u64::from(rules.guard_percent) * absent.known as u64;
        let many = gone >= rules.guard_least.max(1) as usize && gone as u64 * 100 > share;
        let too_many = fresh > 0 && many;
        if !many {
            self.release(absent.ids);
        }
        let mut confirmed = Vec::new();
        for id in absent.ids {
            match self.missing.iter_mut().find(|missing| missing.source_id == *id) {
                Some(missing) if missing.kept || missing.guarded => {}
                Some(missing) => {
                    missing.passes += 1;
                    if missing.passes >= rules.confirm_passes.max(2) {
                        confirmed.push(id.clone());
                    }
                }
                None => self.missing.push(Missing {
                    source_id: id.clone(),
                    since: now,
                    passes: 1,
                    kept: false,
                    guarded: too_many,
                }),
            }
        }
        if too_many {
            let known = u32::try_from(absent.known).unwrap_or(u32::MAX);
            let guard = self.guard.get_or_insert(Guard { since: now, absent: 0, known: 0 });
            guard.known = guard.known.max(known);
        } else if can_ask_singly {
            // A direct read is the second look; it need not wait for the next sweep.
            for id in absent.ids {
                let asks = |m: &Missing| m.source_id == *id && !m.kept && !m.guarded;
                if self.missing.iter().any(asks) && !confirmed.contains(id) {
                    self.ask_for(id, now);
                }
            }
        }
        self.missing.retain(|missing| !confirmed.contains(&missing.source_id));
        self.recount_guard();
        confirmed
    }

    /// Most of what the guard stopped is back, so the list was wrong and is right again: what it still leaves out is
    /// looked for from the beginning, as any visit that a list leaves out.
    fn release(&mut self, ids: &[Text]) {
        for missing in self.missing.iter_mut().filter(|missing| missing.guarded && ids.contains(&missing.source_id)) {
            (missing.guarded, missing.passes) = (false, 0);
        }
    }

    /// A visit was listed or found: it is not missing.
    pub fn heard_present(&mut self, source_id: &str) {
        if self.missing.is_empty() {
            return;
        }
        let before = self.missing.len();
        self.missing.retain(|missing| missing.source_id != *source_id);
        if self.missing.len() != before {
            self.recount_guard();
        }
    }

    /// A direct read says that there is no such visit. `true` when that confirms that it was removed.
    pub fn heard_not_found(&mut self, source_id: &str, rules: &PollingRules, now: Moment) -> bool {
        match self.missing.iter().position(|missing| missing.source_id == *source_id) {
            Some(place) if self.missing[place].kept || self.missing[place].guarded => false,
            Some(place) => {
                self.missing[place].passes += 1;
                let confirmed = self.missing[place].passes >= rules.confirm_passes.max(2);
                if confirmed {
                    self.missing.remove(place);
                }
                confirmed
            }
            None => {
                self.missing.push(Missing {
                    source_id: source_id.into(),
                    since: now,
                    passes: 1,
                    kept: false,
                    guarded: false,
                });
                false
            }
        }
    }

    /// A person decided about what the guard stopped. The visits that are removed by it.
    pub fn rule_guard(&mut self, ruled: Ruled) -> Vec<Text> {
        let mut removed = Vec::new();
        for missing in self.missing.iter_mut().filter(|missing| missing.guarded) {
            missing.guarded = false;
            match ruled {
                Ruled::Removed => removed.push(missing.source_id.clone()),
                Ruled::Kept => missing.kept = true,
            }
        }
        self.missing.retain(|missing| !removed.contains(&missing.source_id));
        self.guard = None;
        removed
    }

    /// A single visit is to be read as soon as it may be.
    pub fn ask_for(&mut self, source_id: &str, now: Moment) {
        if !self.asked.iter().any(|asked| asked.source_id == *source_id) {
            self.asked.push(crate::polling::Asked { source_id: source_id.into(), since: now });
        }
    }

    fn recount_guard(&mut self) {
        let guarded = self.missing.iter().filter(|missing| missing.guarded).count();
        match &mut self.guard {
            Some(_) if guarded == 0 => self.guard = None,
            Some(guard) => guard.absent = u32::try_from(guarded).unwrap_or(u32::MAX),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: usize) -> Vec<Text> {
        (0..count).map(|n| Text::from(format!("A{n}"))).collect()
    }

    fn at(secs: i64) -> Moment {
        Moment::from_micros(0).plus_secs(secs)
    }

    #[test]
    fn a_visit_is_removed_only_after_it_was_looked_for_twice() {
        let (mut state, rules) = (PollState::default(), PollingRules::default());
        let gone = ids(1);
        let absent = Absent { ids: &gone, known: 50 };
        assert_eq!(state.heard_absent(&absent, &rules, false, at(0)), Vec::<Text>::new());
        assert!(state.asked.is_empty(), "this source cannot be asked for one visit");
        assert_eq!(state.heard_absent(&absent, &rules, false, at(60)), gone);
        assert!(state.missing.is_empty());
    }

    #[test]
    fn a_direct_read_is_the_second_look() {
        let (mut state, rules) = (PollState::default(), PollingRules::default());
        let gone = ids(2);
        state.heard_absent(&Absent { ids: &gone, known: 50 }, &rules, true, at(0));
        assert_eq!(state.asked.len(), 2);
        assert!(state.heard_not_found("A0", &rules, at(1)));
        state.heard_present("A1");
        assert!(state.missing.is_empty(), "one is gone, the other had only moved");
        assert!(!state.heard_not_found("A9", &rules, at(1)), "nobody missed it before: that is the first look");
    }

    #[test]
    fn many_at_once_wait_for_a_person_and_come_back_by_themselves() {
        let (mut state, rules) = (PollState::default(), PollingRules::default());
        let gone = ids(40);
        for pass in 0..5 {
            let confirmed = state.heard_absent(&Absent { ids: &gone, known: 100 }, &rules, true, at(pass));
            assert!(confirmed.is_empty() && state.asked.is_empty(), "pass {pass}");
        }
        assert_eq!(state.guard, Some(Guard { since: at(0), absent: 40, known: 100 }));
        assert!(!state.heard_not_found("A3", &rules, at(9)), "not even a direct read removes behind the guard");
        gone.iter().for_each(|id| state.heard_present(id));
        assert_eq!((state.guard.clone(), state.missing.len()), (None, 0));

        state.heard_absent(&Absent { ids: &gone, known: 100 }, &rules, true, at(20));
        assert_eq!(state.rule_guard(Ruled::Kept), Vec::<Text>::new());
        assert!(state.heard_absent(&Absent { ids: &gone, known: 100 }, &rules, true, at(21)).is_empty());
        assert_eq!(state.guard, None, "it was decided, and does not ask again");
        gone.iter().for_each(|id| state.heard_present(id));
        state.heard_absent(&Absent { ids: &gone, known: 100 }, &rules, true, at(22));
        assert_eq!(state.rule_guard(Ruled::Removed).len(), 40);
        assert_eq!(state.missing, []);
    }

    #[test]
    fn the_few_that_do_not_come_back_are_looked_for_again() {
        let (mut state, rules) = (PollState::default(), PollingRules::default());
        let gone = ids(10);
        state.heard_absent(&Absent { ids: &gone, known: 12 }, &rules, true, at(0));
        assert!(state.guard.is_some());
        gone[..5].iter().for_each(|id| state.heard_present(id));
        assert!(state.heard_absent(&Absent { ids: &gone[5..], known: 12 }, &rules, true, at(1)).is_empty());
        assert_eq!(state.guard.as_ref().map(|guard| guard.absent), Some(5), "five of twelve are still many");
        gone[5..9].iter().for_each(|id| state.heard_present(id));
        assert!(state.heard_absent(&Absent { ids: &gone[9..], known: 12 }, &rules, true, at(2)).is_empty());
        assert_eq!((state.guard.clone(), state.asked.len()), (None, 1), "one is looked for by itself");
        assert!(state.heard_not_found("A9", &rules, at(3)), "and is gone");
    }

    #[test]
    fn a_few_are_believed_whatever_their_share() {
        let (mut state, rules) = (PollState::default(), PollingRules::default());
        let gone = ids(4);
        state.heard_absent(&Absent { ids: &gone, known: 4 }, &rules, true, at(0));
        assert_eq!((state.guard.clone(), state.asked.len()), (None, 4));
    }
}
