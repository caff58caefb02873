//! How much happened in a world.

use crate::world::World;
use std::fmt;

/// How much happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Messages the sources had to tell.
    pub messages: u64,
    /// Times they were sent.
    pub sendings: u64,
    /// Messages acknowledged.
    pub acknowledged: u64,
    /// Visits.
    pub visits: u64,
    /// Attempts to deliver a card.
    pub attempts: u64,
    /// Cards that platforms show in the end.
    pub cards: u64,
    /// Processes that died.
    pub deaths: u64,
    /// Processes that were told to end, and did.
    pub restarts: u64,
}

impl std::ops::AddAssign for Figures {
    fn add_assign(&mut self, other: Figures) {
        self.messages += other.messages;
        self.sendings += other.sendings;
        self.acknowledged += other.acknowledged;
        self.visits += other.visits;
        self.attempts += other.attempts;
        self.cards += other.cards;
        self.deaths += other.deaths;
        self.restarts += other.restarts;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { messages, sendings, acknowledged, visits, attempts, cards, deaths, restarts } = self;
        write!(
            f,
            "{messages} messages about {visits} visits, sent {sendings} times, {acknowledged} acknowledged; {cards} \
             cards shown after {attempts} attempts; {deaths} crashes, {restarts} restarts"
        )
    }
}

impl World {
    /// Counts what is counted at the end.
    pub(super) fn count(&mut self) {
        self.figures.visits = self.diaries.iter().map(|diary| diary.visits.len() as u64).sum();
        self.figures.cards = self.platforms.iter().map(|platform| platform.cards.len() as u64).sum();
    }
}
