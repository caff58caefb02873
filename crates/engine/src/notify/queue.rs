//! What is worth telling becomes due, in the batch that makes it so.

use crate::Result;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::model::{Card, Origin};
use domain::notice::{NoticeKind, NoticeState, PatientTold, worth_telling};
use domain::setup::OwnerRole;
use domain::status::Status;
use domain::text::Text;
use domain::time::Moment;
use store::{CauseRow, NoticeRow, Reader, Stop, cause_id};

/// So many notices of one visit are looked at: more than anybody is told of a visit.
const OF_ONE_VISIT: usize = 200;
/// A cause gathers its visits for so long before its owner is told.
const GATHERING_SECS: i64 = 300;

/// A card is shown: whoever it concerns is told what they do not know yet, from us or from elsewhere (`known`). The
/// kinds that became due.
pub(crate) fn queue_for_patients(
    batch: &mut Batch<'_>,
    key: &AppointmentKey,
    card: &Card,
    version: u32,
    known: Option<PatientTold>,
) -> Result<Vec<NoticeKind>> {
    let before = batch.reader().notices_of(key.integration, &key.source_id, OF_ONE_VISIT)?;
    let mut people: Vec<(Text, Status)> = Vec::new();
    for person in card.participants.iter().filter(|person| person.origin == Origin::Source) {
        let status = if card.status.is_ended() { card.status } else { person.status };
        people.extend(person.source_id.clone().map(|id| (id, status)));
    }
    // Who is not on the card any more does not meet anybody there.
    for gone in before.iter().map(|notice| &notice.recipient) {
        if !people.iter().any(|(known, _)| known == gone) {
            people.push((gone.clone(), Status::Removed));
        }
    }
    let mut due = Vec::new();
    for (patient, status) in people {
        let told = said_so_far(batch, &before, &patient)?.or(known);
        let Some(kind) = worth_telling(told, card, status, batch.now) else { continue };
        let once = Text::from(format!("visit/{}/{patient}/{version}", key.source_id));
        if batch.reader().notice_once(key.integration, &once)?.is_some() {
            continue;
        }
        let about = PatientTold { start: card.start, ended: status.is_ended() };
        let row = NoticeRow {
            about: Some(about),
            version,
            ..new(batch, key.integration, kind, &key.source_id, patient, once)
        };
        put(batch, row)?;
        due.push(kind);
    }
    Ok(due)
}

/// What kept the patients of a visit from being told is gone: what is still to be told is looked at at once.
pub(crate) fn look_again(batch: &mut Batch<'_>, key: &AppointmentKey) -> Result<()> {
    let now = batch.now;
    for notice in batch.reader().notices_of(key.integration, &key.source_id, OF_ONE_VISIT)? {
        if notice.state == NoticeState::Due && notice.due_at.is_some_and(|due| due > now) {
            put(batch, NoticeRow { due_at: Some(now), ..notice })?;
        }
    }
    Ok(())
}

/// What patients would be told if this card were shown now. Nothing becomes due.
pub(crate) fn foresee(
    reader: &mut dyn Reader,
    key: &AppointmentKey,
    card: &Card,
    known: Option<PatientTold>,
    now: Moment,
) -> Result<Vec<NoticeKind>> {
    let before = reader.notices_of(key.integration, &key.source_id, OF_ONE_VISIT)?;
    let went =
        |notice: &&NoticeRow| matches!(notice.state, NoticeState::Sending | NoticeState::Sent | NoticeState::Unknown);
    let mut told = Vec::new();
    for person in card.participants.iter().filter(|person| person.origin == Origin::Source) {
        let Some(id) = &person.source_id else { continue };
        let status = if card.status.is_ended() { card.status } else { person.status };
        let last = before.iter().filter(|notice| notice.recipient == *id).find(went);
        let knows = last.and_then(|notice| notice.about).or(known);
        told.extend(worth_telling(knows, card, status, now));
    }
    Ok(told)
}

/// What a patient knows. What is still to be told, and is no longer true, is not told any more.
fn said_so_far(batch: &mut Batch<'_>, before: &[NoticeRow], patient: &Text) -> Result<Option<PatientTold>> {
    for notice in before.iter().filter(|notice| notice.recipient == *patient) {
        match notice.state {
            NoticeState::Due => {
                let why = Text::literal("the visit changed before the notice went");
                let closed = close(notice, NoticeState::Dropped, why, batch.now);
                batch.writer().put_notice(&closed)?;
            }
            NoticeState::Sending | NoticeState::Sent | NoticeState::Unknown => return Ok(notice.about),
            NoticeState::Dropped | NoticeState::Failed => {}
        }
    }
    Ok(None)
}

/// A visit is stopped: whoever owns the cause is told, once a day however many visits it stops (requirements S0-13,
/// S0-22).
pub(crate) fn queue_for_owner(batch: &mut Batch<'_>, integration: &Integration, stop: &Stop) -> Result<()> {
    let Some(role) = told_of(integration, stop) else { return Ok(()) };
    let key = integration.key();
    let cause = cause_id(key, stop.reason, &stop.subject);
    let once = Text::from(format!("{cause}/{}", integration.rules.zone.date(batch.now)));
    if batch.reader().notice_once(key, &once)?.is_some() {
        return Ok(());
    }
    let row = new(batch, key, NoticeKind::SyncError, &cause, Text::literal(role.word()), once);
    let due_at = Some(batch.now.plus_secs(GATHERING_SECS));
    put(batch, NoticeRow { due_at, ..row })
}

/// Whoever is told of a cause: its owner, when the practice wants it and named an address.
fn told_of(integration: &Integration, stop: &Stop) -> Option<OwnerRole> {
    let path = integration.rules.path_for(stop.reason, &stop.subject);
    let (role, owner) = path.first().filter(|_| integration.document.notices.clinic)?;
    owner.as_ref()?.email.as_ref().map(|_| *role)
}

/// Whoever stands at a place of a cause's path is reminded of it, or told that it has come to them: at most once under
/// a key (requirement S3-24). Nothing happens where the practice wants no letters or named no address.
pub(crate) fn queue_for_item(
    batch: &mut Batch<'_>,
    integration: &Integration,
    cause: &CauseRow,
    kind: NoticeKind,
    step: u32,
    once: String,
) -> Result<()> {
    let path = integration.rules.path_for(cause.reason, &cause.subject);
    let there = usize::try_from(step).ok().and_then(|step| path.get(step));
    let Some((role, Some(person))) = there else { return Ok(()) };
    let once = Text::from(once);
    let known = batch.reader().notice_once(integration.key(), &once)?.is_some();
    if known || !integration.document.notices.clinic || person.email.is_none() {
        return Ok(());
    }
    let row = new(batch, integration.key(), kind, &cause.id, Text::literal(role.word()), once);
    put(batch, NoticeRow { version: step, ..row })
}

/// An integration became live: everybody the practice named is told, once ever (requirement S0-7).
pub(crate) fn queue_live(batch: &mut Batch<'_>, integration: &Integration) -> Result<()> {
    let key = integration.key();
    let mut roles: Vec<(OwnerRole, bool)> = Vec::new();
    let mut addresses: Vec<&Text> = Vec::new();
    for owner in integration.rules.owners.iter().filter(|owner| owner.code.is_none() && owner.step == 0) {
        if let Some(email) = owner.email.as_ref().filter(|email| !addresses.contains(email)) {
            addresses.push(email);
            roles.push((owner.role, true));
        }
    }
    if roles.is_empty() {
        roles.push((OwnerRole::Admin, false));
    }
    for (role, reachable) in roles {
        let once = Text::from(format!("live/{role}"));
        if batch.reader().notice_once(key, &once)?.is_some() {
            continue;
        }
        let id = integration.rules.integration.clone();
        let row = new(batch, key, NoticeKind::Live, &id, Text::literal(role.word()), once);
        let row = match reachable {
            true => row,
            false => {
                let why = Text::literal("no owner of this practice has an e-mail address");
                close(&row, NoticeState::Failed, why, batch.now)
            }
        };
        put(batch, row)?;
    }
    Ok(())
}

fn new(
    batch: &mut Batch<'_>,
    integration: IntegrationKey,
    kind: NoticeKind,
    subject: &Text,
    recipient: Text,
    once: Text,
) -> NoticeRow {
    NoticeRow {
        id: batch.entry_id(),
        integration,
        kind,
        subject: subject.clone(),
        recipient,
        once,
        state: NoticeState::Due,
        due_at: Some(batch.now),
        made_at: batch.now,
        about: None,
        version: 0,
        attempts: 0,
        channel: None,
        language: None,
        answer: None,
        closed_at: None,
    }
}

fn put(batch: &mut Batch<'_>, row: NoticeRow) -> Result<()> {
    batch.effects.notices |= row.state.is_open();
    Ok(batch.writer().put_notice(&row)?)
}

/// The notice, closed.
pub(super) fn close(notice: &NoticeRow, state: NoticeState, why: Text, now: Moment) -> NoticeRow {
    NoticeRow { state, due_at: None, answer: Some(why), closed_at: Some(now), ..notice.clone() }
}
