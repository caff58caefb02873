//! Every change since, for platforms that pull.

use crate::deliver::card_view;
use crate::ops::{Actor, Listing};
use crate::{Engine, Error, Result};
use domain::decide::{Judgement, Wish};
use domain::explain::Sight;
use domain::ids::{EntryId, IntegrationKey, PracticeNo};
use domain::ledger::Entry;
use domain::model::Card;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Changes of one page at most.
const PAGE: usize = 200;

/// One change.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeItem {
    /// When.
    pub at: Moment,
    /// Which integration.
    pub integration: Text,
    /// Which appointment.
    pub source_id: Text,
    /// Its version since.
    pub version: u32,
    /// Whether the platform should show it: `show`, `keep` or `nothing`.
    pub wish: &'static str,
    /// The card, when it should be shown anew.
    pub card: Option<serde_json::Value>,
}

/// Where several processes write, entries do not become visible in the order of their ids: clocks differ a little, and
/// a batch takes its time. What is younger than this is told of later, so that a cursor never passes by an entry that
/// is still to come.
const SETTLING_SECS: i64 = 3;

impl Engine {
    /// A page of changes after a cursor, oldest first. The cursor of the last page stays good for what comes later.
    pub async fn list_changes(&self, actor: &Actor, cursor: Option<String>) -> Result<Listing<ChangeItem>> {
        let after = match cursor.as_deref() {
            None | Some("") => EntryId(0),
            Some(text) => text
                .parse()
                .map_err(|_| Error::Invalid("this cursor is not one of ours: begin without one".to_owned()))?,
        };
        let book = self.setup();
        let integrations: HashMap<IntegrationKey, Text> = book
            .integrations()
            .filter(|integration| actor.may_see(&integration.rules.practice))
            .map(|integration| (integration.key(), integration.rules.integration.clone()))
            .collect();
        let practices: BTreeSet<PracticeNo> = integrations.keys().map(|key| key.practice).collect();
        let sight = actor.sight();
        let settled = (self.store.lanes() > 1).then(|| self.clock.now().plus_secs(-SETTLING_SECS));
        let listing = self
            .read(move |reader| {
                let keys: Vec<IntegrationKey> = integrations.keys().copied().collect();
                let mut rows = reader.decisions_since(&keys, after, PAGE)?;
                if let Some(young) = rows.iter().position(|row| settled.is_some_and(|settled| row.at > settled)) {
                    rows.truncate(young);
                }
                let next_cursor =
                    rows.last().map(|row| row.id.to_string()).or_else(|| (after.0 != 0).then(|| after.to_string()));
                let items = rows.into_iter().filter_map(|row| {
                    let Entry::Decided { decision, .. } = row.entry else { return None };
                    let shows = matches!(decision.judgement, Judgement::Show | Judgement::ShowMisfiled);
                    Some(ChangeItem {
                        at: row.at,
                        integration: integrations.get(&row.integration)?.clone(),
                        source_id: row.source_id,
                        version: decision.version,
                        wish: match decision.wish {
                            Wish::Show(_) => "show",
                            Wish::Keep => "keep",
                            Wish::Nothing => "nothing",
                        },
                        card: decision.card().filter(|_| shows).and_then(|card| seen(card, sight)),
                    })
                });
                Ok(Listing { items: items.collect(), next_cursor })
            })
            .await?;
        for practice in practices {
            self.note_view(actor, practice, "changes".to_owned()).await?;
        }
        Ok(listing)
    }
}

/// A card as this viewer may see it: whoever sees identities masked gets initials, and no address or birth date.
fn seen(card: &Card, sight: Sight) -> Option<serde_json::Value> {
    let mut view = serde_json::to_value(card_view(card)).ok()?;
    if sight == Sight::Masked {
        for (person, view) in card.participants.iter().zip(view["participants"].as_array_mut()?) {
            view["name"] = person.name.as_ref().map(|name| sight.name(name.open())).into();
            view["email"] = person.email.as_ref().map(|email| sight.private(email.open())).into();
            for withheld in ["family", "given", "birth_date"] {
                view[withheld] = serde_json::Value::Null;
            }
        }
    }
    Some(view)
}
