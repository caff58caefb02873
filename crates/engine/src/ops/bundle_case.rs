//! Everything about one visit in one file, for whoever has to find out what is wrong: gates, evidence, timeline,
//! attempts and causes, with identities masked whoever asks (requirements S0-28, S1-31).

use crate::ops::explain_appointment::explained;
use crate::ops::give_feedback::item as feedback_item;
use crate::ops::list_causes::{CauseStory, story};
use crate::ops::{Actor, Explained, FeedbackItem, IntegrationItem};
use crate::{Engine, Error, Result};
use domain::explain::Sight;
use domain::ids::AppointmentKey;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;

/// What people said that is looked through for this visit.
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
    /// Why, in their words.
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
        let found = self.read(move |reader| {
            let Some(explained) = explained(reader, &integration, &key, Sight::Masked, now)? else { return Ok(None) };
            let mut causes = Vec::new();
            for fix in &explained.fix_once {
                causes.extend(story(reader, &integration, &fix.cause, now)?);
            }
            let said = reader.feedback(key.integration, None, SAID)?;
            let said = said.into_iter().filter(|row| row.source_id == key.source_id);
            let feedback = said.map(|row| feedback_item(&integration, row)).collect();
            Ok(Some((explained, causes, feedback)))
        });
        let missing = || Error::NotFound { what: "appointment", id: source_id.into() };
        let (explanation, causes, feedback) = found.await?.ok_or_else(missing)?;
        let (by, said) = (actor.clone(), note.to_owned());
        let noted = self.scribe.run(move |batch| by.audit(batch, practice, "bundle", &subject, &said));
        noted.await?;
        Ok(CaseBundle {
            format: "punctual-case@1",
            made_at: now,
            made_by: actor.name.clone(),
            role: actor.role.word(),
            note: Text::from(note),
            redacted: "Names, addresses, phone numbers and birth dates are masked; messages are named by their ids only.",
            integration: item,
            explanation,
            causes,
            feedback,
        })
    }
}
