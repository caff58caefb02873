//! Series without an end: their visits are made two years ahead, and again when the last one comes within a year. That
//! is one wake a year for each series, kept by its last visit; a wake makes what is lacking in one batch.

use crate::Result;
use crate::decide::load_before;
use crate::ingest::Heard;
use crate::ingest::appointment::apply_one;
use crate::ingest::series::{Held, held, id_of};
use crate::scribe::Batch;
use domain::ids::AppointmentKey;
use domain::ledger::Cause;
use domain::merge::Arrival;
use domain::model::{Appointment, AppointmentRecord, Endless, Event, RosterRecord, Series, StatusSaid, Timing};
use domain::text::Text;
use domain::time::Moment;

/// So many visits are made with one wake; what is left waits for the next.
const MOST: usize = 500;

/// Goes on with the series whose last visit this is, when it is time; does nothing otherwise. How many visits it made.
pub(crate) fn go_on(batch: &mut Batch<'_>, key: &AppointmentKey, wake_key: &Text) -> Result<usize> {
    let Some(before) = load_before(batch, key)? else { return Ok(0) };
    let last = &before.decision.appointment;
    if last.goes_on_at().is_none_or(|at| at > batch.now) {
        return Ok(0);
    }
    let Some(said) = last.series.clone() else { return Ok(0) };
    let Series { id, occurrence: Some(place), placed: Some(placed), goes_on: Some(endless) } = said.value else {
        return Ok(0);
    };
    let integration = batch.integration(key.integration)?;
    let held = held(batch, &integration, &id)?;
    let further = further(&endless, place, placed, &held, batch.now);
    let Some(furthest) = further.last().map(|(place, _)| *place) else { return Ok(0) };
    let made = further.len();
    let model = model(&held).unwrap_or(last).clone();
    let cause = Cause::Wake { key: wake_key.clone(), why: Text::literal("the series goes on without an end") };
    let arrival = Arrival { at: batch.now, envelope: model.envelope, control_id: model.control_id.clone() };
    let heard = Heard { patient_changed: false, patient_known: true };
    let series = |place, placed, goes_on| Some(Series { id: id.clone(), occurrence: Some(place), placed, goes_on });
    // From here on the furthest one has it.
    let quiet = AppointmentRecord {
        test: last.test,
        series: series(place, Some(placed), None),
        ..AppointmentRecord::about(last.source_id.clone(), said.stamp, Event::Modified)
    };
    let mut records = vec![quiet];
    for (place, timing) in further {
        let goes_on = (place == furthest).then(|| endless.clone());
        records.push(AppointmentRecord {
            placer_id: model.placer_id.clone(),
            booked_at: Some(model.booked_at),
            status: Some(StatusSaid::by(Event::Booked)),
            visit_type: model.visit_type.as_ref().map(|said| said.value.clone()),
            modality: model.modality.as_ref().map(|said| said.value.clone()),
            department: model.department.as_ref().map(|said| said.value.clone()),
            providers: RosterRecord::All(model.providers.members().cloned().collect()),
            participants: RosterRecord::All(model.participants.members().cloned().collect()),
            series: series(place, timing.start, goes_on),
            timing: Some(timing),
            test: model.test,
            ..AppointmentRecord::about(id_of(&id, place), said.stamp, Event::Booked)
        });
    }
    for record in records {
        let key = AppointmentKey { integration: key.integration, source_id: record.source_id.clone() };
        let before = load_before(batch, &key)?;
        apply_one(batch, &integration, &record, &key, before, &arrival, cause.clone(), heard)?;
    }
    Ok(made)
}

/// Which visits are made, and when they are: from behind the last one up to two years ahead, at least one. What is over
/// has its place and is not made; what somebody told of beforehand is there.
fn further(endless: &Endless, place: u32, placed: Moment, held: &[Held], now: Moment) -> Vec<(u32, Timing)> {
    let ahead = now.plus_secs(Endless::AHEAD_DAYS * 86_400);
    let mut further = Vec::new();
    for (place, timing) in (place.saturating_add(1)..).zip(endless.behind(placed)) {
        let Some(start) = timing.start else { break };
        if further.len() == MOST || (start > ahead && !further.is_empty()) {
            break;
        }
        if start > now && !held.iter().any(|held| held.place == place) {
            further.push((place, timing));
        }
    }
    further
}

/// The visit after which the new ones are made: the last that is still to come and stands where the series has it.
fn model(held: &[Held]) -> Option<&Appointment> {
    let stands = |held: &&Held| {
        let placed = held.appointment.series.as_ref().and_then(|said| said.value.placed);
        held.open && placed.is_some() && placed == held.appointment.start()
    };
    held.iter().rev().find(stands).map(|held| &held.appointment)
}
