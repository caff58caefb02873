//! Deciding and delivering again at a person's wish: safe to repeat, and it says what would come of it.

use crate::decide::{redecide, would_become};
use crate::deliver::remind;
use crate::ops::Actor;
use crate::{Engine, Error, Result};
use domain::decide::Verdict;
use domain::ids::AppointmentKey;
use domain::ledger::Cause;
use domain::text::Text;
use serde::Serialize;

/// What came, or would come, of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Redriven {
    /// The verdict before.
    pub before: Verdict,
    /// The verdict after.
    pub after: Verdict,
    /// Something was written.
    pub changed: bool,
}

impl Engine {
    /// Decides on an appointment again, and drives anew a delivery that was given up, or that the platform took and
    /// never confirmed. With `preview` nothing is written.
    pub async fn redrive_appointment(
        &self,
        actor: &Actor,
        integration: &str,
        source_id: &str,
        preview: bool,
    ) -> Result<Redriven> {
        let integration = self.integration_for(actor, integration)?;
        let key = AppointmentKey { integration: integration.key(), source_id: source_id.into() };
        let missing = Error::NotFound { what: "appointment", id: source_id.into() };
        if preview {
            let now = self.clock.now();
            let moved = self.read(move |reader| would_become(reader, &integration, &key, now)).await?;
            let (before, after) = moved.ok_or(missing)?;
            return Ok(Redriven { before, after, changed: before != after });
        }
        let actor = actor.clone();
        let done = self.scribe.run(move |batch| {
            let cause = Cause::Person { actor: actor.name.clone(), what: Text::literal("driven again") };
            let subject = format!("{}/{}", integration.rules.integration, key.source_id);
            actor.audit(batch, key.integration.practice, "redrive", &subject, "")?;
            let redecided = redecide(batch, &key, &cause)?;
            let reminded = remind(batch, &key)?;
            Ok(redecided.map(|redecided| (redecided, reminded)))
        });
        let (redecided, reminded) = done.await?.ok_or(missing)?;
        Ok(Redriven { before: redecided.before, after: redecided.now, changed: redecided.stored || reminded })
    }
}
