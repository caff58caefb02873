//! Patients on demand. The vendor searches by GET only, so that what is looked for stands in an address; therefore only
//! the date of birth is sent (`date_of_birth`, confirmed), and who of that day has the name is found out here. That
//! also finds names by how they begin, which the vendor's own filter of names is not known to do.

use super::answer::{failure, list};
use super::patients::patient;
use super::reader::{DrchronoReader, cursor_of, one_row, sheet, stamp};
use domain::model::{PatientRecord, Record};
use domain::text::Text;
use engine::poll::{Ask, Failure, One, PatientWanted, Sheet};
use hyper::StatusCode;

/// The patients of one date of birth fit on so many pages, or the vendor did not look for that date.
const MOST_PAGES: usize = 4;

impl DrchronoReader {
    pub(super) async fn search_patients(&self, wanted: &PatientWanted, ask: Ask<'_>) -> Result<Sheet, Failure> {
        let born = wanted.birth_date.0.to_string();
        let size = self.integration.rules.source.polling.page_size.to_string();
        let (mut found, mut cursor) = (None, None);
        for _ in 0..MOST_PAGES {
            let mut query = vec![("date_of_birth", born.as_str()), ("page_size", size.as_str())];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let answer = self.get(&ask, "patients", &query).await?;
            let page = list(&answer, "patients", ask.now)?;
            let sheet = found.get_or_insert_with(|| sheet(&answer));
            for row in &page.results {
                match patient(row, &self.rules, stamp(&ask)) {
                    Ok((record, _)) if is_wanted(&record, wanted) => {
                        sheet.records.push(Record::Patient(Box::new(record)));
                    }
                    Ok(_) => {}
                    Err(problem) => sheet.problems.push(problem),
                }
            }
            cursor = cursor_of(page.next.as_deref())?;
            if cursor.is_none() {
                return found.ok_or_else(endless);
            }
        }
        Err(endless())
    }

    /// One patient. Unlike beside a visit, who may not be read is told: somebody asked for them.
    pub(super) async fn one_patient(&self, id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        let answer = self.get(&ask, &format!("patients/{}", crate::rest::percent(id)), &[]).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(One::NotFound);
        }
        if let Some(failure) = failure(&answer, "a patient", ask.now) {
            return Err(failure);
        }
        let row = one_row(&answer)?;
        let (record, _) = patient(&row, &self.rules, stamp(&ask)).map_err(|problem| Failure::Malformed {
            what: Text::from(format!("the patient cannot be read ({})", problem.place)),
        })?;
        let mut sheet = sheet(&answer);
        sheet.records.push(Record::Patient(Box::new(record)));
        Ok(One::Found(sheet))
    }
}

/// The names begin as they were typed.
fn is_wanted(record: &PatientRecord, wanted: &PatientWanted) -> bool {
    let begins = |name: Option<&Text>, typed: &str| {
        name.is_some_and(|name| name.to_lowercase().starts_with(&typed.to_lowercase()))
    };
    begins(record.family.value().map(|name| name.open()), &wanted.family)
        && wanted.given.as_deref().is_none_or(|typed| begins(record.given.value().map(|name| name.open()), typed))
}

fn endless() -> Failure {
    Failure::Malformed { what: Text::literal("the list of one date of birth does not end") }
}
