//! "Was this right?": what people say of explanations, kept with who, when and what was explained (requirement S0-29).

use crate::ops::explain_appointment::{explanation_of, stored};
use crate::ops::{Actor, Listing};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::decide::Verdict;
use domain::explain::Sight;
use domain::ids::{AppointmentKey, EntryId, PracticeNo};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::FeedbackRow;

/// The longest note, in characters.
const NOTE: usize = 500;
/// What people said, on one page.
const PAGE: usize = 100;
/// The rate of each code is that of so many days.
const DAYS: i64 = 90;

/// What somebody said of an explanation.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct FeedbackItem {
    pub id: Text,
    pub integration: Text,
    pub source_id: Text,
    pub at: Moment,
    pub right: bool,
    pub author: Text,
    pub role: Text,
    pub note: Text,
    /// What was explained: the verdict, the primary reason, and the sentence with identities masked.
    pub verdict: Verdict,
    pub code: Option<Reason>,
    pub sentence: Text,
}

/// How often explanations with a code were called right or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FeedbackRate {
    /// The primary reason; nothing for visits that are in sync.
    pub code: Option<Reason>,
    /// Called right.
    pub right: u64,
    /// Called wrong.
    pub wrong: u64,
}

/// What people said.
#[derive(Clone, Debug, Serialize)]
pub struct FeedbackList {
    /// A page of it, newest first.
    #[serde(flatten)]
    pub list: Listing<FeedbackItem>,
    /// By code, the last ninety days, the most wrong first.
    pub rates: Vec<FeedbackRate>,
}

impl Engine {
    /// Notes that an explanation was right or wrong, as it is at this moment.
    pub async fn give_feedback(
        &self,
        actor: &Actor,
        integration: &str,
        source_id: &str,
        right: bool,
        note: &str,
    ) -> Result<FeedbackItem> {
        if note.chars().count() > NOTE {
            return Err(Error::Invalid(format!("a note has at most {NOTE} characters")));
        }
        let integration = self.integration_for(actor, integration)?;
        let key = AppointmentKey { integration: integration.key(), source_id: source_id.into() };
        let (actor, note) = (actor.clone(), Text::from(note.trim()));
        let said = self.scribe.run(move |batch| {
            let missing = || Error::NotFound { what: "appointment", id: key.source_id.clone() };
            let now = batch.now;
            let known = stored(batch.reader(), &key)?.ok_or_else(missing)?;
            let explained = explanation_of(&integration, &known, Sight::Masked, now);
            let row = FeedbackRow {
                id: batch.entry_id(),
                integration: key.integration,
                source_id: key.source_id.clone(),
                at: now,
                reason: explained.primary,
                right,
                author: actor.name.clone(),
                role: Text::literal(actor.role.word()),
                note: note.clone(),
                verdict: explained.verdict,
                sentence: Text::from(explained.sentence.as_str()),
                decided: known.row.decided,
            };
            batch.writer().put_feedback(&row)?;
            let subject = format!("{}/{}", integration.rules.integration, key.source_id);
            let word = if right { "right" } else { "wrong" };
            actor.audit(batch, key.integration.practice, "feedback", &subject, &format!("{word}: {note}"))?;
            Ok(item(&integration, row, Sight::Open))
        });
        said.await
    }

    /// What people said of the explanations of all integrations that this actor may know of, newest first. Whoever sees
    /// notes unmasked leaves a row in the audit log of each practice.
    pub async fn list_feedback(&self, actor: &Actor, cursor: Option<String>) -> Result<FeedbackList> {
        let before = cursor.map(|text| text.parse::<EntryId>()).transpose();
        let before = before.map_err(|_| Error::Invalid("this cursor is not one of ours".to_owned()))?;
        let book = self.setup();
        let integrations: Vec<Arc<Integration>> =
            book.integrations().filter(|known| actor.may_see(&known.rules.practice)).cloned().collect();
        let since = self.clock.now().plus_secs(-DAYS * 86_400);
        let sight = actor.sight();
        let told = self.read(move |reader| {
            let (mut rows, mut rates) = (Vec::new(), BTreeMap::<Option<Reason>, (u64, u64)>::new());
            for integration in &integrations {
                let said = reader.feedback(integration.key(), before, PAGE)?;
                let practice = integration.key().practice;
                rows.extend(said.into_iter().map(|row| (row.id, practice, item(integration, row, sight))));
                for count in reader.feedback_counts(integration.key(), since)? {
                    let rate = rates.entry(count.reason).or_default();
                    *rate = (rate.0 + count.right, rate.1 + count.wrong);
                }
            }
            rows.sort_by_key(|(id, ..)| std::cmp::Reverse(*id));
            rows.truncate(PAGE);
            let next_cursor = rows.last().filter(|_| rows.len() == PAGE).map(|(id, ..)| id.to_string());
            let rate = |(code, (right, wrong))| FeedbackRate { code, right, wrong };
            let mut rates: Vec<FeedbackRate> = rates.into_iter().map(rate).collect();
            rates.sort_by_key(|rate| std::cmp::Reverse(rate.wrong));
            let noted = |(_, practice, item): &(EntryId, PracticeNo, FeedbackItem)| {
                (sight == Sight::Open && !item.note.is_empty()).then_some(*practice)
            };
            let unmasked: BTreeSet<PracticeNo> = rows.iter().filter_map(noted).collect();
            let items = rows.into_iter().map(|(.., item)| item).collect();
            Ok((FeedbackList { list: Listing { items, next_cursor }, rates }, unmasked))
        });
        let (told, unmasked) = told.await?;
        for practice in unmasked {
            self.note_view(actor, practice, "feedback".to_owned()).await?;
        }
        Ok(told)
    }
}

/// What was said, as somebody sees it: a note is what a person typed, and masked with everything else.
pub(crate) fn item(integration: &Integration, row: FeedbackRow, sight: Sight) -> FeedbackItem {
    FeedbackItem {
        id: Text::from(row.id.to_string()),
        integration: integration.rules.integration.clone(),
        source_id: row.source_id,
        at: row.at,
        right: row.right,
        author: row.author,
        role: row.role,
        note: sight.note(&row.note),
        verdict: row.verdict,
        code: row.reason,
        sentence: row.sentence,
    }
}
