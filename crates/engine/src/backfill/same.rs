//! Whether a record brings anything new, found out without writing.
//!
//! A source that does not say when a statement was made would otherwise be newer with every reading: such a record is
//! compared as if it had been made when the held one was.

use crate::Result;
use crate::decide::Before;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::merge::{Arrival, Novelty, merge_appointment, merge_patient};
use domain::model::{AppointmentRecord, PatientRecord};

/// The patient is known as the record tells.
pub(super) fn is_known_patient(
    batch: &mut Batch<'_>,
    integration: &Integration,
    record: &PatientRecord,
    arrival: &Arrival,
) -> Result<bool> {
    let Some(held) = batch.reader().patient(integration.key(), &record.source_id)? else { return Ok(false) };
    let mut as_told = record.clone();
    if record.stamp.at == arrival.at {
        as_told.stamp = held.patient.stamp;
    }
    let newer = as_told.stamp > held.patient.stamp;
    let mut patient = held.patient;
    Ok(!merge_patient(&mut patient, as_told, arrival) && !newer)
}

/// The visit is known as the record tells, or something newer is.
pub(super) fn is_known_visit(before: &Before, record: &AppointmentRecord, arrival: &Arrival) -> bool {
    let held = &before.decision.appointment;
    let mut as_told = record.clone();
    if record.stamp.at == arrival.at {
        as_told.stamp = held.stamp;
        // Without a time of its own it was booked when it was first heard of.
        as_told.booked_at = record.booked_at.or(Some(held.booked_at).filter(|_| !held.booking_unsaid));
    }
    matches!(merge_appointment(Some(held), as_told, arrival).novelty, Novelty::Repeated | Novelty::Stale)
}
