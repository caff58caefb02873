//! Claiming cards that wait in the outbox: due again, left over, or left behind by a process that died.

use crate::Result;
use crate::decide::redecide;
use crate::deliver::enqueue::{card_of, send_or_wait, wait_in_outbox, wished_by};
use crate::deliver::withdraw;
use crate::scribe::Batch;
use domain::gates::WakeKey;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::ledger::Cause;
use domain::setup::Lifecycle;
use domain::text::Text;
use domain::time::Moment;
use store::AppointmentRow;

/// What a sweep found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Swept {
    /// Cards that went on their way.
    pub(crate) sent: usize,
    /// There was no room for more, or an endpoint rests: not before this.
    pub(crate) not_before: Option<Moment>,
    /// As many were due as were asked for, so there may be more.
    pub(crate) more: bool,
    /// Integrations behind this one have not had their turn.
    pub(crate) turn: Option<IntegrationKey>,
}

impl Swept {
    /// Something rests until then.
    fn rests_until(&mut self, not_before: Moment) {
        self.not_before = Some(self.not_before.map_or(not_before, |known| known.min(not_before)));
    }
}

/// So many integrations are looked at in one batch.
const TURNS: usize = 64;

/// Claims up to `limit` cards that are due, in turns: some of each integration, from the first behind `after` on. Cards
/// of an endpoint that rests stay where they are and are not looked at, however many they are: they stand in nobody's
/// way.
pub(crate) fn claim_visible(batch: &mut Batch<'_>, limit: usize, after: Option<IntegrationKey>) -> Result<Swept> {
    let now = batch.now;
    let turns = batch.reader().outbox_turns(now, after, TURNS)?;
    let mut swept =
        Swept { sent: 0, not_before: None, more: false, turn: turns.last().copied().filter(|_| turns.len() == TURNS) };
    let mut turns: Vec<IntegrationKey> = turns.into_iter().filter(|key| !rests(batch, *key, &mut swept)).collect();
    if turns.len() > limit {
        turns.truncate(limit);
        swept.turn = turns.last().copied();
    }
    let each = limit.checked_div(turns.len()).unwrap_or(0).max(1);
    let due = batch.reader().outbox_visible(now, &turns, each)?;
    swept.more = turns.iter().any(|turn| due.iter().filter(|waiting| waiting.key.integration == *turn).count() == each);
    for waiting in due {
        let Some(before) = batch.reader().appointment(&waiting.key)? else {
            batch.writer().delete_outbox(waiting.key.integration, waiting.visible_at, waiting.entry)?;
            continue;
        };
        let integration = batch.book().get(waiting.key.integration).cloned();
        let endpoint = integration.as_ref().and_then(|integration| integration.endpoint.as_ref());
        // A row that its appointment no longer wishes for has been overtaken.
        let (Some(integration), true) = (&integration, before.wished == Some(waiting.entry)) else {
            batch.writer().delete_outbox(waiting.key.integration, waiting.visible_at, waiting.entry)?;
            continue;
        };
        let mut row = before.clone();
        row.outbox_at = Some(waiting.visible_at);
        let live = integration.rules.lifecycle == Lifecycle::Live;
        let Some(endpoint) = endpoint.filter(|_| live && before.judgement.shows()) else {
            keep_back(batch, &waiting.key, &before, row)?;
            continue;
        };
        // A restart makes everything visible. What was waiting for its next attempt goes on waiting: neither the
        // schedule nor the patience that the platform asked for is cut short.
        if let (Some(due), None) = (before.delivery.next_at.filter(|due| *due > now), before.lease) {
            wait_in_outbox(batch, &waiting.key, &mut row, waiting.entry, waiting.version, due)?;
            batch.writer().put_appointment(&waiting.key, Some(&before), &row)?;
            continue;
        }
        if let Err(not_before) = batch.courier.could_carry(endpoint, now) {
            swept.rests_until(not_before);
            continue;
        }
        let Some(wish) = wished_by(batch, waiting.entry)? else { continue };
        let shown = match before.shown {
            Some(shown) => card_of(batch, shown)?,
            None => None,
        };
        // Whoever held a lease is gone or late, and its fence is old.
        release_lost_lease(batch, &mut row);
        let parcels = batch.effects.parcels.len();
        send_or_wait(batch, endpoint, &waiting.key, &mut row, wish, shown.as_ref())?;
        swept.sent += batch.effects.parcels.len() - parcels;
        if row != before {
            batch.writer().put_appointment(&waiting.key, Some(&before), &row)?;
        }
    }
    Ok(swept)
}

/// Whether nothing goes to the endpoint of an integration for a while. One that is not live, or has none, does not
/// rest: its cards are to leave the outbox.
fn rests(batch: &Batch<'_>, key: IntegrationKey, swept: &mut Swept) -> bool {
    let book = batch.book();
    let live = book.get(key).filter(|integration| integration.rules.lifecycle == Lifecycle::Live);
    let Some(endpoint) = live.and_then(|integration| integration.endpoint.as_ref()) else { return false };
    match batch.courier.could_carry(endpoint, batch.now) {
        Ok(()) => false,
        Err(not_before) => {
            swept.rests_until(not_before);
            true
        }
    }
}

/// The visible time of a lease has passed with it, or its process has: what came of that attempt nobody will tell.
fn release_lost_lease(batch: &Batch<'_>, row: &mut AppointmentRow) {
    let held = row.lease.filter(|lease| lease.until > batch.now && lease.owner == batch.node);
    if row.lease.is_some() && held.is_none() {
        row.delivery.lose_outcome();
    }
    row.lease = held;
}

/// A card that must not go (any more) leaves the outbox. A visit that does not know yet that its integration is paused
/// is told: what waits for the integration is decided again when it is resumed.
fn keep_back(
    batch: &mut Batch<'_>,
    key: &AppointmentKey,
    before: &AppointmentRow,
    mut row: AppointmentRow,
) -> Result<()> {
    release_lost_lease(batch, &mut row);
    withdraw(batch, key, &mut row)?;
    batch.writer().put_appointment(key, Some(before), &row)?;
    if row.judgement.shows() {
        let why = Text::literal("the integration takes nothing to the platform now");
        redecide(batch, key, &Cause::Wake { key: Text::from(WakeKey::Integration.to_string()), why })?;
    }
    Ok(())
}
