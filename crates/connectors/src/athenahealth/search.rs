//! Patients on demand, by the vendor's plain search. It is a GET, so that what is looked for stands in an address: the
//! vendor leaves no choice. The best match, its other search, wants a given name, which people do not always have.

use super::reader::{AthenaReader, list};
use crate::rest::percent;
use domain::text::Text;
use engine::poll::{Ask, Failure, One, PatientWanted, Sheet};
use serde_json::value::RawValue;

impl AthenaReader {
    /// By family name and date of birth. Given names are compared by whoever asked: how the vendor compares them is
    /// not known.
    pub(super) async fn search_patients(&self, wanted: &PatientWanted, ask: Ask<'_>) -> Result<Sheet, Failure> {
        let path = format!(
            "patients?lastname={}&dob={}&limit={}",
            percent(&wanted.family),
            percent(&wanted.birth_date.0.strftime("%m/%d/%Y").to_string()),
            ask.page_size
        );
        let answer = self.access.get(&ask, &self.words, &path).await?;
        let list = list(&answer)?;
        Ok(self.reading(&ask).patients(answer.body.as_ref().into(), &list.appointments))
    }

    pub(super) async fn one_patient(&self, id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(One::NotFound);
        }
        let Some(answer) = self.found(&ask, &format!("patients/{id}")).await? else { return Ok(One::NotFound) };
        let rows: Vec<&RawValue> = serde_json::from_slice(&answer.body).map_err(|_| no_patient())?;
        let Some(row) = rows.first() else { return Ok(One::NotFound) };
        let read = self.reading(&ask).one_patient(answer.body.as_ref().into(), row);
        read.map(One::Found).map_err(|_| no_patient())
    }
}

fn no_patient() -> Failure {
    Failure::Malformed { what: Text::literal("the answer is no list of one patient") }
}
