//! Storing what a read brought: the bytes where they say something new, the records, and what could not be read.

use crate::Result;
use crate::ingest::digest;
use crate::poll::kept::HowRead;
use crate::poll::listed::{Reading, Took, Worth, take_listed};
use crate::poll::{Problem, Sheet};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::ids::EnvelopeId;
use domain::merge::Arrival;
use domain::model::Record;
use domain::text::Text;
use std::sync::Arc;
use store::{ControlRow, EnvelopeState, NewEnvelope};

/// The records of a page that cannot be applied, by sheet and place, with why.
pub(crate) type Poison = Vec<((usize, usize), Text)>;

/// What a page came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Visits it listed, by id.
    pub(crate) listed: Vec<Text>,
    /// Records.
    pub(crate) records: u32,
    /// Visits that were not known.
    pub(crate) new: u32,
    /// Visits that changed.
    pub(crate) changed: u32,
    /// A problem could not be told whose it is: the list proves no absence.
    pub(crate) nameless: bool,
}

/// How sheets are stored.
pub(crate) struct Storing<'a> {
    pub(crate) integration: &'a Arc<Integration>,
    pub(crate) reading: Reading,
    /// `poll near`.
    pub(crate) channel: &'a str,
    /// They are kept even when they say nothing new: nobody hands them out again.
    pub(crate) keep_all: bool,
    pub(crate) poison: &'a Poison,
}

/// Takes sheets in. `at` is told the place of each record before it is applied, so that a record that brings the batch
/// down is known afterwards.
pub(crate) fn take_sheets(
    batch: &mut Batch<'_>,
    storing: &Storing<'_>,
    sheets: &[Sheet],
    at: &mut Option<(usize, usize)>,
) -> Result<Tally> {
    let mut tally = Tally::default();
    for (number, sheet) in sheets.iter().enumerate() {
        let envelope = batch.envelope_id();
        let arrival = Arrival { at: batch.now, envelope, control_id: None };
        let mut news = false;
        for (place, record) in sheet.records.iter().enumerate() {
            tally.records += 1;
            let visit = match record {
                Record::Appointment(record, _) => Some(record.source_id.clone()),
                Record::Patient(_) | Record::Merge(_) => None,
            };
            tally.listed.extend(visit.clone());
            if let Some((_, why)) = storing.poison.iter().find(|(poison, _)| *poison == (number, place)) {
                let what = Text::from(format!("could not be applied: {why}"));
                let place = Text::from(format!("record {}", place + 1));
                set_aside(batch, storing, sheet, &Problem { source_id: visit, place, what, body: None })?;
                continue;
            }
            *at = Some((number, place));
            let took = take_listed(batch, storing.integration, record, &arrival, storing.reading)?;
            *at = None;
            news |= took.changed;
            count(&mut tally, took);
        }
        tally.listed.extend(sheet.named.iter().cloned());
        for problem in &sheet.problems {
            match &problem.source_id {
                Some(id) => tally.listed.push(id.clone()),
                None => tally.nameless = true,
            }
            set_aside(batch, storing, sheet, problem)?;
        }
        if news || storing.keep_all {
            put(batch, storing, envelope, sheet, EnvelopeState::Applied, None, &sheet.body)?;
        }
    }
    Ok(tally)
}

fn count(tally: &mut Tally, took: Took) {
    match took.visit {
        Some(Worth::First) => tally.new += 1,
        Some(Worth::Changed) => tally.changed += 1,
        Some(Worth::Known) | None => {}
    }
}

/// Keeps what could not be read for a person, once however often it is read.
fn set_aside(batch: &mut Batch<'_>, storing: &Storing<'_>, sheet: &Sheet, problem: &Problem) -> Result<()> {
    let body = problem.body.as_ref().unwrap_or(&sheet.body);
    // A whole sheet differs with every read, its bad record does not: then the visit and the fault tell it.
    let told = match (&problem.body, &problem.source_id) {
        (None, Some(id)) => format!("{id} {} {}", problem.place, problem.what),
        _ => String::new(),
    };
    let known = if told.is_empty() { digest(body) } else { digest(told.as_bytes()) };
    let control = format!("set aside {}", hex(&known));
    let key = storing.integration.key();
    if batch.reader().control(key, &control)?.is_some() {
        return Ok(());
    }
    let envelope = batch.envelope_id();
    let note = format!("{}: {}", problem.place, problem.what);
    put(batch, storing, envelope, sheet, EnvelopeState::SetAside, Some(&note), body)?;
    let row = ControlRow { envelope, answer: Vec::new(), source_id: problem.source_id.clone() };
    Ok(batch.writer().put_control(key, &control, &row)?)
}

fn put(
    batch: &mut Batch<'_>,
    storing: &Storing<'_>,
    id: EnvelopeId,
    sheet: &Sheet,
    state: EnvelopeState,
    note: Option<&str>,
    body: &[u8],
) -> Result<()> {
    let at = batch.now;
    let envelope = NewEnvelope {
        id,
        integration: storing.integration.key(),
        at,
        channel: storing.channel,
        format: sheet.format,
        state,
        note,
        digest: &digest(body),
        body,
    };
    batch.writer().put_envelope(&envelope)?;
    // With it goes how it was read: it may be read again by the rules of another day.
    let how = HowRead::new(storing.reading, sheet.read_with.clone());
    let row = ControlRow { envelope: id, answer: how.write(), source_id: None };
    Ok(batch.writer().put_control(storing.integration.key(), &HowRead::control_id(id), &row)?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
