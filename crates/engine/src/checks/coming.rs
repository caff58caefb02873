//! What is counted while the visits to come, and those of the last days, are passed by once.

use crate::Result;
use crate::setup::Integration;
use domain::checks::Measured;
use domain::decide::{Decision, Verdict};
use domain::ledger::Entry;
use domain::model::{Appointment, Patient, Way};
use domain::notice::Reach;
use domain::reasons::Reason;
use domain::setup::StatusTable;
use domain::status::Status;
use domain::text::Text;
use domain::time::Moment;
use std::collections::{BTreeSet, HashMap};
use store::{AppointmentFilter, AppointmentRow, Page, Reader};

/// So far ahead is looked.
const AHEAD_SECS: i64 = 14 * 86_400;
/// So far back.
const BACK_SECS: i64 = 7 * 86_400;
/// A day: whoever wants to close or release a visit has had so long.
const DAY_SECS: i64 = 86_400;
/// Visits of each of the two stretches that are looked at, at most.
const MOST: usize = 1000;
const PAGE: usize = 200;

/// What was counted.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) contact_missing: Measured,
    pub(super) incomplete: Measured,
    pub(super) twice: Measured,
    pub(super) held_long: Measured,
    pub(super) left_open: Measured,
    pub(super) words: Measured,
}

/// What is known of a patient, for the checks.
#[derive(Clone, Copy)]
struct Known {
    reachable: bool,
    twice: bool,
}

/// Passes the visits by.
pub(super) fn count(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut words = BTreeSet::new();
    let mut patients = HashMap::new();
    let (back, ahead) = (now.plus_secs(-BACK_SECS), now.plus_secs(AHEAD_SECS));
    let past_cut = each(reader, integration, back, now, &mut |_, row, _, decision| {
        words.extend(unknown_word(decision));
        let begun = row.start.is_some_and(|start| start <= now.plus_secs(-DAY_SECS));
        if begun && row.verdict != Verdict::Excluded && !decision.status.is_gone() {
            counts.left_open.of += 1;
            counts.left_open.found += u64::from(is_open(decision.status));
        }
        Ok(())
    })?;
    let ahead_cut = each(reader, integration, now, ahead, &mut |reader, row, at, decision| {
        words.extend(unknown_word(decision));
        if row.verdict == Verdict::Excluded || !is_open(decision.status) {
            return Ok(());
        }
        let visit = &decision.appointment;
        let (mut unreachable, mut twice) = (false, false);
        for participant in visit.participants.members() {
            let known = match patients.get(&participant.source_id) {
                Some(known) => *known,
                None => {
                    let known = look_up(reader, integration, &participant.source_id)?;
                    patients.insert(participant.source_id.clone(), known);
                    known
                }
            };
            unreachable |= !known.reachable;
            twice |= known.twice;
        }
        let held = row.verdict == Verdict::Held && now.secs_since(at) > DAY_SECS;
        for (measured, found) in [
            (&mut counts.contact_missing, unreachable),
            (&mut counts.incomplete, is_incomplete(visit)),
            (&mut counts.twice, twice),
            (&mut counts.held_long, held),
        ] {
            measured.of += 1;
            measured.found += u64::from(found);
        }
        Ok(())
    })?;
    let found = words.len() as u64;
    counts.words = Measured { found, of: found, cut_short: past_cut || ahead_cut };
    counts.left_open.cut_short = past_cut;
    for measured in [&mut counts.contact_missing, &mut counts.incomplete, &mut counts.twice, &mut counts.held_long] {
        measured.cut_short = ahead_cut;
    }
    Ok(counts)
}

/// What is done with a visit: its row, when it was decided, and the decision.
type Look<'a> = dyn FnMut(&mut dyn Reader, &AppointmentRow, Moment, &Decision) -> Result<()> + 'a;

/// Looks at each visit that starts between two instants. `true`: there are more than were looked at.
fn each(
    reader: &mut dyn Reader,
    integration: &Integration,
    from: Moment,
    to: Moment,
    look: &mut Look<'_>,
) -> Result<bool> {
    let filter = AppointmentFilter { from: Some(from), to: Some(to), ..AppointmentFilter::default() };
    let (mut after, mut seen) = (None::<Page>, 0);
    loop {
        let rows = reader.appointments(integration.key(), &filter, after.as_ref(), PAGE)?;
        let Some(last) = rows.last() else { return Ok(false) };
        if seen >= MOST {
            return Ok(true);
        }
        let ended = rows.len() < PAGE;
        after = Some(Page { start: last.row.start, source_id: last.source_id.clone() });
        seen += rows.len();
        for listed in rows {
            let Some(stored) = reader.entry(listed.row.decided)? else { continue };
            if let Entry::Decided { decision, .. } = &stored.entry {
                look(reader, &listed.row, stored.at, decision)?;
            }
        }
        if ended {
            return Ok(false);
        }
    }
}

/// Somebody is expected, or was when nobody has said what became of it.
const fn is_open(status: Status) -> bool {
    matches!(status, Status::Proposed | Status::Booked | Status::Confirmed | Status::CheckedIn | Status::InProgress)
}

/// The status word that nobody has given a meaning, when that is why a visit is not understood.
fn unknown_word(decision: &Decision) -> Option<Text> {
    let unmapped = |reason: &Option<Reason>| *reason == Some(Reason::StatusUnmapped);
    let found = decision.findings.iter().filter_map(|finding| finding.found.as_ref());
    let found = found.filter(|found| unmapped(&found.reason)).find_map(|found| found.observed.as_ref());
    found.map(|word| StatusTable::fold(word))
}

fn is_incomplete(visit: &Appointment) -> bool {
    let timing = visit.timing.as_ref().map(|timing| &timing.value);
    let timed =
        timing.is_some_and(|timing| timing.end.is_some() && !timing.zone.is_empty() && timing.issues.is_empty());
    !timed || visit.visit_type.is_none() || visit.providers.is_empty() || visit.participants.is_empty()
}

fn look_up(reader: &mut dyn Reader, integration: &Integration, source_id: &str) -> Result<Known> {
    let key = integration.key();
    let mut row = reader.patient(key, source_id)?;
    // The record went up in another, which is the one to look at.
    if let Some(survivor) = row.as_ref().and_then(|row| row.patient.merged_into.clone()) {
        row = reader.patient(key, &survivor)?;
    }
    let Some(row) = row else { return Ok(Known { reachable: false, twice: false }) };
    let twice = match row.name_key() {
        Some(name) => {
            let alike = reader.patients_named(key, &name, 5)?;
            let other = |patient: &Patient| patient.source_id != row.patient.source_id && patient.merged_into.is_none();
            alike.iter().any(|row| other(&row.patient))
        }
        None => false,
    };
    let reach = Reach { patient: Some(&row.patient), ..Reach::default() };
    let reachable = [Way::Mail, Way::Sms, Way::Call].into_iter().any(|way| reach.address(way).is_some());
    Ok(Known { reachable, twice })
}
