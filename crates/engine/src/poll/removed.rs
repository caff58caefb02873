//! Visits that a complete read did not list, and what becomes of those that are confirmed as removed.

use crate::Result;
use crate::decide::load_before;
use crate::ingest::{Fresh, commit_paired};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::gates::Reading as StatusReading;
use domain::ids::AppointmentKey;
use domain::ledger::Cause;
use domain::merge::{Arrival, merge_appointment};
use domain::model::{Appointment, AppointmentRecord, Event, Stamp, StatusSaid};
use domain::polling::Span;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use store::{AppointmentFilter, Page};

/// So many rows are looked at at a time.
const PAGE: usize = 500;

/// The digest under which a visit is remembered as listed.
pub(crate) fn digest(source_id: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(source_id.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// Visits still to come in a part of a window that are known, have not ended, and are not among those listed since
/// reading the part `began`. `newer`: what is known of a visit may be newer than the list.
pub(crate) fn absent(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    part: Span,
    began: Moment,
    newer: impl Fn(&Appointment) -> bool,
    seen: impl Fn(u64) -> bool,
) -> Result<Vec<Text>> {
    let filter = AppointmentFilter { from: Some(part.from.max(began)), to: Some(part.to), ..Default::default() };
    let (mut after, mut absent) = (None, Vec::new());
    loop {
        let rows = batch.reader().appointments(integration.key(), &filter, after.as_ref(), PAGE)?;
        for listed in &rows {
            if seen(digest(&listed.source_id)) {
                continue;
            }
            let key = AppointmentKey { integration: integration.key(), source_id: listed.source_id.clone() };
            let Some(before) = load_before(batch, &key)? else { continue };
            let visit = &before.decision.appointment;
            let ended = StatusReading::of(&integration.rules, visit).status.is_ended();
            if !ended && !newer(visit) {
                absent.push(listed.source_id.clone());
            }
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE => {
                after = Some(Page { start: last.row.start, source_id: last.source_id.clone() });
            }
            _ => return Ok(absent),
        }
    }
}

/// Whether a visit is known here and has not ended.
pub(crate) fn is_awaited(batch: &mut Batch<'_>, integration: &Arc<Integration>, source_id: &Text) -> Result<bool> {
    let key = AppointmentKey { integration: integration.key(), source_id: source_id.clone() };
    let Some(before) = load_before(batch, &key)? else { return Ok(false) };
    Ok(!StatusReading::of(&integration.rules, &before.decision.appointment).status.is_ended())
}

/// How a removal that nobody had to decide stands in the timeline.
pub(crate) fn looked_for_twice() -> Cause {
    let why = Text::literal("the practice system does not have it any more: it was looked for twice");
    Cause::Wake { key: Text::literal("source"), why }
}

/// Takes visits off that the source does not have any more. Each becomes a tombstone that only newer news can lift.
pub(crate) fn remove(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    gone: &[Text],
    source_time: Moment,
    cause: &Cause,
) -> Result<()> {
    for source_id in gone {
        let key = AppointmentKey { integration: integration.key(), source_id: source_id.clone() };
        let Some(before) = load_before(batch, &key)? else { continue };
        let held = &before.decision.appointment;
        // A second back: the source's clock is known to the second, and whoever books the same again right now counts.
        let at = source_time.plus_secs(-1).max(held.stamp.at.plus_millis(1));
        let stamp = Stamp { at, sequence: 0 };
        let record = AppointmentRecord {
            status: Some(StatusSaid::by(Event::Deleted)),
            test: held.test,
            ..AppointmentRecord::about(source_id.clone(), stamp, Event::Deleted)
        };
        let arrival = Arrival { at: batch.now, envelope: held.envelope, control_id: held.control_id.clone() };
        let merged = merge_appointment(Some(held), record.clone(), &arrival);
        let fresh = Fresh {
            appointment: merged.appointment,
            record: &record,
            first: false,
            changed: true,
            patient_known: false,
        };
        commit_paired(batch, integration, &key, Some(before), fresh, &arrival, cause)?;
    }
    Ok(())
}
