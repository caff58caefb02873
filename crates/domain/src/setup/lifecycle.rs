//! The steps an integration goes through before it may be used (requirements S0-6…9).

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an integration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Lifecycle {
    /// Someone began the set-up; access is not granted yet.
    #[n(0)]
    #[default]
    Initiated,
    /// The source's owner granted access; providers, types and places are not mapped yet.
    #[n(1)]
    Authorized,
    /// Everything is mapped; nobody has opened it yet.
    #[n(2)]
    Configured,
    /// In use.
    #[n(3)]
    Live,
    /// Stopped for a while by a person.
    #[n(4)]
    Paused,
}

impl Lifecycle {
    /// The integration is still being set up: it was never opened.
    pub const fn is_set_up(self) -> bool {
        matches!(self, Lifecycle::Initiated | Lifecycle::Authorized | Lifecycle::Configured)
    }

    /// The word used in the API and in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Lifecycle::Initiated => "initiated",
            Lifecycle::Authorized => "authorized",
            Lifecycle::Configured => "configured",
            Lifecycle::Live => "live",
            Lifecycle::Paused => "paused",
        }
    }

    /// Reads the word back.
    pub fn from_word(word: &str) -> Option<Lifecycle> {
        [Lifecycle::Initiated, Lifecycle::Authorized, Lifecycle::Configured, Lifecycle::Live, Lifecycle::Paused]
            .into_iter()
            .find(|state| state.word() == word)
    }

    /// The states reachable from here in one step.
    pub const fn next(self) -> &'static [Lifecycle] {
        match self {
            Lifecycle::Initiated => &[Lifecycle::Authorized],
            Lifecycle::Authorized => &[Lifecycle::Configured],
            Lifecycle::Configured => &[Lifecycle::Live],
            Lifecycle::Live => &[Lifecycle::Paused],
            Lifecycle::Paused => &[Lifecycle::Live],
        }
    }

    /// The states still to go through, in order, to arrive at `goal`; empty when it cannot be reached from here.
    pub fn steps_to(self, goal: Lifecycle) -> Vec<Lifecycle> {
        let mut steps = Vec::new();
        let mut state = self;
        while state != goal && steps.len() < 5 {
            let Some(&next) = state.next().first() else { return Vec::new() };
            steps.push(next);
            state = next;
        }
        if state == goal { steps } else { Vec::new() }
    }

    /// What has to happen next, for whoever waits.
    pub const fn outstanding(self) -> &'static str {
        match self {
            Lifecycle::Initiated => "the practice system's owner has to grant access",
            Lifecycle::Authorized => "providers, visit types and places have to be mapped",
            Lifecycle::Configured => "the integration has to be opened (set live)",
            Lifecycle::Live => "nothing",
            Lifecycle::Paused => "the integration has to be resumed",
        }
    }
}

impl fmt::Display for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s0_6_the_way_to_live_has_no_short_cuts() {
        assert_eq!(
            Lifecycle::Initiated.steps_to(Lifecycle::Live),
            [Lifecycle::Authorized, Lifecycle::Configured, Lifecycle::Live]
        );
        assert_eq!(Lifecycle::Paused.steps_to(Lifecycle::Live), [Lifecycle::Live]);
        assert!(Lifecycle::Live.steps_to(Lifecycle::Initiated).is_empty());
        assert!(Lifecycle::Live.steps_to(Lifecycle::Live).is_empty());
    }
}
