//! One record about one appointment.

use crate::Result;
use crate::decide::{commit_decision, load_before};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::ids::AppointmentKey;
use domain::ledger::{Cause, Entry, Worth};
use domain::merge::{Arrival, Novelty, merge_appointment};
use domain::model::AppointmentRecord;
use std::sync::Arc;

/// Takes a record in and decides. `patient_changed`: what the message says of a patient is new, so even a repeated
/// statement about the visit is worth deciding on.
pub(crate) fn apply_appointment(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    record: &AppointmentRecord,
    arrival: &Arrival,
    cause: Cause,
    patient_changed: bool,
) -> Result<()> {
    let key = AppointmentKey { integration: integration.key(), source_id: record.source_id.clone() };
    let event = record.event;
    let before = load_before(batch, &key)?;
    let merged = merge_appointment(before.as_ref().map(|before| &before.decision.appointment), record.clone(), arrival);
    let changed = match merged.novelty {
        Novelty::First | Novelty::Changed => true,
        Novelty::Repeated | Novelty::Stale => false,
    };
    if let (Some(worth), Some(before), false) = (Worth::of(merged.novelty), &before, patient_changed) {
        // Nothing new: the message is noted in the timeline and changes nothing (invariant 4).
        let mut row = before.row.clone();
        let id = batch.entry_id_after(Some(row.last));
        let now = batch.now;
        let heard = Entry::Heard { envelope: arrival.envelope, event, worth };
        batch.writer().put_entry(&key, id, Some(row.last), now, &heard)?;
        row.last = id;
        return Ok(batch.writer().put_appointment(&key, Some(&before.row), &row)?);
    }
    commit_decision(batch, integration, &key, before, &merged.appointment, changed, cause)?;
    Ok(())
}
