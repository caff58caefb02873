//! Who saw and changed what, and whether the log is whole.

use crate::ops::{Actor, Listing};
use crate::{Engine, Error, Result};
use domain::explain::Sight;
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
    /// A page of the audit log, newest first. Notes that people typed are masked for whoever sees identities masked;
    /// the reasons for which people looked are what the log is read for.
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
        let sight = actor.sight();
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
                    detail: detail(&audit.action, audit.detail, sight),
                    action: audit.action,
                    subject: audit.subject,
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

/// What a row says besides, as somebody sees it.
fn detail(action: &str, detail: Text, sight: Sight) -> Text {
    // What stands before the note is ours.
    let led = match action {
        "acknowledge" | "resolve" | "bundle" => Some(0),
        "snooze" | "escalate" | "decide" | "feedback" => detail.find(": ").map(|at| at + 2),
        _ => None,
    };
    match led.and_then(|from| detail.split_at_checked(from)) {
        Some((led, note)) => Text::from(format!("{led}{}", sight.note(note))),
        None => detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_row_the_note_is_masked_and_nothing_else() {
        for (action, stored, seen) in [
            ("acknowledge", "Ada called", "(a note of 10 characters, masked)"),
            ("acknowledge", "", ""),
            ("resolve", "Ada: done", "(a note of 9 characters, masked)"),
            ("bundle", "for Ada", "(a note of 7 characters, masked)"),
            (
                "snooze",
                "until 2026-11-21T16:04:05Z: Ada",
                "until 2026-11-21T16:04:05Z: (a note of 3 characters, masked)",
            ),
            ("escalate", "to Practice admin", "to Practice admin"),
            ("escalate", "to Practice admin: Ada", "to Practice admin: (a note of 3 characters, masked)"),
            ("decide", "apply: Ada: yes", "apply: (a note of 8 characters, masked)"),
            ("feedback", "wrong: ", "wrong: "),
            ("view", "ticket 4711: a call", "ticket 4711: a call"),
            ("lifecycle", "live", "live"),
        ] {
            assert_eq!(detail(action, stored.into(), Sight::Masked), seen, "{action}");
            assert_eq!(detail(action, stored.into(), Sight::Open), stored, "{action}");
        }
    }
}
