//! One record about one appointment.

use crate::Result;
use crate::decide::{load_before, redrive_given_up};
use crate::ingest::lineage::{Fresh, commit_paired};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::decide::DeliveryState;
use domain::ids::AppointmentKey;
use domain::ledger::{Cause, Entry, Worth};
use domain::merge::{Arrival, Novelty, merge_appointment};
use domain::model::AppointmentRecord;
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
    let event = record.event;
    let before = load_before(batch, &key)?;
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
        batch.writer().put_entry(&key, id, Some(row.last), now, &heard)?;
        row.last = id;
        batch.writer().put_appointment(&key, Some(&before.row), &row)?;
        if row.judgement.shows() && row.delivery.state == DeliveryState::Failed {
            redrive_given_up(batch, integration, &key, &cause)?;
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
    let decided = commit_paired(batch, integration, &key, before, fresh, arrival, &cause)?;
    if decided.given_up {
        // It is to be shown and its delivery was given up: that the source speaks of it is a reason to try again.
        redrive_given_up(batch, integration, &key, &cause)?;
    }
    Ok(())
}
