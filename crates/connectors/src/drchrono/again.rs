//! What a page was read with besides its bytes, and reading it again: rows leave out the names of doctors and profiles
//! and the doctors' zones, which stand in lists of their own, and patients come by other answers.

use super::answer::List;
use super::names::{Doctor, Names};
use super::patients::patient;
use super::rules::Rules;
use super::visits::{Read, Reading, id_in};
use crate::again::{Cannot, KeptPage, NO_NAMES, NO_PAGE, NOT_READY};
use domain::model::{Record, Stamp};
use domain::text::Text;
use domain::time::Zone;
use engine::ingest::EnvelopeFormat;
use engine::poll::{Problem, Sheet};
use engine::setup::Integration;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a page of visits was read with; one of patients needs nothing.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ReadWith {
    /// Name and zone of the doctors whom rows name, by id.
    #[serde(default)]
    doctors: BTreeMap<Text, Named>,
    /// Names of the profiles that rows name, by id.
    #[serde(default)]
    profiles: BTreeMap<Text, Text>,
    /// Of the list, only this visit was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only: Option<Text>,
    /// Answers about patients that were joined to it.
    #[serde(default)]
    patients: Vec<Box<RawValue>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Named {
    name: Text,
    #[serde(default)]
    zone: Option<Text>,
}

impl ReadWith {
    /// The names that rows need.
    pub(super) fn names(names: &Names, rows: &[Box<RawValue>]) -> ReadWith {
        let mut with = ReadWith::default();
        for (doctor, profile) in super::names::named_in(rows) {
            if let Some((id, doctor)) = doctor.and_then(|id| Some((id.clone(), names.doctor(&id)?))) {
                let zone = doctor.zone.as_ref().map(|zone| zone.name().clone());
                with.doctors.insert(id, Named { name: doctor.name.clone(), zone });
            }
            if let Some((id, name)) = profile.and_then(|id| Some((id.clone(), names.profile(&id)?))) {
                with.profiles.insert(id, name);
            }
        }
        with
    }

    /// Only one visit of a list was looked for, and patients were read with it.
    pub(super) fn of_one(self, only: Option<Text>, patients: &[Sheet]) -> ReadWith {
        let patients = patients.iter().filter_map(|sheet| serde_json::from_slice(&sheet.body).ok()).collect();
        ReadWith { only, patients, ..self }
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    fn as_names(&self) -> Names {
        let doctors = self.doctors.iter().map(|(id, told)| {
            let zone = told.zone.as_deref().and_then(|zone| Zone::named(zone).ok());
            (id.clone(), Doctor { name: told.name.clone(), zone })
        });
        Names::kept(doctors.collect(), self.profiles.iter().map(|(id, name)| (id.clone(), name.clone())).collect())
    }
}

/// What rows of patients say; with when the vendor says that each changed.
pub(super) fn patients_in(
    body: Arc<[u8]>,
    rows: &[Box<RawValue>],
    rules: &Rules,
    stamp: Stamp,
) -> (Sheet, Vec<Option<Text>>) {
    let (mut sheet, mut updated) = (Sheet::of(body, EnvelopeFormat::Json), Vec::new());
    for row in rows {
        match patient(row, rules, stamp) {
            Ok((record, changed)) => {
                updated.push(changed);
                sheet.records.push(Record::Patient(Box::new(record)));
            }
            Err(problem) => sheet.problems.push(problem),
        }
    }
    (sheet, updated)
}

/// What rows of visits say: each in its place, or what is wrong with it.
pub(super) fn visits_in(rows: &[Box<RawValue>], reading: &Reading<'_>) -> Vec<Result<Read, Problem>> {
    rows.iter().map(|row| reading.visit(row)).collect()
}

/// A row that tells a patient names no time of a visit.
#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    scheduled_time: Option<IgnoredAny>,
}

fn is_visit(row: &RawValue) -> bool {
    serde_json::from_str::<Shape>(row.get()).is_ok_and(|shape| shape.scheduled_time.is_some())
}

/// What a kept page says.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let own = Rules::of(integration).map_err(|_| NOT_READY)?;
    let stamp = Stamp { at: page.at, sequence: 0 };
    let mut rows = match serde_json::from_slice::<List>(&page.body) {
        Ok(list) => list.results,
        Err(_) => vec![serde_json::from_slice(&page.body).map_err(|_| NO_PAGE)?],
    };
    let Some(with) = page.with else {
        if rows.iter().any(|row| is_visit(row)) {
            return Err(NO_NAMES);
        }
        return Ok(patients_in(page.body.clone(), &rows, &own, stamp).0);
    };
    let with: ReadWith = serde_json::from_str(with).map_err(|_| NO_NAMES)?;
    if let Some(only) = &with.only {
        rows.retain(|row| id_in(row).as_ref() == Some(only));
    }
    let names = with.as_names();
    let reading = Reading { rules: &integration.rules, own: &own, names: &names, stamp };
    let mut sheet = patients_in(page.body.clone(), &with.patients, &own, stamp).0;
    for read in visits_in(&rows, &reading) {
        match read {
            Ok(read) => sheet.records.push(Record::Appointment(Box::new(read.record), Vec::new())),
            Err(problem) => sheet.problems.push(problem),
        }
    }
    Ok(sheet)
}
