//! A patient looked at their data on the platform: confirmed them, or said what is wrong (requirement S1-24).

use crate::ops::Actor;
use crate::{Engine, Error, Result};
use domain::gates::WakeKey;
use domain::model::{Confirmed, Correction, PatientField};
use domain::phi::Phi;
use domain::text::Text;
use domain::time::Moment;
use jiff::civil::Date;
use serde::Deserialize;
use store::{PatientRow, WakeScope};

/// What a patient said at login. What is left out they found right.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the fields are those of a patient's record")]
pub struct ConfirmationGiven {
    /// When; left out: now.
    pub at: Option<Moment>,
    pub family: Option<Text>,
    pub given: Option<Text>,
    pub birth_date: Option<Date>,
    pub email: Option<Text>,
    pub mobile: Option<Text>,
    pub phone: Option<Text>,
}

impl ConfirmationGiven {
    fn corrections(&self) -> Vec<Correction> {
        let born = self.birth_date.map(|date| Text::from(date.to_string()));
        let said = [
            (PatientField::Family, self.family.clone()),
            (PatientField::Given, self.given.clone()),
            (PatientField::BirthDate, born),
            (PatientField::Email, self.email.clone()),
            (PatientField::Mobile, self.mobile.clone()),
            (PatientField::Phone, self.phone.clone()),
        ];
        let correction = |(field, said): (PatientField, Option<Text>)| {
            let said = said.and_then(|said| Text::present(said.trim()))?;
            Some(Correction { field, said: Phi::new(said) })
        };
        said.into_iter().filter_map(correction).collect()
    }
}

impl Engine {
    /// Records it. The source's record stays as it is; what the patient says otherwise goes to review. What is older
    /// than what is known changes nothing.
    pub async fn confirm_patient(
        &self,
        actor: &Actor,
        integration: &str,
        source_id: &str,
        given: ConfirmationGiven,
    ) -> Result<()> {
        let integration = self.integration_for(actor, integration)?;
        let (key, actor, source_id) = (integration.key(), actor.clone(), Text::from(source_id));
        let done = self.scribe.run(move |batch| {
            let found = batch.reader().patient(key, &source_id)?;
            let held = found.ok_or_else(|| Error::NotFound { what: "patient", id: source_id.clone() })?;
            let confirmed = Confirmed { at: given.at.unwrap_or(batch.now), corrections: given.corrections() };
            if held.patient.confirmed.as_ref().is_some_and(|known| known.at > confirmed.at) {
                return Ok(());
            }
            let fields: Vec<&str> = confirmed.corrections.iter().map(|correction| correction.field.label()).collect();
            let what = match fields.is_empty() {
                true => "found everything right".to_owned(),
                false => format!("corrected: {}", fields.join(", ")),
            };
            let mut row = PatientRow { patient: held.patient.clone(), link: held.link.clone() };
            row.patient.confirmed = Some(confirmed);
            batch.writer().put_patient(key, Some(&held), &row)?;
            let (now, wake_key) = (batch.now, WakeKey::Patient(source_id.clone()).to_string());
            let why = format!("patient {source_id} looked at their data and {what}");
            batch.writer().fire(key, &wake_key, WakeScope::Waiting, &why, now)?;
            batch.effects.fired = true;
            actor.audit(batch, key.practice, "confirm", &format!("patient:{source_id}"), &what)
        });
        done.await
    }
}
