//! The queue as a file for a spreadsheet. That it was taken is audited and counted: whoever keeps a sheet of their own
//! does not rely on the queue (requirement S3-27).

use crate::exceptions::count_use;
use crate::ops::{Actor, CauseItem, CausesAsked};
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::exception::QueueUse;
use domain::ids::PracticeNo;
use std::collections::BTreeMap;
use std::sync::Arc;

const HEADER: &str =
    "practice_queue,code,subject,visits,to_save,next_visit,keeps_visits_back,owner,due,state,first_seen";

impl Engine {
    /// The open causes that were asked for, as CSV (RFC 4180): codes, ids, counts and times, never a name of a patient.
    pub async fn export_causes(&self, actor: &Actor, asked: CausesAsked) -> Result<String> {
        let mut integrations = self.integrations_of(actor);
        integrations.retain(|known| asked.integration.as_ref().is_none_or(|id| *id == known.rules.integration));
        integrations.retain(|known| asked.practice.as_ref().is_none_or(|id| *id == known.rules.practice));
        let listed = self.open_causes(actor, asked).await?;
        let practices: BTreeMap<PracticeNo, Arc<Integration>> =
            integrations.into_iter().map(|known| (known.key().practice, known)).collect();
        let (actor, count) = (actor.clone(), listed.items.len());
        let noted = self.scribe.run(move |batch| {
            for (practice, integration) in &practices {
                actor.audit(batch, *practice, "export", "causes", &format!("{count} open causes as a file"))?;
                count_use(batch, integration, &[QueueUse::Exported])?;
            }
            Ok(())
        });
        noted.await?;
        let lines = listed.items.iter().map(line);
        Ok(std::iter::once(HEADER.to_owned()).chain(lines).map(|line| line + "\r\n").collect())
    }
}

fn line(cause: &CauseItem) -> String {
    let time = |at: Option<domain::time::Moment>| at.map_or_else(String::new, |at| at.to_string());
    let owner = cause.owner.name.as_ref().map_or(cause.owner.role.label(), |name| name.as_str());
    let fields = [
        cause.integration.to_string(),
        cause.code.code().to_owned(),
        cause.subject.to_string(),
        cause.count.to_string(),
        cause.coming.to_string(),
        time(cause.next_start),
        cause.blocking.to_string(),
        owner.to_owned(),
        cause.due_at.to_string(),
        cause.handling.to_owned(),
        cause.first_seen.to_string(),
    ];
    fields.iter().map(|text| field(text)).collect::<Vec<_>>().join(",")
}

/// One field. What a spreadsheet would take for a formula is kept from being one.
fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_stays_one_and_is_no_formula() {
        for (text, written) in [
            ("DR9", "DR9"),
            ("a, b", "\"a, b\""),
            ("say \"b\"", "\"say \"\"b\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("@home", "\"'@home\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(field(text), written);
        }
    }
}
