//! Visits that repeat by a pattern. The source tells of all of them under one number; here each is a visit of its own,
//! with its own verdict and card. The first keeps the source's number, the others carry their place behind it: `S-7#4`.
//! So a visit that was moved out of the pattern is still the fourth, and no second one stands where it was.
//!
//! A message is about one visit of a series (a place is named), about this and all later ones (a place and a pattern,
//! or a place and "discontinued"), or about all that are to come (no place). Visits that began or ended stay as they
//! are.

use crate::decide::{Before, load_before};
use crate::ingest::series_fact;
use crate::scribe::Batch;
use crate::setup::Integration;
use crate::{Error, Result};
use domain::ids::AppointmentKey;
use domain::ledger::Reach;
use domain::model::{Appointment, AppointmentRecord, Endless, Event, Repeats, Series, StatusSaid, Timing};
use domain::text::Text;
use std::sync::Arc;

/// More visits than a series has.
const MOST: usize = 1000;

/// What a statement says about one visit of a series.
pub(super) struct Part {
    /// As if the source had said it of this visit alone.
    pub(super) record: AppointmentRecord,
    /// How far the statement reached.
    pub(super) reach: Reach,
}

/// One visit of the series as it is held.
pub(super) struct Held {
    pub(super) place: u32,
    pub(super) appointment: Appointment,
    /// It is to come, and nobody called it off.
    pub(super) open: bool,
}

impl Held {
    fn goes_on(&self) -> Option<&Endless> {
        self.appointment.series.as_ref()?.value.goes_on.as_ref()
    }
}

/// The id of a visit of a series: the first carries the series' own.
pub(super) fn id_of(series: &Text, place: u32) -> Text {
    if place <= 1 { series.clone() } else { Text::from(format_args!("{series}#{place}")) }
}

/// What a statement about a series says of each of its visits; `None`: it is about one visit that stands for itself.
pub(super) fn parts(
    batch: &mut Batch<'_>,
    integration: &Arc<Integration>,
    record: &AppointmentRecord,
    before: Option<&Before>,
) -> Result<Option<Vec<Part>>> {
    let known = before.and_then(|before| before.decision.appointment.series.as_ref());
    let known = known.filter(|said| said.value.placed.is_some() && said.value.id == record.source_id);
    let repeats = match (&record.repeats, known) {
        (Some(repeats), None) if repeats.times.is_empty() => return Ok(None),
        (None, None) => return Ok(None),
        (Some(repeats), _) => (**repeats).clone(),
        (None, Some(_)) => Repeats::default(),
    };
    let stale = known.is_some_and(|said| record.stamp < said.stamp);
    let plain = AppointmentRecord { repeats: None, ..record.clone() };
    let held = held(batch, integration, &record.source_id)?;
    let about = About { record: plain, held, stale };
    Ok(Some(match (repeats.from, repeats.times.is_empty()) {
        (_, false) => about.placed(repeats.from, repeats.times, repeats.endless.as_ref()),
        (Some(place), true) if record.event == Event::Discontinued => about.dropped_from(place),
        (Some(place), true) => vec![about.one(place)],
        (None, true) => about.all()?,
    }))
}

/// The visits of a series that are held, by their places.
pub(super) fn held(batch: &mut Batch<'_>, integration: &Arc<Integration>, series: &Text) -> Result<Vec<Held>> {
    let key = integration.key();
    let now = batch.now;
    let mut found = Vec::new();
    for source_id in batch.reader().waiting(key, &series_fact(series), None, MOST)? {
        let Some(before) = load_before(batch, &AppointmentKey { integration: key, source_id })? else { continue };
        let appointment = before.decision.appointment;
        let Some(said) = &appointment.series else { continue };
        let begun = appointment.start().is_some_and(|start| start <= now);
        let open = !begun && !before.decision.status.is_ended();
        // Visits that the source tells one by one have numbers of their own.
        if let Some(place) = said.value.occurrence.filter(|place| id_of(series, *place) == appointment.source_id) {
            found.push(Held { place, appointment, open });
        }
    }
    found.sort_by_key(|held| held.place);
    Ok(found)
}

/// A statement about a series with what is held of it.
struct About {
    record: AppointmentRecord,
    held: Vec<Held>,
    /// An older one than what was last said about the whole series.
    stale: bool,
}

impl About {
    fn held_at(&self, place: u32) -> Option<&Held> {
        self.held.iter().find(|held| held.place == place)
    }

    fn series(&self, place: u32, placed: Option<&Timing>) -> Series {
        let placed = placed.and_then(|timing| timing.start);
        Series { id: self.record.source_id.clone(), occurrence: Some(place), placed, goes_on: None }
    }

    /// The pattern is stated: visits come to be, follow it, and drop out of it.
    fn placed(&self, from: Option<u32>, mut times: Vec<Option<Timing>>, endless: Option<&Endless>) -> Vec<Part> {
        let (first, reach) = (from.unwrap_or(1), from.map_or(Reach::Series, Reach::From));
        self.reach_as_far_as_held(first, &mut times, endless);
        let mut parts = Vec::with_capacity(times.len());
        let mut next = first;
        for timing in &times {
            let place = next;
            next += 1;
            let held = self.held_at(place);
            match (held, timing) {
                (None, Some(timing)) if !self.stale => {
                    let series = Some(self.series(place, Some(timing)));
                    let source_id = id_of(&self.record.source_id, place);
                    let timing = Some(timing.clone());
                    let record = AppointmentRecord { source_id, timing, series, ..self.record.clone() };
                    parts.push(Part { record, reach });
                }
                (Some(held), Some(timing)) if held.open => parts.push(self.follow(held, timing, reach)),
                (Some(held), None) if held.open => parts.push(self.drop(held, reach)),
                // The first one tells when the pattern was last stated, also when it is over.
                (Some(held), Some(timing)) if place == 1 => {
                    let series = Some(self.series(1, Some(timing)));
                    let record = AppointmentRecord { series, ..self.quiet(held) };
                    parts.push(Part { record, reach });
                }
                _ => {}
            }
        }
        let beyond = self.held.iter().filter(|held| held.place >= next && held.open && !self.is_extra(held));
        parts.extend(beyond.map(|held| self.drop(held, reach)));
        self.hand_on(&mut parts, endless.map(|endless| (next.saturating_sub(1), endless)), reach);
        parts
    }

    /// A series without an end may have gone on behind what a message spreads: what is there follows the pattern too.
    /// What is not there is not made here: it was over when the series went on.
    fn reach_as_far_as_held(&self, first: u32, times: &mut Vec<Option<Timing>>, endless: Option<&Endless>) {
        let last = times.last().and_then(Option::as_ref).and_then(|timing| timing.start);
        let (Some(endless), Some(last)) = (endless, last) else { return };
        let next = first.saturating_add(u32::try_from(times.len()).unwrap_or(u32::MAX));
        let furthest = self.held.iter().filter(|held| !self.is_extra(held)).map(|held| held.place).max();
        let places = next..=furthest.unwrap_or(0);
        let further = places.zip(endless.behind(last));
        times.extend(further.map(|(place, timing)| self.held_at(place).map(|_| timing)));
    }

    /// How the series goes on is the business of its last visit alone, and of nobody once it has an end.
    fn hand_on(&self, parts: &mut Vec<Part>, to: Option<(u32, &Endless)>, reach: Reach) {
        let business = |place: u32| to.filter(|(last, _)| *last == place).map(|(_, endless)| endless);
        for part in parts.iter_mut() {
            if let Some(series) = &mut part.record.series {
                series.goes_on = business(series.occurrence.unwrap_or(1)).cloned();
            }
        }
        for held in self.held.iter().filter(|held| held.goes_on() != business(held.place)) {
            let Some(said) = &held.appointment.series else { continue };
            let series = Series { goes_on: business(held.place).cloned(), ..said.value.clone() };
            let part = parts.iter_mut().find(|part| part.record.source_id == held.appointment.source_id);
            match part {
                Some(part) if part.record.series.is_some() => {}
                Some(part) => part.record.series = Some(series),
                None => {
                    let record = AppointmentRecord { series: Some(series), ..self.quiet(held) };
                    parts.push(Part { record, reach });
                }
            }
        }
    }

    /// A visit that the pattern never made.
    fn is_extra(&self, held: &Held) -> bool {
        held.appointment.series.as_ref().is_some_and(|said| said.value.placed.is_none())
    }

    /// A visit that is there already, and where the pattern has it now. What was moved alone stays where it was moved
    /// to; a repeated statement books nothing that was called off.
    fn follow(&self, held: &Held, timing: &Timing, reach: Reach) -> Part {
        let said = held.appointment.series.as_ref().map(|said| &said.value);
        let moved_alone = said.is_some_and(|series| series.placed != held.appointment.start());
        let becomes_series = said.is_none_or(|series| series.placed.is_none());
        let timing_now = (!moved_alone || becomes_series).then(|| timing.clone());
        let record = AppointmentRecord {
            source_id: held.appointment.source_id.clone(),
            timing: timing_now,
            series: Some(self.series(held.place, Some(timing))),
            status: self.record.status.clone().filter(|said| said.event == Event::Modified && said.word.is_some()),
            event: as_change(self.record.event),
            ..self.record.clone()
        };
        Part { record, reach }
    }

    /// A record that says nothing yet.
    fn quiet(&self, held: &Held) -> AppointmentRecord {
        let id = held.appointment.source_id.clone();
        let test = held.appointment.test;
        AppointmentRecord { test, ..AppointmentRecord::about(id, self.record.stamp, Event::Modified) }
    }

    /// The series has this visit no more.
    fn drop(&self, held: &Held, reach: Reach) -> Part {
        let (event, status) = (Event::Discontinued, Some(StatusSaid::by(Event::Discontinued)));
        Part { record: AppointmentRecord { event, status, ..self.quiet(held) }, reach }
    }

    fn dropped_from(&self, place: u32) -> Vec<Part> {
        let later = self.held.iter().filter(|held| held.place >= place && held.open);
        let mut parts = later.map(|held| self.drop(held, Reach::From(place))).collect();
        self.hand_on(&mut parts, None, Reach::From(place));
        parts
    }

    /// About one visit: it keeps the place that it was given by the pattern.
    fn one(&self, place: u32) -> Part {
        // Of one that is held, the place is known, and when the pattern was last stated is the pattern's to say.
        let series = self.held_at(place).is_none().then(|| self.series(place, None));
        let source_id = id_of(&self.record.source_id, place);
        let record = AppointmentRecord { source_id, series, ..self.record.clone() };
        Part { record, reach: Reach::One }
    }

    /// About all that are to come, without a pattern: anything but their times.
    fn all(&self) -> Result<Vec<Part>> {
        let event = self.record.event;
        let refuse = |what: &str| {
            let told = format!(
                "{what} of the series does not say which of its visits it is about: name the occurrence, or the pattern"
            );
            Err(Error::Invalid(told))
        };
        if event == Event::NoShow {
            return refuse("a missed visit");
        }
        let ends = matches!(event, Event::Cancelled | Event::Discontinued | Event::Deleted);
        let start = self.record.timing.as_ref().and_then(|timing| timing.start);
        let first = self.held_at(1).and_then(|held| held.appointment.series.as_ref()?.value.placed);
        if !ends && start.is_some() && start != first {
            return refuse("a move");
        }
        let open = self.held.iter().filter(|held| held.open);
        let parts = open.map(|held| {
            let source_id = held.appointment.source_id.clone();
            let status = self.record.status.clone().filter(|said| ends || said.word.is_some());
            let event = if ends { event } else { as_change(event) };
            let record =
                AppointmentRecord { source_id, timing: None, series: None, status, event, ..self.record.clone() };
            Part { record, reach: Reach::Series }
        });
        let mut parts = parts.collect();
        if ends {
            self.hand_on(&mut parts, None, Reach::Series);
        }
        Ok(parts)
    }
}

/// A repeated booking of a series books nothing anew.
fn as_change(event: Event) -> Event {
    match event {
        Event::Booked | Event::Listed => Event::Modified,
        other => other,
    }
}
