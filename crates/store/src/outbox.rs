//! The outbox: cards to be delivered, at most one row an appointment.

use crate::Result;
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::time::Moment;

/// A card to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// The decision that wished for it.
    pub entry: EntryId,
    /// Whose.
    pub key: AppointmentKey,
    /// Its version.
    pub version: u32,
    /// Not before this: the next attempt, or the end of the lease under which it is being sent.
    pub visible_at: Moment,
    /// Since when it is wished for.
    pub since: Moment,
}

impl OutboxRow {
    /// The visible time of a card that was accepted and awaits the platform's receipt: it is not sent again.
    pub const NEVER: Moment = Moment::from_micros(i64::MAX);
}

/// Reading the outbox.
pub trait OutboxReads {
    /// Integrations that have cards that may be claimed now, in the order of their numbers, from the first behind
    /// `after` on. What it costs depends on how many integrations have cards that wait, not on how many cards do.
    fn outbox_turns(&mut self, now: Moment, after: Option<IntegrationKey>, limit: usize)
    -> Result<Vec<IntegrationKey>>;

    /// Cards of these integrations that may be claimed now: one integration after the other, in each longest due first,
    /// and of each up to a number.
    fn outbox_visible(&mut self, now: Moment, integrations: &[IntegrationKey], each: usize) -> Result<Vec<OutboxRow>>;

    /// When the next card becomes visible; [`OutboxRow::NEVER`] when all await receipts. What it costs depends on how
    /// many integrations have cards that wait, at most.
    fn next_outbox(&mut self) -> Result<Option<Moment>>;

    /// How many cards wait, counted up to `limit`.
    fn outbox_depth(&mut self, limit: usize) -> Result<usize>;

    /// Cards of an integration that have been wished for since before a moment, with their number; oldest first.
    fn outbox_older_than(&mut self, integration: IntegrationKey, since: Moment, limit: usize)
    -> Result<Vec<OutboxRow>>;
}

/// Changing the outbox.
pub trait OutboxWrites {
    /// Adds a card.
    fn put_outbox(&mut self, row: &OutboxRow) -> Result<()>;

    /// Takes a card of an integration off. The time under which it stands is part of its place.
    fn delete_outbox(&mut self, integration: IntegrationKey, visible_at: Moment, entry: EntryId) -> Result<()>;

    /// Makes every card visible at once: what a former process was sending when it died. Only for stores that a single
    /// process uses.
    fn reclaim_outbox(&mut self, now: Moment) -> Result<usize>;
}
