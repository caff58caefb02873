//! Taking a patient of the source over into the platform before they have a visit (requirement S0-19).

use crate::decide::{account_id, candidates_of, is_told_apart};
use crate::ops::{Actor, Imported};
use crate::{Engine, Error, Result};
use domain::gates::WakeKey;
use domain::model::PatientLink;
use domain::text::Text;
use store::{PatientRow, WakeScope};

impl Engine {
    /// Makes an account for a patient of the source, linked by import. Who is linked already stays so, and nothing is
    /// made twice; where somebody alike has an account, a person has to say who is who. A patient of whom the source
    /// has not told us yet is read first, where the source can be asked.
    pub async fn import_patient(&self, actor: &Actor, integration: &str, source_id: &str) -> Result<Imported> {
        let integration = self.integration_for(actor, integration)?;
        let (key, source_id) = (integration.key(), Text::from(source_id));
        let wanted = source_id.clone();
        if !self.read(move |reader| Ok(reader.patient(key, &wanted)?.is_some())).await? {
            self.read_patient(actor, &integration, &source_id).await?;
        }
        let actor = actor.clone();
        let done = self.scribe.run(move |batch| {
            let integration = batch.integration(key)?;
            let found = batch.reader().patient(key, &source_id)?;
            let held = found.ok_or_else(|| Error::NotFound { what: "patient", id: source_id.clone() })?;
            if let Some(link) = &held.link {
                return Ok(Imported::of(&source_id, link, false));
            }
            if let Some(survivor) = &held.patient.merged_into {
                return Err(Error::Invalid(format!("the record was merged into {survivor}: import that one")));
            }
            let alike = candidates_of(batch.reader(), &integration, &held)?;
            if let Some(alike) = alike.first() {
                let told = format!(
                    "account {} may be this patient's ({} % alike): link the two, or correct the record that is wrong",
                    alike.platform_id, alike.likeness
                );
                return Err(Error::Invalid(told));
            }
            if batch.reader().has_unlinked_accounts(key)? && !is_told_apart(&held) {
                let told = "too little is known of the patient to compare with the accounts that are not linked";
                return Err(Error::Invalid(told.to_owned()));
            }
            let link = PatientLink {
                platform_id: account_id(key, &source_id),
                method: Imported::METHOD,
                at: batch.now,
                author: Some(actor.name.clone()),
            };
            let row = PatientRow { link: Some(link.clone()), ..held.clone() };
            batch.writer().put_patient(key, Some(&held), &row)?;
            let (now, wake_key) = (batch.now, WakeKey::Patient(source_id.clone()).to_string());
            let why = format!("imported by {}", actor.name);
            batch.writer().fire(key, &wake_key, WakeScope::Waiting, &why, now)?;
            batch.effects.fired = true;
            actor.audit(batch, key.practice, "import", &format!("patient:{source_id}"), &link.platform_id)?;
            Ok(Imported::of(&source_id, &link, true))
        });
        done.await
    }
}
