//! A decision wishes for a card: the outbox remembers, and if there is room the card goes at once.

use crate::Result;
use crate::decide::settled;
use crate::deliver::Parcel;
use crate::deliver::parcel::event_id;
use crate::scribe::Batch;
use crate::setup::{Endpoint, Integration};
use domain::decide::{Decision, DeliveryState, Judgement, changed_parts, event_type};
use domain::gates::WakeKey;
use domain::ids::{AppointmentKey, EntryId};
use domain::ledger::{Cause, Entry};
use domain::model::Card;
use domain::setup::Lifecycle;
use domain::time::Moment;
use std::sync::Arc;
use store::{AppointmentRow, Lease, OutboxRow, Stop};

/// A lease outlasts the carrier's time limit by this, so that a living process always finishes first.
const LEASE_MARGIN_SECS: i64 = 15;

/// The wish of `decision` (stored under `entry`) replaces whatever was wished for before; people have been waiting for
/// it `since` then.
#[allow(clippy::too_many_arguments, reason = "each is needed, and none belongs with another")]
pub(crate) fn enqueue(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
    entry: EntryId,
    decision: &Decision,
    cause: &Cause,
    since: Moment,
) -> Result<()> {
    let Some(card) = decision.card() else { return Ok(()) };
    leave_outbox(batch, key, row)?;
    clear_failure(batch, integration, key, row)?;
    row.wished = Some(entry);
    row.delivery.want(decision.version, since);
    let Some(endpoint) = &integration.endpoint else { return Ok(()) };
    let shown = match row.shown {
        Some(shown) => card_of(batch, shown)?,
        None => None,
    };
    let wish = WishedCard {
        entry,
        version: decision.version,
        at: decision.at,
        cause: cause.clone(),
        card: Arc::new(card.clone()),
    };
    send_or_wait(batch, endpoint, key, row, wish, shown.as_ref())
}

/// A card that is wished for, with what a parcel tells about it.
pub(super) struct WishedCard {
    pub(super) entry: EntryId,
    pub(super) version: u32,
    pub(super) at: Moment,
    pub(super) cause: Cause,
    pub(super) card: Arc<Card>,
}

/// Sends a wished card now, if nobody is sending for this appointment and there is room; else it waits in the outbox.
pub(super) fn send_or_wait(
    batch: &mut Batch<'_>,
    endpoint: &Arc<Endpoint>,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
    wish: WishedCard,
    shown: Option<&Card>,
) -> Result<()> {
    let now = batch.now;
    // Whoever replaces what it holds by what it is sent must not lose its own people.
    let wish = match &row.portal {
        Some(portal) => WishedCard { card: Arc::new(wish.card.under(portal)), ..wish },
        None => wish,
    };
    if let Some(lease) = row.lease.filter(|lease| lease.until > now) {
        return wait_in_outbox(batch, key, row, wish.entry, wish.version, lease.until);
    }
    if let Err(not_before) = batch.courier.reserve(endpoint, now) {
        // Whoever frees a place, or the rest of a closed endpoint, rings for the sweep.
        batch.effects.left_to_others |= batch.courier.carries_nothing();
        return wait_in_outbox(batch, key, row, wish.entry, wish.version, not_before);
    }
    let until = now.plus_secs(i64::from(endpoint.rules.timeout_secs) + LEASE_MARGIN_SECS);
    row.fence += 1;
    row.lease = Some(Lease { owner: batch.node, fence: row.fence, until, entry: wish.entry, version: wish.version });
    row.delivery.state = DeliveryState::Sending;
    row.delivery.next_at = None;
    if let Err(error) = wait_in_outbox(batch, key, row, wish.entry, wish.version, until) {
        batch.courier.cancel(endpoint);
        return Err(error);
    }
    batch.effects.parcels.push(Parcel {
        endpoint: endpoint.clone(),
        id: event_id(key, wish.version),
        key: key.clone(),
        entry: wish.entry,
        version: wish.version,
        fence: row.fence,
        until,
        attempt: row.delivery.attempts + 1,
        event: event_type(shown, &wish.card),
        at: wish.at,
        cause: wish.cause,
        changed: shown.map_or_else(Vec::new, |shown| changed_parts(shown, &wish.card)),
        card: wish.card,
    });
    Ok(())
}

/// The visit is stopped: what was wished for and has not arrived goes no further. A card that certainly nobody has seen
/// is taken back; one that the platform may have is kept back, so that it goes on, or its end is told, later.
pub(crate) fn withdraw(batch: &mut Batch<'_>, key: &AppointmentKey, row: &mut AppointmentRow) -> Result<()> {
    let Some(wished) = row.wished.filter(|_| row.delivery.is_open()) else { return Ok(()) };
    if let Some(lease) = row.lease.filter(|lease| lease.until > batch.now) {
        // What is on the wire cannot be called back, and its outcome will tell; what is still in hand stays here.
        if lease.owner == batch.node {
            batch.courier.recall(key, lease.fence);
        }
        let wanted = row.delivery.wanted;
        return wait_in_outbox(batch, key, row, wished, wanted, lease.until);
    }
    if row.lease.take().is_some() {
        row.delivery.lose_outcome();
    }
    leave_outbox(batch, key, row)?;
    if row.delivery.hold_back() {
        row.wished = None;
    }
    Ok(())
}

/// Nothing stops the visit any more, and the card that was kept back is still the one to show: it goes on under its
/// version and id, so that a platform that has it already recognises the repetition.
pub(crate) fn resume(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
    since: Moment,
) -> Result<()> {
    let kept_back = row.delivery.is_open() && row.outbox_at.is_none() && row.lease.is_none();
    match row.wished.filter(|_| kept_back) {
        Some(wished) => send_again(batch, integration, key, row, wished, since).map(|_| ()),
        None => Ok(()),
    }
}

/// Sends a card that was wished for before, from the first attempt on. `false`: there is nowhere to send it to.
fn send_again(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
    wished: EntryId,
    since: Moment,
) -> Result<bool> {
    let (Some(endpoint), Some(wish)) = (&integration.endpoint, wished_by(batch, wished)?) else { return Ok(false) };
    clear_failure(batch, integration, key, row)?;
    row.delivery.want(wish.version, since);
    let shown = match row.shown {
        Some(shown) => card_of(batch, shown)?,
        None => None,
    };
    send_or_wait(batch, endpoint, key, row, wish, shown.as_ref())?;
    Ok(true)
}

/// Has a card stand in the outbox under a time, and nowhere else.
pub(super) fn wait_in_outbox(
    batch: &mut Batch<'_>,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
    entry: EntryId,
    version: u32,
    visible_at: Moment,
) -> Result<()> {
    if let Some(at) = row.outbox_at.filter(|at| *at != visible_at) {
        batch.writer().delete_outbox(key.integration, at, entry)?;
    }
    row.outbox_at = Some(visible_at);
    let since = row.delivery.since;
    Ok(batch.writer().put_outbox(&OutboxRow { entry, key: key.clone(), version, visible_at, since })?)
}

/// Takes the card that was last wished for off the outbox.
pub(super) fn leave_outbox(batch: &mut Batch<'_>, key: &AppointmentKey, row: &mut AppointmentRow) -> Result<()> {
    if let (Some(at), Some(wished)) = (row.outbox_at.take(), row.wished) {
        batch.writer().delete_outbox(key.integration, at, wished)?;
    }
    Ok(())
}

/// A delivery that was given up is tried anew: it stops nothing any more.
pub(crate) fn clear_failure(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
) -> Result<()> {
    if let Some(reason) = row.delivery.stopped_by.take() {
        let now = batch.now;
        let stop = Stop { reason, subject: integration.rules.integration.clone() };
        batch.writer().delete_stop(key, &stop, now)?;
        if row.judgement == Judgement::Show {
            batch.writer().delete_wait(key, &WakeKey::Integration.to_string())?;
        }
    }
    Ok(())
}

/// Tries a delivery that was given up again, under the same version and id: repeating is safe.
pub(crate) fn redrive(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
) -> Result<bool> {
    let Some(wished) = row.wished.filter(|_| row.delivery.state == DeliveryState::Failed) else { return Ok(false) };
    let now = batch.now;
    send_again(batch, integration, key, row, wished, now)
}

/// Tries a delivery again that the platform took and never confirmed, under the same version and id. `false`: there is
/// none.
pub(crate) fn remind(batch: &mut Batch<'_>, key: &AppointmentKey) -> Result<bool> {
    let Some(before) = batch.reader().appointment(key)? else { return Ok(false) };
    let unconfirmed = before.outbox_at == Some(OutboxRow::NEVER) && before.judgement.shows();
    let integration = batch.integration(key.integration)?;
    let live = integration.rules.lifecycle == Lifecycle::Live;
    let Some(wished) = before.wished.filter(|_| unconfirmed && live) else { return Ok(false) };
    let mut row = before.clone();
    let since = row.delivery.since;
    if !send_again(batch, &integration, key, &mut row, wished, since)? {
        return Ok(false);
    }
    settled(&integration, &mut row);
    batch.writer().put_appointment(key, Some(&before), &row)?;
    batch.tell(key);
    Ok(true)
}

/// The card that a stored decision wished for.
pub(crate) fn card_of(batch: &mut Batch<'_>, entry: EntryId) -> Result<Option<Card>> {
    Ok(wished_by(batch, entry)?.map(|wish| Arc::unwrap_or_clone(wish.card)))
}

/// What a stored decision wished for.
pub(super) fn wished_by(batch: &mut Batch<'_>, entry: EntryId) -> Result<Option<WishedCard>> {
    let Some(stored) = batch.reader().entry(entry)? else { return Ok(None) };
    let Entry::Decided { cause, decision } = stored.entry else { return Ok(None) };
    let (version, at) = (decision.version, decision.at);
    Ok(decision.card().map(|card| WishedCard { entry, version, at, cause, card: Arc::new(card.clone()) }))
}
