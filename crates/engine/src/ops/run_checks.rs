//! Asking every data-quality check of an integration now, because a person wants to know (requirement S3-22).

use crate::checks::{keep, ordered_run};
use crate::ops::{Actor, CheckList};
use crate::{Engine, Error, Result};
use domain::checks::CheckState;
use domain::setup::Lifecycle;
use store::CheckRunRow;

impl Engine {
    /// Asks every check that is switched on, whatever is due, and tells what was found. There is one run of a minute:
    /// whoever asks again within it, in whichever process, gets what was found then. Who asked is audited.
    pub async fn run_checks(&self, actor: &Actor, id: &str) -> Result<CheckList> {
        let integration = self.integration_for(actor, id)?;
        if integration.rules.lifecycle == Lifecycle::Initiated {
            return Err(Error::Invalid(format!(
                "there is nothing to check: {id} is {}, {}",
                Lifecycle::Initiated,
                Lifecycle::Initiated.outstanding()
            )));
        }
        let (known, now, by) = (integration.clone(), self.clock.now(), actor.clone());
        let row = self.read(move |reader| ordered_run(reader, &known, now)).await?;
        let subject = format!("{}/checks", integration.rules.integration);
        let kept = self.scribe.run(move |batch| {
            if let Some(row) = &row {
                keep(batch, &integration, row)?;
            }
            by.audit(batch, integration.key().practice, "run_checks", &subject, &told(row.as_ref()))
        });
        kept.await?;
        self.list_checks(actor, id).await
    }
}

/// What the audit log says of a run.
fn told(row: Option<&CheckRunRow>) -> String {
    let Some(row) = row else { return "asked in this minute already".to_owned() };
    let failed = row.results.iter().filter(|result| result.state == CheckState::Failed).count();
    format!("{} asked, {failed} failed", row.results.len())
}
