//! Kept pages read again. A page of the site's book holds all that is read of it; EXACT's own interface tells of
//! patients in answers of their own, which are kept with the page ([`ReadWith`]).

use super::people::{Contact, Person, patient};
use super::rows::{List, Reading, sheet};
use super::words::Credentials;
use crate::again::{Cannot, KeptPage, NO_PAGE, NO_PATIENTS, NOT_READY};
use crate::rest::credentials;
use domain::model::PatientRecord;
use domain::text::Text;
use engine::poll::Sheet;
use engine::setup::Integration;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::ops::Range;
use std::sync::Arc;

/// What a page of EXACT's own interface was read with.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ReadWith {
    /// Which of its rows were read: patients take time, and a list is read in parts. `None`: it is one visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<Range<usize>>,
    /// Patients who were asked for, by the row that named them.
    #[serde(default)]
    pub(super) patients: Vec<Told>,
}

/// The two answers about a patient.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) row: usize,
    pub(super) id: Text,
    pub(super) person: Box<RawValue>,
    /// `None`: we may not see it.
    #[serde(default)]
    pub(super) contact: Option<Box<RawValue>>,
}

impl Told {
    /// What they say; `None`: they are no such answers.
    pub(super) fn read(&self, reading: &Reading<'_>) -> Option<PatientRecord> {
        let person: Person = serde_json::from_str(self.person.get()).ok()?;
        let contact: Option<Contact> = match &self.contact {
            Some(contact) => Some(serde_json::from_str(contact.get()).ok()?),
            None => None,
        };
        Some(patient(self.id.clone(), &person, contact.as_ref(), reading.stamp()))
    }
}

impl ReadWith {
    /// The patients of a row.
    pub(super) fn of_row(&self, reading: &Reading<'_>, row: usize) -> Vec<PatientRecord> {
        let told = self.patients.iter().filter(|told| told.row == row);
        told.filter_map(|told| told.read(reading)).collect()
    }
}

/// What a kept page says.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let reading = Reading { rules: &integration.rules, now: page.at };
    let with = match credentials(integration).map_err(|_| NOT_READY)? {
        Credentials::Site { .. } => None,
        Credentials::Api { .. } => {
            let with = page.with.ok_or(NO_PATIENTS)?;
            Some(serde_json::from_str::<ReadWith>(with).map_err(|_| NO_PATIENTS)?)
        }
    };
    if let Ok(list) = serde_json::from_slice::<List<'_>>(&page.body) {
        let Some(with) = with else { return Ok(reading.book(page.body.clone(), &list.appointments)) };
        let mut sheet = sheet(page.body.clone());
        for n in with.rows.clone().ok_or(NO_PAGE)? {
            let row = list.appointments.get(n).ok_or(NO_PAGE)?;
            reading.read_into(&mut sheet, row, &format!("appointments[{n}]"), with.of_row(&reading, n));
        }
        return Ok(sheet);
    }
    // One visit, or a row that was set aside.
    let row: &RawValue = serde_json::from_slice(&page.body).map_err(|_| NO_PAGE)?;
    let patients = with.filter(|with| with.rows.is_none()).map(|with| with.of_row(&reading, 0)).unwrap_or_default();
    let mut sheet = sheet(page.body.clone());
    reading.read_into(&mut sheet, row, "appointment", patients);
    Ok(sheet)
}
