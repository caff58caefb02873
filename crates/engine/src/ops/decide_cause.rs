//! What people decide about causes that leave it to people.

use crate::decide::load_before;
use crate::ops::{Actor, CauseItem};
use crate::scribe::Batch;
use crate::{Engine, Error, Result};
use domain::ids::AppointmentKey;
use domain::ledger::Cause;
use domain::model::Ruling;
use domain::reasons::{Heals, Reason};
use domain::text::Text;
use store::Stop;

/// Visits that one decision reaches at most; more than that is not one decision.
const MOST: usize = 1000;

impl Engine {
    /// Decides about every visit of a cause: it goes ahead, or it is left out.
    pub async fn decide_cause(&self, actor: &Actor, id: &str, go_ahead: bool, note: &str) -> Result<CauseItem> {
        if let Some(item) = self.decide_guard(actor, id, go_ahead, note).await? {
            return Ok(item);
        }
        let (integration, seen) = self.cause_for(actor, id).await?;
        let cause = seen.cause.clone();
        if cause.reason.entry().heals != Heals::ByDecision {
            return Err(Error::Invalid(format!(
                "{} is not decided by people: {}",
                cause.reason,
                cause.reason.entry().heals.label()
            )));
        }
        let item = crate::ops::list_causes::item(&integration, &seen, None, self.clock.now());
        let (actor, note, key) = (actor.clone(), note.to_owned(), integration.key());
        let done = self.scribe.run(move |batch| {
            let stop = Stop { reason: cause.reason, subject: cause.subject.clone() };
            for source_id in batch.reader().stopped_by(key, &stop, None, MOST)? {
                rule(batch, &AppointmentKey { integration: key, source_id }, cause.reason, go_ahead, &actor)?;
            }
            let word = if go_ahead { "apply" } else { "discard" };
            actor.audit(batch, key.practice, "decide", &cause.id, &format!("{word}: {note}"))
        });
        done.await?;
        Ok(item)
    }
}

fn rule(batch: &mut Batch<'_>, key: &AppointmentKey, reason: Reason, go_ahead: bool, actor: &Actor) -> Result<()> {
    let Some(before) = load_before(batch, key)? else { return Ok(()) };
    let integration = batch.integration(key.integration)?;
    let mut appointment = before.decision.appointment.clone();
    appointment.rulings.retain(|ruling| ruling.reason != reason);
    appointment.rulings.push(Ruling { reason, go_ahead });
    let what = if go_ahead { "pushed through" } else { "left out" };
    let cause = Cause::Person { actor: actor.name.clone(), what: Text::literal(what) };
    if reason == Reason::ProviderChangeSplit && go_ahead {
        crate::ingest::retire(batch, &integration, key, &mut appointment, cause.clone())?;
    }
    crate::decide::commit_decision(batch, &integration, key, Some(before), &appointment, true, cause)?;
    Ok(())
}
