//! Who saw and changed what, and whether the log is whole.

use crate::ops::{Actor, Listing};
use crate::{Engine, Error, Result};
use domain::ids::{AuditId, PracticeNo};
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::audit_hash;

/// One row.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct AuditItem {
    pub id: AuditId,
    pub at: Moment,
    pub actor: Text,
    pub role: Text,
    pub action: Text,
    pub subject: Text,
    pub detail: Text,
}

/// Whether the log is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainCheck {
    /// Rows checked.
    pub rows: u64,
    /// The first row whose hash does not fit what is before it.
    pub broken_at: Option<AuditId>,
}

const PAGE: usize = 200;

impl Engine {
    /// A page of the audit log, newest first.
    pub async fn read_audit(
        &self,
        actor: &Actor,
        subject: Option<Text>,
        cursor: Option<String>,
    ) -> Result<Listing<AuditItem>> {
        let before = cursor
            .map(|text| {
                text.parse::<AuditId>().map_err(|_| Error::Invalid("this cursor is not one of ours".to_owned()))
            })
            .transpose()?;
        let practice = match &actor.practice {
            None => None,
            Some(id) => {
                let book = self.setup();
                let found = book.practice(id).map(|practice| practice.practice);
                Some(found.ok_or_else(|| Error::NotFound { what: "practice", id: id.clone() })?)
            }
        };
        let listing = self
            .read(move |reader| {
                let rows = reader.audit(practice, subject.as_deref(), before, PAGE)?;
                let next_cursor = rows.last().filter(|_| rows.len() == PAGE).map(|row| row.audit.id.to_string());
                let items = rows.into_iter().map(|row| row.audit).map(|audit| AuditItem {
                    id: audit.id,
                    at: audit.at,
                    actor: audit.actor,
                    role: audit.role,
                    action: audit.action,
                    subject: audit.subject,
                    detail: audit.detail,
                });
                Ok(Listing { items: items.collect(), next_cursor })
            })
            .await?;
        self.note_view(actor, practice.unwrap_or(PracticeNo::UNROUTED), "audit".to_owned()).await?;
        Ok(listing)
    }

    /// Checks the whole chain, page by page.
    pub async fn check_audit(&self) -> Result<ChainCheck> {
        self.read(|reader| {
            let (mut before, mut after, mut rows) = ([0; 32], AuditId(0), 0);
            loop {
                let page = reader.audit_chain(after, 1000)?;
                let Some(last) = page.last() else { return Ok(ChainCheck { rows, broken_at: None }) };
                after = last.audit.id;
                for row in &page {
                    if audit_hash(&before, &row.audit) != row.hash {
                        return Ok(ChainCheck { rows, broken_at: Some(row.audit.id) });
                    }
                    before = row.hash;
                    rows += 1;
                }
            }
        })
        .await
    }
}
