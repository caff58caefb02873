//! Causes: what a person fixes once, most visits released first.

use crate::ops::{Actor, Listing};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::reasons::{Heals, Reason};
use domain::setup::OwnerRole;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::{CauseRow, Reader, cause_id};

/// Causes of one integration at most.
const MOST: usize = 500;

/// One cause.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct CauseItem {
    pub id: Text,
    pub integration: Text,
    pub code: Reason,
    pub label: &'static str,
    pub subject: Text,
    pub count: u64,
    pub first_seen: Moment,
    pub next_start: Option<Moment>,
    pub owner: CauseOwner,
    pub fix: &'static str,
    pub heals: Heals,
    pub state: &'static str,
}

/// Who must act on a cause.
#[derive(Clone, Debug, Serialize)]
pub struct CauseOwner {
    /// The role.
    pub role: OwnerRole,
    /// The person, when the practice named one.
    pub name: Option<Text>,
}

/// Which causes are wanted.
#[derive(Clone, Debug, Default)]
pub struct CausesAsked {
    /// Of one integration only.
    pub integration: Option<Text>,
}

impl Engine {
    /// The open causes that this actor may know of.
    pub async fn list_causes(&self, actor: &Actor, asked: CausesAsked) -> Result<Listing<CauseItem>> {
        let integrations = match &asked.integration {
            Some(id) => vec![self.integration_for(actor, id)?],
            None => {
                let book = self.setup();
                book.integrations().filter(|integration| actor.may_see(&integration.rules.practice)).cloned().collect()
            }
        };
        let now = self.clock.now();
        self.read(move |reader| {
            let mut items = Vec::new();
            for integration in &integrations {
                for row in reader.open_causes(integration.key(), now, MOST)? {
                    items.push(item(integration, &row));
                }
                items.extend(late(reader, integration, now)?);
                let incidents = crate::ops::polling::feed_incidents(reader, integration, now)?;
                items.extend(incidents.iter().map(|row| item(integration, row)));
            }
            items.sort_by(|a, b| b.count.cmp(&a.count).then(a.first_seen.cmp(&b.first_seen)));
            Ok(Listing { items, next_cursor: None })
        })
        .await
    }
}

impl Engine {
    /// One cause, open or closed. Another practice's is not found.
    pub async fn show_cause(&self, actor: &Actor, id: &str) -> Result<CauseItem> {
        let missing = || Error::NotFound { what: "cause", id: id.into() };
        let (now, wanted) = (self.clock.now(), id.to_owned());
        let row = self.read(move |reader| Ok(reader.cause(&wanted, now)?)).await?;
        let Some(row) = row else {
            // What is wrong with a feed as a whole is worked out, not stored.
            let all = self.list_causes(actor, CausesAsked::default()).await?;
            return all.items.into_iter().find(|item| item.id == *id).ok_or_else(missing);
        };
        let book = self.setup();
        let integration = book.get(row.integration).filter(|integration| actor.may_see(&integration.rules.practice));
        Ok(item(integration.ok_or_else(missing)?, &row))
    }
}

pub(crate) fn item(integration: &Integration, row: &CauseRow) -> CauseItem {
    let entry = row.reason.entry();
    CauseItem {
        id: row.id.clone(),
        integration: integration.rules.integration.clone(),
        code: row.reason,
        label: entry.label,
        subject: row.subject.clone(),
        count: row.count,
        first_seen: row.opened_at,
        next_start: row.next_start,
        owner: CauseOwner {
            role: entry.owner,
            name: integration.rules.owner(entry.owner).map(|owner| owner.name.clone()),
        },
        fix: entry.fix,
        heals: entry.heals,
        state: if row.closed_at.is_some() { "closed" } else { "open" },
    }
}

/// Visits that are abnormally late are one incident of the whole feed, however many they are (requirement X-7).
fn late(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Option<CauseItem>> {
    let rules = &integration.rules;
    let (abnormal, slow) = (
        i64::from(rules.source.cadence.abnormal_after) * 60,
        i64::from(rules.platform.times.slow_lane_abnormal_hours) * 3600,
    );
    let mut late: Vec<Moment> = Vec::new();
    for row in reader.outbox_older_than(integration.key(), now.plus_secs(-abnormal), 10_000)? {
        // Visits of the slow lane may take longer (requirement S1-20).
        let start = reader.appointment(&row.key)?.and_then(|appointment| appointment.start);
        let lane = rules.marks(row.since).slow_lane_from;
        let slow_lane = start.zip(lane).is_some_and(|(start, from)| start >= from);
        late.extend((!slow_lane || now.secs_since(row.since) > slow).then_some(row.since));
    }
    let Some(first) = late.iter().min() else { return Ok(None) };
    let reason = Reason::SyncAbnormalDelay;
    let row = CauseRow {
        id: cause_id(integration.key(), reason, &integration.rules.integration),
        integration: integration.key(),
        reason,
        subject: integration.rules.integration.clone(),
        count: late.len() as u64,
        opened_at: first.plus_secs(abnormal),
        next_start: None,
        closed_at: None,
    };
    Ok(Some(item(integration, &row)))
}
