//! Deciding again because a fact changed or an instant came, and asking beforehand what would come of it.

use crate::Result;
use crate::decide::commit::{Decided, commit_decision, load_before, settled};
use crate::decide::load_people;
use crate::deliver::redrive;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::decide::{Decision, Verdict, decide, decide_without, settle};
use domain::gates::{Snapshot, Standing};
use domain::ids::AppointmentKey;
use domain::ledger::{Cause, Entry};
use domain::time::Moment;
use store::{AppointmentRow, Reader, Stop};

/// What came of deciding again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Redecided {
    /// The verdict before.
    pub(crate) before: Verdict,
    /// The verdict now.
    pub(crate) now: Verdict,
    /// Something was written.
    pub(crate) stored: bool,
}

/// Decides on an appointment again, under today's rules. Safe to repeat: when nothing comes of it nothing is written.
pub(crate) fn redecide(batch: &mut Batch<'_>, key: &AppointmentKey, cause: &Cause) -> Result<Option<Redecided>> {
    let Some(before) = load_before(batch, key)? else { return Ok(None) };
    let verdict = before.row.verdict;
    let integration = batch.integration(key.integration)?;
    let appointment = before.decision.appointment.clone();
    let Decided { verdict: now, stored, given_up, .. } =
        commit_decision(batch, &integration, key, Some(before), &appointment, false, cause.clone())?;
    if !given_up {
        return Ok(Some(Redecided { before: verdict, now, stored }));
    }
    // Nothing stops the visit and no other card is wished for, but its delivery was given up, before or after something
    // else stopped it: whatever changed is a reason to try again.
    let driven = redrive_given_up(batch, &integration, key, cause)?;
    Ok(Some(Redecided { before: verdict, now: driven.unwrap_or(now), stored: stored || driven.is_some() }))
}

/// Tries a delivery that was given up again. The verdict that follows, when there was anything to try.
pub(crate) fn redrive_given_up(
    batch: &mut Batch<'_>,
    integration: &Integration,
    key: &AppointmentKey,
    cause: &Cause,
) -> Result<Option<Verdict>> {
    let Some(before) = batch.reader().appointment(key)? else { return Ok(None) };
    let mut row = before.clone();
    let driven = redrive(batch, integration, key, &mut row)?;
    settled(integration, &mut row);
    if driven {
        let id = batch.entry_id_after(Some(row.last));
        let now = batch.now;
        batch.writer().put_entry(key, id, Some(row.last), now, &Entry::DrivenAgain { cause: cause.clone() })?;
        row.last = id;
        batch.writer().put_appointment(key, Some(&before), &row)?;
        batch.tell(key);
    }
    Ok(driven.then_some(row.verdict))
}

/// The verdict an appointment has, and the one it would have under other rules. Nothing is written.
pub(crate) fn would_become(
    reader: &mut dyn Reader,
    integration: &Integration,
    key: &AppointmentKey,
    now: Moment,
) -> Result<Option<(Verdict, Verdict)>> {
    let foreseen = foresee_decision(reader, integration, key, None, now)?;
    Ok(foreseen.map(|foreseen| (foreseen.row.verdict, foreseen.verdict)))
}

/// What would come of an appointment.
pub(crate) struct Foreseen {
    /// The appointment as it is.
    pub(crate) row: AppointmentRow,
    /// What would be decided.
    pub(crate) decision: Decision,
    /// The verdict that would follow.
    pub(crate) verdict: Verdict,
}

/// What would come of an appointment if it were decided on now; `solved`: if in addition this were put right. Nothing
/// is written.
pub(crate) fn foresee_decision(
    reader: &mut dyn Reader,
    integration: &Integration,
    key: &AppointmentKey,
    solved: Option<&Stop>,
    now: Moment,
) -> Result<Option<Foreseen>> {
    let Some(row) = reader.appointment(key)? else { return Ok(None) };
    let Some(Entry::Decided { decision, .. }) = reader.entry(row.decided)?.map(|stored| stored.entry) else {
        return Ok(None);
    };
    let asked_for = match row.wished {
        Some(wished) => reader.entry(wished)?.and_then(|stored| match stored.entry {
            Entry::Decided { decision, .. } => decision.card().cloned(),
            _ => None,
        }),
        None => None,
    };
    let accounts = load_people(reader, integration, &decision.appointment, now)?;
    let people = accounts.people(&decision.appointment);
    let standing = Standing { card: asked_for.as_ref(), portal: row.portal.as_deref() };
    let snapshot = Snapshot::new(&integration.rules, integration.marks(now), &decision.appointment, &people, standing);
    let next = match solved {
        None => decide(&snapshot, asked_for.as_ref(), decision.version, false),
        Some(Stop { reason, subject }) => {
            decide_without(&snapshot, *reason, subject, asked_for.as_ref(), decision.version)
        }
    };
    let mut delivery = row.delivery.clone();
    if next.card().is_some() {
        delivery.want(next.version, now);
    }
    let (verdict, _) = settle(integration.rules.platform.confirmed_by, next.judgement, next.primary, &delivery);
    Ok(Some(Foreseen { row, decision: next, verdict }))
}
