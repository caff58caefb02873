//! Storing a decision with everything that follows from it, in one batch.

use crate::Result;
use crate::decide::load_people;
use crate::deliver::{card_of, clear_failure, enqueue, resume, withdraw};
use crate::ingest::series_fact;
use crate::notify::{look_again, queue_for_owner};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::decide::{Decision, Delivery, DeliveryState, Judgement, Verdict, Wish, decide, settle};
use domain::gates::{Finding, Snapshot, Standing, WakeKey};
use domain::ids::{AppointmentKey, EntryId};
use domain::ledger::{Cause, Entry};
use domain::model::{Appointment, Card, TakenOver};
use domain::notice::PatientTold;
use domain::reasons::Reason;
use domain::status::Status;
use std::sync::Arc;
use store::{AppointmentRow, Stop};

/// An appointment as it was before.
pub(crate) struct Before {
    pub(crate) row: AppointmentRow,
    pub(crate) decision: Box<Decision>,
}

/// What came of deciding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    /// The verdict now.
    pub(crate) verdict: Verdict,
    /// Its primary reason.
    pub(crate) reason: Option<Reason>,
    /// The visit's status now.
    pub(crate) status: Status,
    /// Something was written.
    pub(crate) stored: bool,
    /// It is to be shown, and its delivery was given up.
    pub(crate) given_up: bool,
}

impl Decided {
    fn of(row: &AppointmentRow, status: Status, stored: bool) -> Decided {
        let shows = row.judgement.shows();
        Decided {
            verdict: row.verdict,
            reason: row.reason,
            status,
            stored,
            given_up: shows && row.delivery.state == DeliveryState::Failed,
        }
    }
}

/// Loads an appointment with its newest decision.
pub(crate) fn load_before(batch: &mut Batch<'_>, key: &AppointmentKey) -> Result<Option<Before>> {
    let Some(row) = batch.reader().appointment(key)? else { return Ok(None) };
    let stored = batch.reader().entry(row.decided)?;
    match stored.map(|stored| stored.entry) {
        Some(Entry::Decided { decision, .. }) => Ok(Some(Before { row, decision })),
        _ => Err(store::Error::Unreadable { what: "appointment", why: "its decision is not in the ledger".to_owned() }
            .into()),
    }
}

/// Decides on an appointment and stores what follows. `changed`: the appointment itself is not as it was.
pub(crate) fn commit_decision(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    key: &AppointmentKey,
    before: Option<Before>,
    appointment: &Appointment,
    changed: bool,
    cause: Cause,
) -> Result<Decided> {
    let asked_for = match &before {
        Some(before) => last_card(batch, before)?,
        None => None,
    };
    let decision = make_decision(batch, integration, before.as_ref(), asked_for.as_ref(), appointment, changed)?;
    if let Some(before) = before.as_ref().filter(|before| !changed && nothing_new(&before.decision, &decision)) {
        return Ok(Decided::of(&before.row, decision.status, false));
    }
    let entry = batch.entry_id_after(before.as_ref().map(|before| before.row.last));
    let mut row = next_row(before.as_ref(), &decision, entry);
    if row.delivery.stopped_by == Some(Reason::PlatformEndpointGone) && integration.rules.gone_since.is_none() {
        forget_old_address(batch, integration, key, &mut row, &decision)?;
    }
    let stopped_by = row.delivery.stopped_by;
    let given_up = stopped_by.map(|reason| Stop { reason, subject: integration.rules.integration.clone() });
    update_waits(
        batch,
        integration,
        key,
        before.as_ref().map(|before| &*before.decision),
        &decision,
        given_up.as_ref(),
    )?;
    update_participants(batch, key, before.as_ref().map(|before| &before.decision.appointment), &decision.appointment)?;
    update_series(batch, key, before.as_ref().map(|before| &before.decision.appointment), &decision.appointment)?;
    if decision.judgement.shows() {
        let judged = before.as_ref().map(|before| (before.row.judgement, &before.row.delivery));
        let since = Delivery::waiting_since(integration.rules.platform.confirmed_by, judged, &decision);
        match decision.card() {
            Some(_) => enqueue(batch, integration, key, &mut row, entry, &decision, &cause, since)?,
            None => resume(batch, integration, key, &mut row, since)?,
        }
    } else {
        withdraw(batch, key, &mut row)?;
    }
    settled(integration, &mut row);
    let now = batch.now;
    let prev = before.as_ref().map(|before| before.row.last);
    let status = decision.status;
    batch.writer().put_entry(key, entry, prev, now, &Entry::Decided { cause, decision: Box::new(decision) })?;
    batch.writer().put_appointment(key, before.as_ref().map(|before| &before.row), &row)?;
    batch.tell(key);
    Ok(Decided::of(&row, status, true))
}

/// The card last asked for.
fn last_card(batch: &mut Batch<'_>, before: &Before) -> Result<Option<Card>> {
    match before.row.wished {
        None => Ok(None),
        Some(wished) if wished == before.row.decided => Ok(before.decision.card().cloned()),
        Some(wished) => card_of(batch, wished),
    }
}

fn make_decision(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    before: Option<&Before>,
    asked_for: Option<&Card>,
    appointment: &Appointment,
    changed: bool,
) -> Result<Decision> {
    let (marks, batch_now) = (batch.marks(integration), batch.now);
    // After a store was put back from an older copy no version is given a second time.
    let version = before.map_or(0, |before| before.decision.version).max(batch.book().version_floor);
    let portal = before.and_then(|before| before.row.portal.as_deref());
    let standing = Standing { card: asked_for, portal };
    let mut accounts = load_people(batch.reader(), integration, appointment, batch_now)?;
    let decided = {
        let people = accounts.people(appointment);
        decide(&Snapshot::new(&integration.rules, marks, appointment, &people, standing), asked_for, version, changed)
    };
    let shows = decided.judgement.shows();
    if !(shows && integration.rules.platform.patient.must_be_linked && accounts.anybody_lacks_account()) {
        return Ok(decided);
    }
    accounts.create_lacking(batch, integration, appointment)?;
    let people = accounts.people(appointment);
    Ok(decide(&Snapshot::new(&integration.rules, marks, appointment, &people, standing), asked_for, version, changed))
}

/// Looking again came to the same end for the same reasons.
fn nothing_new(before: &Decision, after: &Decision) -> bool {
    after.judgement == before.judgement
        && after.primary == before.primary
        && after.status == before.status
        && !matches!(after.wish, Wish::Show(_))
        && after.stops().eq(before.stops())
        && after.tasks().eq(before.tasks())
        && reasons(after).eq(reasons(before))
        && after.appointment.lineage == before.appointment.lineage
        && after.appointment.rulings == before.appointment.rulings
}

/// Every reason that was found, also those that are only worth knowing.
fn reasons(decision: &Decision) -> impl Iterator<Item = Reason> + '_ {
    decision.findings.iter().filter_map(Finding::reason)
}

fn next_row(before: Option<&Before>, decision: &Decision, entry: EntryId) -> AppointmentRow {
    let start = decision.appointment.start();
    match before {
        Some(Before { row, .. }) => AppointmentRow {
            start,
            judgement: decision.judgement,
            primary: decision.primary,
            version: decision.version,
            decided: entry,
            last: entry,
            booked_at: decision.appointment.booked_at,
            ..row.clone()
        },
        None => AppointmentRow {
            start,
            verdict: Verdict::Unexplained,
            reason: None,
            judgement: decision.judgement,
            primary: decision.primary,
            version: decision.version,
            decided: entry,
            last: entry,
            wished: None,
            shown: None,
            delivery: Delivery::default(),
            lease: None,
            fence: 0,
            booked_at: decision.appointment.booked_at,
            told: false,
            outbox_at: None,
            known: known_elsewhere(decision),
            portal: None,
        },
    }
}

/// What patients know of a visit that stood in the diary before the integration went live.
fn known_elsewhere(decision: &Decision) -> Option<PatientTold> {
    match decision.appointment.taken_over? {
        TakenOver::New => None,
        TakenOver::Existing | TakenOver::History => {
            Some(PatientTold { start: decision.appointment.start(), ended: decision.status.is_ended() })
        }
    }
}

/// Brings the verdict of a row in line with its judgement and delivery.
pub(crate) fn settled(integration: &Integration, row: &mut AppointmentRow) {
    let confirmed_by = integration.rules.platform.confirmed_by;
    (row.verdict, row.reason) = settle(confirmed_by, row.judgement, row.primary, &row.delivery);
}

/// The endpoint was gone, and there is another one by now: the card stands where it would if it had been kept back, and
/// goes on as soon as nothing else stops the visit.
fn forget_old_address(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    row: &mut AppointmentRow,
    decision: &Decision,
) -> Result<()> {
    clear_failure(batch, integration, key, row)?;
    if !decision.wake_keys().contains(&WakeKey::Integration) {
        batch.writer().delete_wait(key, &WakeKey::Integration.to_string())?;
    }
    row.delivery.state = DeliveryState::Queued;
    Ok(())
}

/// Moves the appointment from the facts and causes of the old decision to those of the new one. `given_up`: its
/// delivery was, for this, and is listed under it and waits for the integration on its own account.
fn update_waits(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    before: Option<&Decision>,
    after: &Decision,
    given_up: Option<&Stop>,
) -> Result<()> {
    let now = batch.now;
    let old_keys = before.map(Decision::wake_keys).unwrap_or_default();
    let new_keys = after.wake_keys();
    for gone in old_keys.iter().filter(|old| !new_keys.contains(old)) {
        match gone {
            WakeKey::Time(at) => batch.writer().delete_timer(key, *at)?,
            WakeKey::Integration if given_up.is_some() => {}
            fact => batch.writer().delete_wait(key, &fact.to_string())?,
        }
    }
    for fresh in new_keys.iter().filter(|new| !old_keys.contains(new)) {
        match fresh {
            WakeKey::Time(at) => {
                batch.writer().put_timer(key, *at)?;
                batch.effects.timers = true;
            }
            fact => batch.writer().put_wait(key, &fact.to_string())?,
        }
    }
    let (old_stops, new_stops) = (before.map(stops).unwrap_or_default(), stops(after));
    for gone in old_stops.iter().filter(|old| !new_stops.contains(old) && Some(*old) != given_up) {
        batch.writer().delete_stop(key, gone, now)?;
        batch.effects.causes.insert(key.integration);
        if gone.reason.limits_outreach() {
            look_again(batch, key)?;
        }
    }
    let (old_start, start) = (before.and_then(|before| before.appointment.start()), after.appointment.start());
    for stop in &new_stops {
        let is_new = !old_stops.contains(stop);
        if is_new || old_start != start {
            batch.writer().put_stop(key, stop, start, now)?;
            batch.effects.causes.insert(key.integration);
        }
        // What only limits letters stands among the causes; of visits that do not sync there is nothing to tell.
        if is_new && !stop.reason.limits_outreach() && stop.reason != Reason::DemographicsConflict {
            queue_for_owner(batch, integration, stop)?;
        }
    }
    Ok(())
}

/// What somebody has to look at: excluded and waiting visits are no cause. What stops nothing and still leaves
/// something to do is one.
fn stops(decision: &Decision) -> Vec<Stop> {
    let stopped = matches!(decision.judgement, Judgement::Hold | Judgement::ShowMisfiled);
    let waits = |finding: &&Finding| finding.state != domain::gates::State::Wait;
    let mut stops: Vec<Stop> = Vec::new();
    for finding in decision.stops().filter(|_| stopped).filter(waits).chain(decision.tasks()) {
        if let Some(reason) = finding.reason() {
            let stop = Stop { reason, subject: finding.subject().into() };
            if !stops.contains(&stop) {
                stops.push(stop);
            }
        }
    }
    stops
}

/// The visits of a series are found under its id.
fn update_series(
    batch: &mut Batch<'_>,
    key: &AppointmentKey,
    before: Option<&Appointment>,
    after: &Appointment,
) -> Result<()> {
    let id = |appointment: &Appointment| appointment.series.as_ref().map(|said| said.value.id.clone());
    let (old, new) = (before.and_then(id), id(after));
    if old != new {
        if let Some(old) = old {
            batch.writer().delete_wait(key, &series_fact(&old))?;
        }
        if let Some(new) = new {
            batch.writer().put_wait(key, &series_fact(&new))?;
        }
    }
    Ok(())
}

fn update_participants(
    batch: &mut Batch<'_>,
    key: &AppointmentKey,
    before: Option<&Appointment>,
    after: &Appointment,
) -> Result<()> {
    let named = |appointment: Option<&Appointment>, id: &str| {
        appointment.is_some_and(|appointment| appointment.participants.members().any(|member| member.source_id == *id))
    };
    for member in after.participants.members().filter(|member| !named(before, &member.source_id)) {
        batch.writer().put_participant(key, &member.source_id)?;
    }
    for member in before.iter().flat_map(|before| before.participants.members()) {
        if !named(Some(after), &member.source_id) {
            batch.writer().delete_participant(key, &member.source_id)?;
        }
    }
    Ok(())
}
