//! A clinic asks for a practice system that the platform does not work with yet (requirement S1-3). The row of the
//! audit log is the record: who asked, for which clinic, when. One a clinic counts, however often it asks.

use crate::ops::{Actor, Listing};
use crate::setup::SetupBook;
use crate::{Engine, Error, Result};
use domain::profile::{load_platform, load_source, profile_texts};
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::BTreeMap;
use store::Reader;

/// The action under which it stands in the audit log.
const ACTION: &str = "request_system";
/// Requests for one system that are counted, at most.
const MOST: usize = 10_000;

/// A system that clinics ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SystemRequest {
    /// The profile of the practice system.
    pub source: Text,
    /// As people call it.
    pub name: Text,
    /// The platform that does not work with it yet.
    pub platform: Text,
    /// Clinics that asked, each counted once.
    pub clinics: u64,
    /// Of them, those that whoever looks may know of.
    pub practices: Vec<Text>,
    /// When the first one asked.
    pub first_at: Moment,
    /// When the last one did.
    pub last_at: Moment,
}

/// A source and a platform that do not go together.
struct Pair {
    source: Text,
    name: Text,
    platform: Text,
}

impl Pair {
    fn subject(&self) -> String {
        format!("system:{}/{}", self.source, self.platform)
    }
}

impl Engine {
    /// Records that the clinic of an integration asks for its system. Safe to repeat. Refused where the platform works
    /// with the system already.
    pub async fn request_system(&self, actor: &Actor, integration: &str) -> Result<SystemRequest> {
        let integration = self.integration_for(actor, integration)?;
        let rules = &integration.rules;
        let pair = Pair {
            source: rules.source.profile.id.clone(),
            name: rules.source.profile.name.clone(),
            platform: rules.platform.profile.id.clone(),
        };
        if rules.supported {
            let platform = &rules.platform.profile.name;
            return Err(Error::Invalid(format!(
                "{platform} works with {} already: there is nothing to ask for",
                pair.name
            )));
        }
        let (who, practice, subject) = (actor.clone(), integration.key().practice, pair.subject());
        let recorded = self.scribe.run(move |batch| {
            let known = batch.reader().audit(Some(practice), Some(&subject), None, MOST)?;
            if known.iter().any(|row| *row.audit.action == *ACTION) {
                return Ok(());
            }
            who.audit(batch, practice, ACTION, &subject, "")
        });
        recorded.await?;
        let (actor, book) = (actor.clone(), self.setup());
        let told = self.read(move |reader| told(reader, &book, &actor, pair)).await?;
        told.ok_or_else(|| Error::Invalid("the request was not kept; ask again".to_owned()))
    }

    /// Every system that clinics ask for, the most asked for first.
    pub async fn list_system_requests(&self, actor: &Actor) -> Result<Listing<SystemRequest>> {
        let (actor, book) = (actor.clone(), self.setup());
        let items = self.read(move |reader| {
            let mut items = Vec::new();
            for pair in pairs() {
                items.extend(told(reader, &book, &actor, pair)?);
            }
            items.sort_by(|a, b| b.clinics.cmp(&a.clinics).then(a.first_at.cmp(&b.first_at)));
            Ok(items)
        });
        Ok(Listing { items: items.await?, next_cursor: None })
    }
}

/// The profiles of a kind.
fn ids(kind: &'static str) -> impl Iterator<Item = &'static str> {
    profile_texts().iter().filter(move |(known, ..)| *known == kind).map(|(_, id, _)| *id)
}

/// Every source with every platform that does not work with it.
fn pairs() -> Vec<Pair> {
    let sources: Vec<_> = ids("sources").filter_map(|id| load_source(id, &[]).ok()).collect();
    let mut pairs = Vec::new();
    for platform in ids("platforms").filter_map(|id| load_platform(id, &[]).ok()) {
        for source in &sources {
            if platform.sources.as_ref().is_some_and(|known| !known.contains(&source.profile.id)) {
                let (source, name) = (source.profile.id.clone(), source.profile.name.clone());
                pairs.push(Pair { source, name, platform: platform.profile.id.clone() });
            }
        }
    }
    pairs
}

/// Who asked for a system, if anybody did. A clinic of another practice counts and is not named.
fn told(reader: &mut dyn Reader, book: &SetupBook, actor: &Actor, pair: Pair) -> Result<Option<SystemRequest>> {
    let rows = reader.audit(None, Some(&pair.subject()), None, MOST)?;
    let mut asked: BTreeMap<u32, Moment> = BTreeMap::new();
    for row in rows.iter().filter(|row| *row.audit.action == *ACTION) {
        asked.insert(row.audit.practice.0, row.audit.at);
    }
    let (Some(first_at), Some(last_at)) = (asked.values().min().copied(), asked.values().max().copied()) else {
        return Ok(None);
    };
    let named = |number: &u32| {
        let known = book.integrations().find(|known| known.key().practice.0 == *number)?;
        actor.may_see(&known.rules.practice).then(|| known.rules.practice.clone())
    };
    let Pair { source, name, platform } = pair;
    let practices = asked.keys().filter_map(named).collect();
    Ok(Some(SystemRequest { source, name, platform, clinics: asked.len() as u64, practices, first_at, last_at }))
}
