//! Searching the practice system itself for a patient, and reading one of them, where the source can be asked
//! (requirement S0-19). Nothing is kept of a search; who is imported is read and kept then.

use crate::decide::candidates_of;
use crate::ops::show_patient::{birth_date, state};
use crate::ops::{Actor, PatientHit};
use crate::poll::{Ask, Failure, Governor, One, Pace, PatientWanted, SourceReader, keep_patient_now, told};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::model::{BirthDate, Patient, PatientRecord, Record};
use domain::reasons::Reason;
use domain::setup::Lifecycle;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use store::PatientRow;

/// How long somebody who asks waits for the source.
const PATIENCE: Duration = Duration::from_secs(30);
/// Patients that are asked for, at most.
const FOUND: u32 = 20;
/// The state of a patient of whom the source has not told us yet.
const NOT_TOLD: &str = "not_told";

/// Whom somebody is looking for. By less than a family name and a date of birth no source is searched: it is a way to
/// somebody who is known, not a list of a practice's patients.
#[derive(Clone, Debug)]
pub struct SourceAsked {
    /// The family name, or how it begins.
    pub family: Text,
    /// The given name, or how it begins.
    pub given: Option<Text>,
    /// The date of birth.
    pub birth_date: BirthDate,
}

/// Whom the source knows.
#[derive(Clone, Debug, Serialize)]
pub struct SourceFound {
    /// `answered` or `failed`.
    pub outcome: &'static str,
    /// Why it failed.
    pub code: Option<Reason>,
    /// What was said.
    pub observed: Option<Text>,
    /// Patients, at most twenty; of whom the source told us before with their link.
    pub items: Vec<PatientHit>,
}

impl Engine {
    /// Whether the source of an integration can be searched for patients; otherwise why not.
    pub fn can_search_source(&self, integration: &Arc<Integration>) -> std::result::Result<(), &'static str> {
        match self.source_reader(integration) {
            None => Err("this practice system tells by itself and cannot be searched"),
            Some(Err(_)) => Err("the practice system cannot be asked now: look at its page for what is missing"),
            Some(Ok(reader)) if !reader.finds_patients() => Err("this practice system cannot be searched for patients"),
            Some(Ok(_)) if integration.rules.lifecycle != Lifecycle::Live => {
                Err("the integration is not live: until then the practice system is not searched")
            }
            Some(Ok(_)) => Ok(()),
        }
    }

    /// Searches the practice system for a patient. Every search leaves a row in the audit log; what was typed does not
    /// stand in it.
    pub async fn search_source(&self, actor: &Actor, integration: &str, asked: SourceAsked) -> Result<SourceFound> {
        let integration = self.integration_for(actor, integration)?;
        let reader = self.searchable(&integration)?;
        let wanted = PatientWanted {
            family: asked.family.trim().into(),
            given: asked.given.as_deref().and_then(Text::present),
            birth_date: asked.birth_date,
        };
        if wanted.family.chars().count() < 2 {
            let told = "a family name of two letters and a date of birth are the least that a source is searched by";
            return Err(Error::Invalid(told.to_owned()));
        }
        self.note_search(actor, &integration, "search_source", "patients").await?;
        let governor = Governor::of(&integration, self.scribe.clone(), self.clock.clone());
        let now = self.clock.now();
        let mut answer = Err(Failure::Unauthorized);
        for _ in 0..2 {
            let asked = tokio::time::timeout(PATIENCE, reader.patients(&wanted, question(now, &governor)));
            answer = asked.await.unwrap_or_else(|_| Err(late()));
            if !matches!(answer, Err(Failure::Unauthorized)) {
                break;
            }
            reader.refresh();
        }
        let records = match answer {
            Ok(sheet) => sheet.records,
            Err(failure) => {
                let (code, observed) = told(&failure);
                let items = Vec::new();
                return Ok(SourceFound { outcome: "failed", code: Some(code), observed: Some(observed), items });
            }
        };
        let (sight, key) = (actor.sight(), integration.key());
        let found: Vec<PatientRecord> = records.into_iter().filter_map(|record| matching(record, &wanted)).collect();
        let items = self.read(move |store| {
            let mut items: Vec<PatientHit> = Vec::new();
            for record in found.into_iter().take(FOUND as usize) {
                let known = store.patient(key, &record.source_id)?;
                let told = known.is_some();
                let link = known.as_ref().and_then(|row| row.link.clone());
                let patient = of_record(&record);
                let row = known.unwrap_or(PatientRow { patient: patient.clone(), link: None });
                let ambiguous = link.is_none() && !candidates_of(store, &integration, &row)?.is_empty();
                items.push(PatientHit {
                    source_id: record.source_id.clone(),
                    name: patient.full_name().map(|name| sight.name(&name)),
                    birth_date: birth_date(&patient, sight),
                    state: if told || ambiguous { state(link.as_ref(), ambiguous) } else { NOT_TOLD },
                    platform_id: link.map(|link| link.platform_id),
                });
            }
            Ok(items)
        });
        Ok(SourceFound { outcome: "answered", code: None, observed: None, items: items.await? })
    }

    /// Reads a patient of whom the source has not told us yet, and keeps what it says. Does nothing where it cannot be
    /// asked.
    pub(crate) async fn read_patient(&self, actor: &Actor, integration: &Arc<Integration>, id: &Text) -> Result<()> {
        if self.can_search_source(integration).is_err() {
            return Ok(());
        }
        let reader = self.searchable(integration)?;
        self.note_search(actor, integration, "read", &format!("patient:{id}")).await?;
        let governor = Governor::of(integration, self.scribe.clone(), self.clock.clone());
        let now = self.clock.now();
        let mut answer = Err(Failure::Unauthorized);
        for _ in 0..2 {
            let asked = tokio::time::timeout(PATIENCE, reader.patient(id, question(now, &governor)));
            answer = asked.await.unwrap_or_else(|_| Err(late()));
            if !matches!(answer, Err(Failure::Unauthorized)) {
                break;
            }
            reader.refresh();
        }
        match answer {
            Ok(One::NotFound) => Ok(()),
            Ok(One::Found(sheet)) => {
                let stamps = reader.capabilities().stamps;
                keep_patient_now(self, integration.key(), sheet, stamps, now).await
            }
            Err(failure) => {
                let (_, observed) = told(&failure);
                Err(Error::Invalid(format!("the practice system did not tell of the patient: {observed}")))
            }
        }
    }

    fn searchable(&self, integration: &Arc<Integration>) -> Result<Arc<dyn SourceReader>> {
        self.can_search_source(integration).map_err(|why| Error::Invalid(why.to_owned()))?;
        let gone = || Error::Invalid("the practice system cannot be asked now".to_owned());
        self.source_reader(integration).and_then(std::result::Result::ok).ok_or_else(gone)
    }

    async fn note_search(
        &self,
        actor: &Actor,
        integration: &Arc<Integration>,
        action: &'static str,
        what: &str,
    ) -> Result<()> {
        let practice = integration.key().practice;
        let (actor, subject) = (actor.clone(), format!("{}/{what}", integration.rules.integration));
        let detail = actor.purpose.clone().unwrap_or_default();
        self.scribe.run(move |batch| actor.audit(batch, practice, action, &subject, &detail)).await
    }
}

fn question<'a>(now: Moment, governor: &'a Governor) -> Ask<'a> {
    Ask { cursor: None, overlap_secs: 0, page_size: FOUND, now, pace: governor as &dyn Pace }
}

fn late() -> Failure {
    Failure::Unreachable { what: Text::from(format!("no answer within {} s", PATIENCE.as_secs())) }
}

/// What a record says, as a patient.
fn of_record(record: &PatientRecord) -> Patient {
    let PatientRecord { source_id, family, given, birth_date, email, mobile, phone, .. } = record.clone();
    Patient { family, given, birth_date, email, mobile, phone, ..Patient::unknown(source_id) }
}

/// A source that leaves out a question it does not know would tell of everybody: only who was asked for is passed on.
fn matching(record: Record, wanted: &PatientWanted) -> Option<PatientRecord> {
    let Record::Patient(patient) = record else { return None };
    let begins =
        |is: Option<&Text>, wanted: &str| is.is_some_and(|is| is.to_lowercase().starts_with(&wanted.to_lowercase()));
    let family = begins(patient.family.value().map(|name| name.open()), &wanted.family);
    let given =
        wanted.given.as_deref().is_none_or(|given| begins(patient.given.value().map(|name| name.open()), given));
    let born = patient.birth_date.value().is_some_and(|date| *date.open() == wanted.birth_date);
    (family && given && born).then_some(*patient)
}
