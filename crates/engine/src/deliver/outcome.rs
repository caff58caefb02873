//! The outcome of an attempt: recorded, and followed up.

use crate::decide::settled;
use crate::deliver::enqueue::{card_of, clear_failure, leave_outbox, send_or_wait, wait_in_outbox, wished_by};
use crate::deliver::schedule::next_attempt;
use crate::deliver::{Answer, Parcel, withdraw};
use crate::notify::queue_for_patients;
use crate::scribe::{Batch, Work};
use crate::setup::{Changed, Integration};
use crate::{Error, Result};
use domain::decide::DeliveryState;
use domain::gates::WakeKey;
use domain::ids::AppointmentKey;
use domain::ledger::{Attempt, Entry};
use domain::model::Card;
use domain::profile::Confirmation;
use domain::reasons::Reason;
use domain::setup::PatientNotices;
use domain::text::Text;
use domain::time::Moment;
use store::{AppointmentRow, Hints, OutboxRow, Stop, WakeScope};

/// The outcome of one attempt, as work for the scribe.
pub(super) struct Outcome {
    parcel: Parcel,
    /// `None`: it was called back before it set out.
    answer: Option<Answer>,
    chance: f64,
}

impl Outcome {
    pub(super) fn new(parcel: Parcel, answer: Answer, chance: f64) -> Outcome {
        Outcome { parcel, answer: Some(answer), chance }
    }

    /// The parcel never set out.
    pub(super) fn unsent(parcel: Parcel) -> Outcome {
        Outcome { parcel, answer: None, chance: 0.0 }
    }
}

impl Work for Outcome {
    fn hints(&self, hints: &mut Hints) {
        hints.appointments.push(self.parcel.key.clone());
    }

    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()> {
        let Parcel { key, fence, .. } = &self.parcel;
        batch.courier.forget_recall(key, *fence);
        match &self.answer {
            Some(answer) => record(batch, &self.parcel, answer, self.chance),
            None => put_back(batch, &self.parcel),
        }
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        if let Err(error) = outcome {
            // The lease runs out and the card is sent again under the same id: the platform recognises the repetition.
            tracing::error!(error = &error as &dyn std::error::Error, "the outcome of a delivery could not be stored");
        }
    }
}

/// A parcel that never set out leaves no trace. When its card is still to be shown, it waits for its turn again.
fn put_back(batch: &mut Batch<'_>, parcel: &Parcel) -> Result<()> {
    let Some(before) = batch.reader().appointment(&parcel.key)? else { return Ok(()) };
    if before.lease.is_none_or(|lease| lease.fence != parcel.fence) {
        return Ok(());
    }
    let mut row = before.clone();
    row.lease = None;
    if let Some(wished) = row.wished.filter(|_| row.judgement.shows() && row.delivery.is_open()) {
        let (wanted, now) = (row.delivery.wanted, batch.now);
        row.delivery.state = DeliveryState::Queued;
        wait_in_outbox(batch, &parcel.key, &mut row, wished, wanted, now)?;
        batch.effects.outbox = true;
    } else {
        withdraw(batch, &parcel.key, &mut row)?;
    }
    batch.writer().put_appointment(&parcel.key, Some(&before), &row)?;
    batch.tell(&parcel.key);
    Ok(())
}

fn record(batch: &mut Batch<'_>, parcel: &Parcel, answer: &Answer, chance: f64) -> Result<()> {
    let Some(before) = batch.reader().appointment(&parcel.key)? else { return Ok(()) };
    let integration = batch.integration(parcel.key.integration)?;
    let mut row = before.clone();
    // An outcome under an old fence comes from a worker whose lease ran out. What the platform accepted is true all the
    // same; anything else is the business of whoever holds the lease now.
    let in_time = row.lease.is_some_and(|lease| lease.fence == parcel.fence);
    if in_time {
        row.lease = None;
    }
    let wished_for = row.wished == Some(parcel.entry);
    // Who answers "not now" may have begun; who does not answer may be done. Nobody there, or a refusal, is certain.
    row.delivery.maybe_shown |=
        matches!(answer, Answer::Accepted { .. } | Answer::Again { .. } | Answer::Unknown { .. });
    let state = match answer {
        Answer::Accepted { platform_id, .. } => {
            accepted(batch, &integration, &mut row, parcel, platform_id.as_ref(), wished_for)?
        }
        _ if !in_time => return Ok(()),
        // A newer version replaces this one, so there is nothing to try again; it goes next.
        _ if !wished_for => DeliveryState::Retrying,
        Answer::Refused { .. } => failed(batch, &mut row, parcel, Reason::PlatformRefused)?,
        Answer::Gone => gone(batch, &integration, &mut row, parcel, chance)?,
        Answer::Again { retry_after_secs, .. } => {
            again(batch, &integration, &mut row, parcel, *retry_after_secs, chance, DeliveryState::Retrying)?
        }
        Answer::Unreachable { .. } => {
            again(batch, &integration, &mut row, parcel, None, chance, DeliveryState::Retrying)?
        }
        Answer::Unknown { .. } => again(batch, &integration, &mut row, parcel, None, chance, DeliveryState::Unknown)?,
    };
    if wished_for {
        row.delivery.last_answer = Some(words(answer));
    }
    let attempt = Attempt {
        version: parcel.version,
        number: parcel.attempt,
        state,
        answer: words(answer),
        next_at: if wished_for { row.delivery.next_at } else { None },
        stopped_by: if wished_for { row.delivery.stopped_by } else { None },
        platform_id: match answer {
            Answer::Accepted { platform_id, .. } => platform_id.clone(),
            _ => None,
        },
        told: None,
    };
    let attempt =
        Attempt { told: who_tells(batch, &integration, &parcel.key, &mut row, Some(&parcel.card))?, ..attempt };
    append(batch, &parcel.key, &mut row, &Entry::Attempted(attempt))?;
    if !row.judgement.shows() {
        withdraw(batch, &parcel.key, &mut row)?;
    } else if in_time && !wished_for {
        send_next(batch, &integration, &parcel.key, &mut row)?;
    }
    settled(&integration, &mut row);
    batch.writer().put_appointment(&parcel.key, Some(&before), &row)?;
    batch.tell(&parcel.key);
    Ok(())
}

fn words(answer: &Answer) -> Text {
    match answer {
        Answer::Accepted { answer, .. }
        | Answer::Refused { answer }
        | Answer::Again { answer, .. }
        | Answer::Unreachable { answer }
        | Answer::Unknown { answer } => answer.clone(),
        Answer::Gone => Text::literal("410 Gone"),
    }
}

fn accepted(
    batch: &mut Batch<'_>,
    integration: &Integration,
    row: &mut AppointmentRow,
    parcel: &Parcel,
    platform_id: Option<&Text>,
    wished_for: bool,
) -> Result<DeliveryState> {
    if parcel.version > row.delivery.accepted {
        row.delivery.accepted = parcel.version;
        row.shown = Some(parcel.entry);
    }
    if let Some(id) = platform_id {
        row.delivery.platform_id = Some(id.clone());
    }
    // An answer that names the card confirms it, unless this platform confirms by receipts or reading back only. A card
    // that was named once stays named: later versions of it need not repeat the id.
    let named = platform_id.is_some() || row.delivery.platform_id.is_some();
    let confirms = match integration.rules.platform.confirmed_by {
        Confirmation::PlatformId | Confirmation::Nothing => named,
        Confirmation::Receipt | Confirmation::ReadBack => false,
    };
    let state = if confirms { DeliveryState::Confirmed } else { DeliveryState::Accepted };
    if wished_for {
        row.delivery.state = state;
        row.delivery.attempts = parcel.attempt;
        row.delivery.confirmed_at = Some(batch.now);
        row.delivery.next_at = None;
        clear_failure(batch, integration, &parcel.key, row)?;
        if row.delivery.is_done(integration.rules.platform.confirmed_by) {
            leave_outbox(batch, &parcel.key, row)?;
        } else {
            // Accepted, and a receipt is still to come: it stays listed as being on its way, and is not sent again.
            wait_in_outbox(batch, &parcel.key, row, parcel.entry, parcel.version, OutboxRow::NEVER)?;
        }
    }
    Ok(state)
}

fn again(
    batch: &mut Batch<'_>,
    integration: &Integration,
    row: &mut AppointmentRow,
    parcel: &Parcel,
    retry_after_secs: Option<u32>,
    chance: f64,
    state: DeliveryState,
) -> Result<DeliveryState> {
    let rules = &integration.rules.platform.delivery;
    row.delivery.attempts = parcel.attempt;
    if !row.judgement.shows() {
        // Something stops the visit meanwhile: it is not tried again before that has ended.
        row.delivery.state = state;
        return Ok(state);
    }
    match next_attempt(rules, parcel.attempt, retry_after_secs, chance, batch.now) {
        Some(next_at) => {
            row.delivery.state = state;
            row.delivery.next_at = Some(next_at);
            wait_in_outbox(batch, &parcel.key, row, parcel.entry, parcel.version, next_at)?;
            batch.effects.outbox = true;
            Ok(state)
        }
        None => failed(batch, row, parcel, Reason::DeliveryExhausted),
    }
}

/// Given up: a person must act, and whatever changes about the integration is a reason to try again.
fn failed(batch: &mut Batch<'_>, row: &mut AppointmentRow, parcel: &Parcel, reason: Reason) -> Result<DeliveryState> {
    row.delivery.state = DeliveryState::Failed;
    row.delivery.attempts = parcel.attempt;
    row.delivery.stopped_by = Some(reason);
    row.delivery.next_at = None;
    let now = batch.now;
    leave_outbox(batch, &parcel.key, row)?;
    let writer = batch.writer();
    writer.put_wait(&parcel.key, &WakeKey::Integration.to_string())?;
    let stop = Stop { reason, subject: parcel.endpoint.integration.clone() };
    writer.put_stop(&parcel.key, &stop, row.start, now)?;
    Ok(DeliveryState::Failed)
}

/// 410: the endpoint takes no more. The integration remembers, and every visit still to come is decided again.
fn gone(
    batch: &mut Batch<'_>,
    integration: &Integration,
    row: &mut AppointmentRow,
    parcel: &Parcel,
    chance: f64,
) -> Result<DeliveryState> {
    if !endpoint_is_gone(batch, integration, &parcel.endpoint.url)? {
        // It had set out before there was another address.
        return again(batch, integration, row, parcel, None, chance, DeliveryState::Retrying);
    }
    failed(batch, row, parcel, Reason::PlatformEndpointGone)
}

/// Whoever answered at this address takes no more. Whether that is the address still.
pub(crate) fn endpoint_is_gone(batch: &mut Batch<'_>, integration: &Integration, url: &Text) -> Result<bool> {
    let now = batch.now;
    let stored = batch.reader().integration(&integration.rules.integration)?;
    let mut stored =
        stored.ok_or_else(|| Error::NotFound { what: "integration", id: integration.rules.integration.clone() })?;
    if stored.document.platform.url.as_ref() != Some(url) {
        return Ok(false);
    }
    if stored.gone_since.is_none() {
        stored.gone_since = Some(now);
        stored.version += 1;
        stored.changed_at = now;
        let practice = stored.key.practice;
        batch.writer().put_integration(practice, &stored, false)?;
        let why = "the platform's endpoint answered that it is gone";
        batch.writer().fire(stored.key, &WakeKey::Integration.to_string(), WakeScope::Upcoming, why, now)?;
        batch.effects.fired = true;
        batch.refresh_book(&Changed::integration(&integration.rules.integration))?;
    }
    Ok(true)
}

/// The version that was waiting for this one's outcome goes now.
fn send_next(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
) -> Result<()> {
    let Some(next) = row.wished.filter(|_| row.delivery.accepted < row.delivery.wanted) else { return Ok(()) };
    let (Some(endpoint), Some(wish)) = (&integration.endpoint, wished_by(batch, next)?) else { return Ok(()) };
    let shown = match row.shown {
        Some(shown) => card_of(batch, shown)?,
        None => None,
    };
    send_or_wait(batch, endpoint, key, row, wish, shown.as_ref())
}

/// Once a card is confirmed, whoever tells the patient may: who that is is settled the first time (requirement S0-3),
/// and what is worth telling becomes due. `card`: the card that was confirmed, where it is at hand.
fn who_tells(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
    card: Option<&Card>,
) -> Result<Option<Text>> {
    let ours = integration.rules.patient_notices == PatientNotices::Punctual;
    let settled = row.told && !ours;
    if settled || !row.delivery.is_done(integration.rules.platform.confirmed_by) {
        return Ok(None);
    }
    let stored = match (card, row.shown) {
        (None, Some(shown)) => card_of(batch, shown)?,
        _ => None,
    };
    let Some(card) = card.or(stored.as_ref()) else { return Ok(None) };
    let due = match ours {
        true => queue_for_patients(batch, key, card, row.delivery.wanted, row.known)?,
        false => Vec::new(),
    };
    if let Some(kind) = due.first() {
        row.told = true;
        return Ok(Some(Text::from(format!("A notice to the patient is due from Punctual: {}.", kind.word()))));
    }
    if std::mem::replace(&mut row.told, true) {
        return Ok(None);
    }
    Ok(Some(Text::literal(if card.test {
        "A test visit: nobody is told."
    } else if card.status.is_ended() {
        "The visit had already ended: nobody is told."
    } else if row.known.is_some() {
        "The visit was in the diary before the integration went live: nobody is told."
    } else {
        match integration.rules.patient_notices {
            PatientNotices::Platform => "The platform tells the patient.",
            PatientNotices::Punctual => "The visit has begun, or its time is not known: nobody is told.",
            PatientNotices::Off => "Nobody tells the patient: notices are switched off for this integration.",
        }
    })))
}

fn append(batch: &mut Batch<'_>, key: &AppointmentKey, row: &mut AppointmentRow, entry: &Entry) -> Result<()> {
    let id = batch.entry_id_after(Some(row.last));
    let now: Moment = batch.now;
    batch.writer().put_entry(key, id, Some(row.last), now, entry)?;
    row.last = id;
    Ok(())
}

/// A receipt: the platform says itself what it shows.
pub(crate) fn confirm_by_receipt(
    batch: &mut Batch<'_>,
    key: &AppointmentKey,
    version: u32,
    platform_id: Option<Text>,
    told: Option<Text>,
) -> Result<bool> {
    let Some(before) = batch.reader().appointment(key)? else { return Ok(false) };
    let integration = batch.integration(key.integration)?;
    let mut row = before.clone();
    if let Some(id) = &platform_id {
        row.delivery.platform_id = Some(id.clone());
    }
    if version == row.delivery.wanted {
        row.delivery.accepted = version;
        row.delivery.state = DeliveryState::Confirmed;
        row.delivery.confirmed_at = Some(batch.now);
        row.delivery.next_at = None;
        row.shown = row.wished;
        leave_outbox(batch, key, &mut row)?;
    }
    append(batch, key, &mut row, &Entry::Receipt { version, platform_id, told })?;
    if let Some(how) = who_tells(batch, &integration, key, &mut row, None)? {
        append(batch, key, &mut row, &Entry::Told { how })?;
    }
    settled(&integration, &mut row);
    batch.writer().put_appointment(key, Some(&before), &row)?;
    batch.tell(key);
    Ok(true)
}
