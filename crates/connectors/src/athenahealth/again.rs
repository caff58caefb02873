//! Kept pages read again. What was asked for shows in what came: lists name what they are of, and one visit or one
//! patient comes as a list of one.

use super::rows::{List, Read, Reading, sheet};
use super::words::Words;
use crate::again::{Cannot, KeptPage, NO_PAGE, NOT_READY};
use crate::rest::words;
use domain::model::Record;
use engine::poll::Sheet;
use engine::setup::Integration;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::sync::Arc;

/// What a list is of.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    appointments: Option<IgnoredAny>,
    #[serde(default)]
    patients: Option<IgnoredAny>,
    #[serde(default)]
    appointmentid: Option<IgnoredAny>,
}

/// What a kept page says.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let words: Words = words(integration).map_err(|_| NOT_READY)?;
    let reading = Reading { rules: &integration.rules, words: &words, now: page.at };
    let is_list_of_one = page.body.trim_ascii_start().first() == Some(&b'[');
    if is_list_of_one {
        let rows: Vec<&RawValue> = serde_json::from_slice(&page.body).map_err(|_| NO_PAGE)?;
        let row = rows.first().ok_or(NO_PAGE)?;
        if page.is_patient {
            return reading.one_patient(page.body.clone(), row).map_err(|_| NO_PAGE);
        }
        // A time that is free again is nobody's visit.
        let Some(mut found) = reading.one_visit(page.body.clone(), row) else { return Ok(sheet(page.body.clone())) };
        if let Some(patient) = page.with {
            reading.join(&mut found, patient.as_bytes());
        }
        return Ok(found);
    }
    let named: Named = serde_json::from_slice(&page.body).map_err(|_| NO_PAGE)?;
    if named.appointments.is_none() && named.patients.is_none() {
        return row(&reading, page, named.appointmentid.is_some());
    }
    let list: List<'_> = serde_json::from_slice(&page.body).map_err(|_| NO_PAGE)?;
    Ok(match named.patients {
        Some(_) => reading.patients(page.body.clone(), &list.appointments),
        None => reading.appointments(page.body.clone(), &list.appointments).0,
    })
}

/// A row that was set aside.
fn row(reading: &Reading<'_>, page: &KeptPage<'_>, is_visit: bool) -> Result<Sheet, Cannot> {
    let row: &RawValue = serde_json::from_slice(&page.body).map_err(|_| NO_PAGE)?;
    let mut found = sheet(page.body.clone());
    let read = if is_visit {
        reading.appointment(row, "row").map(|read| match read {
            Read::Visit(visit, patient) => {
                let patients = patient.map(|patient| *patient).into_iter().collect();
                found.records.push(Record::Appointment(visit, patients));
            }
            Read::Open(_) => {}
        })
    } else {
        reading.patient(row, "row").map(|patient| found.records.push(Record::Patient(Box::new(patient))))
    };
    found.problems.extend(read.err());
    Ok(found)
}
