//! Everything about one visit in one file, for whoever has to find out what is wrong: gates, evidence, timeline,
//! attempts and causes, with identities masked whoever asks (requirements S0-28, S1-31).

use crate::ops::explain_appointment::explained;
use crate::ops::give_feedback::item as feedback_item;
use crate::ops::list_causes::{CauseStory, story};
use crate::ops::{Actor, Explained, FeedbackItem, IntegrationItem};
use crate::{Engine, Error, Result};
use domain::explain::{Sight, mask_known};
use domain::ids::AppointmentKey;
use domain::ledger::Entry;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::Reader;

/// What people said of one visit, at most.
const SAID: usize = 500;

/// One visit, to be handed on.
#[derive(Clone, Debug, Serialize)]
pub struct CaseBundle {
    /// `punctual-case@1`.
    pub format: &'static str,
    /// When it was made.
    pub made_at: Moment,
    /// By whom.
    pub made_by: Text,
    /// In which role.
    pub role: &'static str,
    /// Why, in their words, without what tells who the patients of the visit are.
    pub note: Text,
    /// What is left out, in a sentence.
    pub redacted: &'static str,
    /// The integration with the health of its feed.
    pub integration: IntegrationItem,
    /// The explanation with every gate, its evidence, the delivery and the timeline.
    pub explanation: Explained,
    /// The causes it stands under, with what people did about them.
    pub causes: Vec<CauseStory>,
    /// What people said of its explanations.
    pub feedback: Vec<FeedbackItem>,
}

impl Engine {
    /// Puts everything about one visit together. That it was done is audited, with the note.
    pub async fn bundle_case(
        &self,
        actor: &Actor,
        integration: &str,
        source_id: &str,
        note: &str,
    ) -> Result<CaseBundle> {
        let item = self.show_integration(actor, integration).await?;
        let integration = self.integration_for(actor, integration)?;
        let key = AppointmentKey { integration: integration.key(), source_id: source_id.into() };
        let (now, practice) = (self.clock.now(), key.integration.practice);
        let subject = format!("{}/{source_id}", integration.rules.integration);
        let (by, said, typed) = (actor.clone(), note.to_owned(), note.to_owned());
        let found = self.read(move |reader| {
            let Some(explained) = explained(reader, &integration, &key, Sight::Masked, now)? else { return Ok(None) };
            let mut causes = Vec::new();
            for fix in &explained.fix_once {
                let told = story(reader, &integration, &fix.cause, now)?;
                causes.extend(told.map(|told| told.seen_with(Sight::Masked)));
            }
            let said = reader.feedback_of(&key, SAID)?;
            let feedback = said.into_iter().map(|row| feedback_item(&integration, row, Sight::Masked)).collect();
            let known = names(reader, &key)?;
            Ok(Some((explained, causes, feedback, mask_known(&typed, &known))))
        });
        let missing = || Error::NotFound { what: "appointment", id: source_id.into() };
        let (explanation, causes, feedback, note) = found.await?.ok_or_else(missing)?;
        let noted = self.scribe.run(move |batch| by.audit(batch, practice, "bundle", &subject, &said));
        noted.await?;
        Ok(CaseBundle {
            format: "punctual-case@1",
            made_at: now,
            made_by: actor.name.clone(),
            role: actor.role.word(),
            note,
            redacted: "Names, addresses, phone numbers and birth dates are masked, and so are the notes of people; in \
                       the note of this file what is known of its patients is. Messages are named by their ids only.",
            integration: item,
            explanation,
            causes,
            feedback,
        })
    }
}

/// What a note could call the patients of a visit.
fn names(reader: &mut dyn Reader, key: &AppointmentKey) -> Result<Vec<Text>> {
    let mut names = Vec::new();
    let Some(row) = reader.appointment(key)? else { return Ok(names) };
    let Some(stored) = reader.entry(row.decided)? else { return Ok(names) };
    let Entry::Decided { decision, .. } = &stored.entry else { return Ok(names) };
    for participant in decision.appointment.participants.members() {
        names.push(participant.source_id.clone());
        let Some(row) = reader.patient(key.integration, &participant.source_id)? else { continue };
        let parts = [&row.patient.family, &row.patient.given];
        names.extend(parts.into_iter().filter_map(|part| part.value()).map(|part| part.open().clone()));
    }
    Ok(names)
}
