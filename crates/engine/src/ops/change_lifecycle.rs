//! Moving an integration one step along its way to live, or pausing and resuming it.

use crate::events::queue_live_event;
use crate::notify::queue_live;
use crate::ops::Actor;
use crate::ops::check_readiness::owners_to_name;
use crate::setup::Changed;
use crate::{Engine, Error, Result};
use domain::gates::WakeKey;
use domain::setup::Lifecycle;
use store::WakeScope;

impl Engine {
    /// Moves an integration to a neighbouring state. Visits seen meanwhile are decided again (requirement S0-8).
    pub async fn change_lifecycle(&self, actor: &Actor, integration: &str, to: Lifecycle) -> Result<Lifecycle> {
        let integration = self.integration_for(actor, integration)?;
        let (key, id, actor) = (integration.key(), integration.rules.integration.clone(), actor.clone());
        let done = self.scribe.run(move |batch| {
            let stored = batch.reader().integration(&id)?;
            let mut row = stored.ok_or_else(|| Error::NotFound { what: "integration", id: id.clone() })?;
            let from = row.lifecycle;
            if from == to {
                return Ok(to);
            }
            if !from.next().contains(&to) {
                return Err(Error::Lifecycle { from, to, steps: from.steps_to(to) });
            }
            // Whoever has to act is known before patients depend on it (requirement S3-23).
            if from == Lifecycle::Configured && to == Lifecycle::Live {
                let steps = owners_to_name(&batch.integration(key)?.rules);
                if !steps.is_empty() {
                    return Err(Error::NotReady { steps });
                }
            }
            row.lifecycle = to;
            row.lifecycle_since = batch.now;
            row.version += 1;
            row.changed_at = batch.now;
            let now = batch.now;
            batch.writer().put_integration(key.practice, &row, false)?;
            let why = format!("the integration became {to} by {}", actor.name);
            batch.writer().fire(key, &WakeKey::Integration.to_string(), WakeScope::Upcoming, &why, now)?;
            batch.effects.fired = true;
            batch.effects.causes.insert(key);
            actor.audit(batch, key.practice, "lifecycle", &id, to.word())?;
            batch.refresh_book(&Changed::integration(&id))?;
            if to == Lifecycle::Live {
                let live = batch.integration(key)?;
                queue_live(batch, &live)?;
                queue_live_event(batch, &live)?;
            }
            Ok(to)
        });
        done.await
    }
}
