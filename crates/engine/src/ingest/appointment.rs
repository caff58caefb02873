//! One record about one appointment.

use crate::Result;
use crate::decide::{Before, load_before, redrive_given_up};
use crate::ingest::lineage::{Fresh, commit_paired};
use crate::ingest::series::{self, Part};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::decide::DeliveryState;
use domain::ids::AppointmentKey;
use domain::ledger::{Cause, Entry, Reach, Worth};
use domain::merge::{Arrival, Novelty, merge_appointment};
use domain::model::{AppointmentRecord, Event};
use std::sync::Arc;

/// What the same message said of the patients of the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Something about a patient is new, so even a repeated statement about the visit is worth deciding on.
    pub(crate) patient_changed: bool,
    /// A patient was known before, and may have other visits.
    pub(crate) patient_known: bool,
}

/// Takes a record in and decides.
pub(crate) fn apply_appointment(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    record: &AppointmentRecord,
    arrival: &Arrival,
    cause: Cause,
    heard: Heard,
) -> Result<()> {
    let key = AppointmentKey { integration: integration.key(), source_id: record.source_id.clone() };
    let before = load_before(batch, &key)?;
    let Some(parts) = series::parts(batch, integration, record, before.as_ref())? else {
        return apply_one(batch, integration, record, &key, before, arrival, cause, heard);
    };
    for Part { record, reach } in parts {
        let key = AppointmentKey { integration: integration.key(), source_id: record.source_id.clone() };
        let before = load_before(batch, &key)?;
        let cause = reaching(&cause, record.event, reach);
        apply_one(batch, integration, &record, &key, before, arrival, cause, heard)?;
    }
    Ok(())
}

/// The same message, as far as one visit of a series is concerned.
fn reaching(cause: &Cause, event: Event, reach: Reach) -> Cause {
    match cause {
        Cause::Envelope { id, control_id, .. } => {
            Cause::Envelope { id: *id, control_id: control_id.clone(), event, reach: Some(reach) }
        }
        other => other.clone(),
    }
}

/// Takes in what a record says of one visit.
#[expect(clippy::too_many_arguments, reason = "what is said, of what, as it was, and how it came")]
pub(super) fn apply_one(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    record: &AppointmentRecord,
    key: &AppointmentKey,
    before: Option<Before>,
    arrival: &Arrival,
    cause: Cause,
    heard: Heard,
) -> Result<()> {
    let event = record.event;
    let merged = merge_appointment(before.as_ref().map(|before| &before.decision.appointment), record.clone(), arrival);
    let changed = match merged.novelty {
        Novelty::First | Novelty::Changed => true,
        Novelty::Repeated | Novelty::Stale => false,
    };
    if let (Some(worth), Some(before), false) = (Worth::of(merged.novelty), &before, heard.patient_changed) {
        // Nothing new: the message is noted in the timeline and changes nothing (invariant 4).
        let mut row = before.row.clone();
        let id = batch.entry_id_after(Some(row.last));
        let now = batch.now;
        let heard = Entry::Heard { envelope: arrival.envelope, event, worth };
        batch.writer().put_entry(key, id, Some(row.last), now, &heard)?;
        row.last = id;
        batch.writer().put_appointment(key, Some(&before.row), &row)?;
        if row.judgement.shows() && row.delivery.state == DeliveryState::Failed {
            redrive_given_up(batch, integration, key, &cause)?;
        }
        return Ok(());
    }
    let fresh = Fresh {
        appointment: merged.appointment,
        record,
        first: merged.novelty == Novelty::First,
        changed,
        patient_known: heard.patient_known,
    };
    let decided = commit_paired(batch, integration, key, before, fresh, arrival, &cause)?;
    if decided.given_up {
        // It is to be shown and its delivery was given up: that the source speaks of it is a reason to try again.
        redrive_given_up(batch, integration, key, &cause)?;
    }
    Ok(())
}
