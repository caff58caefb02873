//! What a page was read with besides its bytes, and reading it again: a visit is told by a row of a list and a detail,
//! which are two answers; each is kept with what was used of the other.

use super::answer::{Said, rows};
use super::patients::patient;
use super::rules::Rules;
use super::visits::Reading;
use super::xml::{Node, read};
use crate::again::{Cannot, KeptPage, NO_DETAILS, NO_PAGE, NOT_READY};
use domain::model::{Record, Stamp};
use engine::ingest::EnvelopeFormat;
use engine::poll::Sheet;
use engine::setup::Integration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a page was read with; one of patients needs nothing.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ReadWith {
    /// It is a detail: the row of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    row: Option<Node>,
    /// It is a list: which of its rows were read, by their place, and with which detail.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    read: BTreeMap<usize, Option<Node>>,
    /// Answers that were joined to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    joined: Vec<Joined>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Joined {
    body: String,
    with: Option<String>,
}

impl ReadWith {
    /// A detail with the row that it completes.
    pub(super) fn row(row: &Node) -> ReadWith {
        ReadWith { row: Some(row.clone()), ..ReadWith::default() }
    }

    /// A row of the list was read.
    pub(super) fn note(&mut self, place: usize, detail: Option<&Node>) {
        self.read.insert(place, detail.cloned());
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// What rows of patients say.
pub(super) fn patients_in(body: Arc<[u8]>, rows: &[Node], own: &Rules, stamp: Stamp) -> Sheet {
    let mut sheet = Sheet::of(body, EnvelopeFormat::Xml);
    for row in rows {
        match patient(row, own, stamp) {
            Ok(record) => sheet.records.push(Record::Patient(Box::new(record))),
            Err(problem) => sheet.problems.push(problem),
        }
    }
    sheet
}

/// Puts what a row and its detail say into the sheet of one of them.
pub(super) fn visit_into(sheet: &mut Sheet, reading: &Reading<'_>, row: &Node, detail: Option<&Node>) {
    match reading.visit(row, detail) {
        Ok(record) => sheet.records.push(Record::Appointment(Box::new(record), Vec::new())),
        Err(problem) => sheet.problems.push(problem),
    }
}

/// One sheet of several: what came before comes first, and is kept with it.
pub(super) fn joined(before: Vec<Sheet>, mut found: Sheet) -> Sheet {
    let with = found.read_with.take();
    let mut with: ReadWith = with.and_then(|with| serde_json::from_str(&with).ok()).unwrap_or_default();
    let mut records = Vec::new();
    for sheet in before {
        let body = String::from_utf8_lossy(&sheet.body).into_owned();
        with.joined.push(Joined { body, with: sheet.read_with });
        records.extend(sheet.records);
    }
    records.append(&mut found.records);
    Sheet { records, read_with: with.write(), ..found }
}

/// The result of an answer, and the name of its operation.
fn result_of(body: &[u8]) -> Option<(String, Node)> {
    let envelope = read(body)?;
    let answer = envelope.child("Body")?.children.first()?;
    let operation = answer.name.strip_suffix("Response")?.to_owned();
    let result = answer.child(&format!("{operation}Result"))?.clone();
    Some((operation, result))
}

/// What a kept page says.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let own = Rules::of(integration).map_err(|_| NOT_READY)?;
    let stamp = Stamp { at: page.at, sequence: 0 };
    let reading = Reading { rules: &integration.rules, own: &own, stamp };
    sheet_of(&reading, page.body.clone(), page.with)
}

fn sheet_of(reading: &Reading<'_>, body: Arc<[u8]>, with: Option<&str>) -> Result<Sheet, Cannot> {
    let (operation, result) = result_of(&body).ok_or(NO_PAGE)?;
    let list = |list: &str, row: &str| rows(Said::Result(result.clone()), list, row).map_err(|_| NO_PAGE);
    let with = with.map(|with| serde_json::from_str::<ReadWith>(with).map_err(|_| NO_DETAILS)).transpose()?;
    let mut sheet = Sheet::of(body.clone(), EnvelopeFormat::Xml);
    match operation.as_str() {
        "GetPatients" => sheet = patients_in(body, &list("Patients", "PatientData")?, reading.own, reading.stamp),
        "GetPatient" => {
            let row = result.child("Patient").ok_or(NO_PAGE)?;
            sheet = patients_in(body, std::slice::from_ref(row), reading.own, reading.stamp);
        }
        "GetAppointment" => {
            let row = with.and_then(|with| with.row).ok_or(NO_DETAILS)?;
            visit_into(&mut sheet, reading, &row, result.child("Appointment"));
        }
        "GetAppointments" => {
            let with = with.ok_or(NO_DETAILS)?;
            let told = list("Appointments", "AppointmentData")?;
            for (place, detail) in &with.read {
                visit_into(&mut sheet, reading, told.get(*place).ok_or(NO_PAGE)?, detail.as_ref());
            }
            let before =
                with.joined.iter().map(|part| sheet_of(reading, part.body.as_bytes().into(), part.with.as_deref()));
            sheet = joined(before.collect::<Result<_, _>>()?, sheet);
        }
        _ => return Err(NO_PAGE),
    }
    Ok(sheet)
}
