//! Causes: what a person fixes once, those first that save most visits before they begin.

use crate::exceptions::{Seen, cause_seen, causes_seen, item_of, situation};
use crate::ops::{Actor, Listing};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::checks::DataCheck;
use domain::exception::{Item, Move};
use domain::explain::Sight;
use domain::ids::PracticeNo;
use domain::reasons::{Class, Heals, Reason};
use domain::setup::{Owner, OwnerRole};
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;
use store::Reader;

/// Items of one integration that are looked at, at most.
const MOST: usize = 5000;

/// One cause, with the item that people work by.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct CauseItem {
    pub id: Text,
    pub integration: Text,
    pub code: Reason,
    pub label: &'static str,
    pub subject: Text,
    pub count: u64,
    /// Of them, those that have not begun.
    pub coming: u64,
    pub first_seen: Moment,
    pub next_start: Option<Moment>,
    pub owner: CauseOwner,
    pub fix: &'static str,
    pub heals: Heals,
    pub state: &'static str,
    /// It keeps visits from patients; otherwise it leaves something to do and stops nothing.
    pub blocking: bool,
    /// It is about the feed as a whole: one incident, however many visits it concerns.
    pub whole_feed: bool,
    /// By when somebody has to have acted.
    pub due_at: Moment,
    pub overdue: bool,
    /// `new`, `acknowledged`, `snoozed`, `waiting_to_be_seen`.
    pub handling: &'static str,
    pub handled_by: Option<Text>,
    pub handled_at: Option<Moment>,
    /// Until when it is put off, or by when what was called resolved has to be seen.
    pub until: Option<Moment>,
    /// How far it has gone on its path.
    pub step: u32,
    /// Whom it goes to, one after another.
    pub path: Vec<CauseOwner>,
}

/// Who must act on a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseOwner {
    /// The role.
    pub role: OwnerRole,
    /// The person, when the practice named one.
    pub name: Option<Text>,
}

impl CauseOwner {
    pub(crate) fn of((role, person): (OwnerRole, Option<&Owner>)) -> CauseOwner {
        CauseOwner { role, name: person.map(|person| person.name.clone()) }
    }
}

/// One cause with what happened to it.
#[derive(Clone, Debug, Serialize)]
pub struct CauseStory {
    /// As it is listed.
    #[serde(flatten)]
    pub item: CauseItem,
    /// What happened to it, oldest first.
    pub history: Vec<Move>,
}

impl CauseStory {
    /// As somebody sees it: what people typed may name a patient.
    pub(crate) fn seen_with(mut self, sight: Sight) -> CauseStory {
        self.history = self.history.into_iter().map(|happened| happened.seen_with(sight)).collect();
        self
    }
}

/// Which causes are wanted.
#[derive(Clone, Debug, Default)]
pub struct CausesAsked {
    /// Of one integration only.
    pub integration: Option<Text>,
    /// Of one practice only.
    pub practice: Option<Text>,
    /// In which order.
    pub order: CauseOrder,
}

/// In which order causes are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CauseOrder {
    /// Those first that save most visits before they begin.
    #[default]
    MostSaved,
    /// Those first whose earliest visit to come begins first, and of these those that keep visits from patients
    /// (requirement S3-27).
    Soonest,
}

impl CauseOrder {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            CauseOrder::MostSaved => "most_saved",
            CauseOrder::Soonest => "soonest",
        }
    }

    /// Reads the word back.
    pub fn from_word(word: &str) -> Option<CauseOrder> {
        [CauseOrder::MostSaved, CauseOrder::Soonest].into_iter().find(|order| order.word() == word)
    }

    fn compare(self, a: &CauseItem, b: &CauseItem) -> Ordering {
        let first = match self {
            CauseOrder::MostSaved => b.coming.cmp(&a.coming).then(b.count.cmp(&a.count)),
            CauseOrder::Soonest => {
                let start = |item: &CauseItem| (item.next_start.is_none(), item.next_start);
                start(a).cmp(&start(b)).then(b.blocking.cmp(&a.blocking))
            }
        };
        first.then(a.due_at.cmp(&b.due_at)).then(a.first_seen.cmp(&b.first_seen)).then(a.id.cmp(&b.id))
    }
}

impl Engine {
    /// The open causes that this actor may know of. That the queue was looked at is counted.
    pub async fn list_causes(&self, actor: &Actor, asked: CausesAsked) -> Result<Listing<CauseItem>> {
        let listed = self.open_causes(actor, asked).await?;
        self.count_look(actor).await;
        Ok(listed)
    }

    /// The same, without anybody having looked at it.
    pub(crate) async fn open_causes(&self, actor: &Actor, asked: CausesAsked) -> Result<Listing<CauseItem>> {
        let mut integrations = match &asked.integration {
            Some(id) => vec![self.integration_for(actor, id)?],
            None => self.integrations_of(actor),
        };
        if let Some(practice) = &asked.practice {
            integrations.retain(|known| known.rules.practice == *practice);
            if integrations.is_empty() {
                return Err(Error::NotFound { what: "practice", id: practice.clone() });
            }
        }
        let now = self.clock.now();
        self.read(move |reader| {
            let mut items = Vec::new();
            for integration in &integrations {
                let rows = reader.open_exceptions(integration.key(), MOST)?;
                let known: HashMap<Text, Item> = rows.into_iter().map(|row| (row.cause, row.item)).collect();
                for seen in causes_seen(reader, integration, now)? {
                    items.push(item(integration, &seen, known.get(&seen.cause.id), now));
                }
            }
            items.sort_by(|a, b| asked.order.compare(a, b));
            Ok(Listing { items, next_cursor: None })
        })
        .await
    }

    /// The integrations that this actor may know of.
    pub(crate) fn integrations_of(&self, actor: &Actor) -> Vec<Arc<Integration>> {
        let book = self.setup();
        book.integrations().filter(|integration| actor.may_see(&integration.rules.practice)).cloned().collect()
    }

    /// One cause, open or closed. Another practice's is not found.
    pub async fn show_cause(&self, actor: &Actor, id: &str) -> Result<CauseItem> {
        Ok(self.story_for(actor, id).await?.1.item)
    }

    /// One cause with what happened to it. Another practice's is not found. Whoever sees notes unmasked leaves a row in
    /// the audit log.
    pub async fn tell_cause(&self, actor: &Actor, id: &str) -> Result<CauseStory> {
        let (practice, told) = self.story_for(actor, id).await?;
        if actor.sight() == Sight::Open && told.history.iter().any(Move::is_typed) {
            self.note_view(actor, practice, told.item.id.to_string()).await?;
        }
        Ok(told.seen_with(actor.sight()))
    }

    async fn story_for(&self, actor: &Actor, id: &str) -> Result<(PracticeNo, CauseStory)> {
        let (integration, _) = self.cause_for(actor, id).await?;
        let (practice, now, id) = (integration.key().practice, self.clock.now(), Text::from(id));
        let told = self.read(move |reader| story(reader, &integration, &id, now)).await?;
        let missing = || Error::NotFound { what: "cause", id: Text::literal("of that name") };
        Ok((practice, told.ok_or_else(missing)?))
    }

    /// The integration of a cause that this actor may know of, and the cause, open or closed.
    pub(crate) async fn cause_for(&self, actor: &Actor, id: &str) -> Result<(Arc<Integration>, Seen)> {
        let missing = || Error::NotFound { what: "cause", id: id.into() };
        let (now, wanted, book) = (self.clock.now(), id.to_owned(), self.setup());
        let actor = actor.clone();
        let found = self.read(move |reader| {
            let mut seen_by = book.integrations().filter(|known| actor.may_see(&known.rules.practice));
            if let Some(cause) = reader.cause(&wanted, now)?
                && let Some(known) = seen_by.find(|known| known.key() == cause.integration)
            {
                let open = cause_seen(reader, known, &wanted, now)?;
                return Ok(Some((known.clone(), open.unwrap_or_else(|| Seen::of_visits(cause)))));
            }
            // What is wrong with a feed as a whole is worked out, not stored.
            for known in book.integrations().filter(|known| actor.may_see(&known.rules.practice)) {
                if let Some(seen) = cause_seen(reader, known, &wanted, now)? {
                    return Ok(Some((known.clone(), seen)));
                }
            }
            Ok(None)
        });
        found.await?.ok_or_else(missing)
    }
}

/// A cause by its id with what happened to it, as of now.
pub(crate) fn story(
    reader: &mut dyn Reader,
    integration: &Integration,
    id: &str,
    now: Moment,
) -> Result<Option<CauseStory>> {
    let open = cause_seen(reader, integration, id, now)?;
    let seen = match open {
        Some(seen) => seen,
        None => match reader.cause(id, now)?.filter(|cause| cause.integration == integration.key()) {
            Some(cause) => Seen::of_visits(cause),
            None => return Ok(None),
        },
    };
    let row = reader.exception(integration.key(), id)?;
    // The item of an earlier time tells nothing of a cause that has just been opened anew.
    let current = row.filter(|row| seen.cause.closed_at.is_some() || row.item.closed_at.is_none());
    let history = current.as_ref().map(|row| row.item.history.clone()).unwrap_or_default();
    Ok(Some(CauseStory { item: item(integration, &seen, current.map(|row| row.item).as_ref(), now), history }))
}

/// A cause with its item; `None`: nobody has looked at it yet.
pub(crate) fn item(integration: &Integration, seen: &Seen, kept: Option<&Item>, now: Moment) -> CauseItem {
    let Seen { cause: row, whole_feed, .. } = seen;
    let entry = row.reason.entry();
    let fresh;
    let kept = match kept {
        Some(kept) => kept,
        None => {
            fresh = item_of(integration, row, now).item;
            &fresh
        }
    };
    let path: Vec<CauseOwner> =
        integration.rules.path_for(row.reason, &row.subject).into_iter().map(CauseOwner::of).collect();
    let owner = path.first().cloned();
    let open = row.closed_at.is_none();
    let check = (row.reason == Reason::DataCheckFailed).then(|| DataCheck::from_word(&row.subject)).flatten();
    // A visit that joined a moment ago may bring it nearer.
    let due_at = kept.due_as_of(&integration.rules.platform.exceptions, &situation(integration, row), now);
    CauseItem {
        id: row.id.clone(),
        integration: integration.rules.integration.clone(),
        code: row.reason,
        label: check.map_or(entry.label, DataCheck::label),
        subject: row.subject.clone(),
        count: row.count,
        coming: row.coming,
        first_seen: row.opened_at,
        next_start: row.next_start,
        owner: owner.unwrap_or(CauseOwner { role: entry.owner, name: None }),
        fix: check.map_or(entry.fix, DataCheck::next_step),
        heals: entry.heals,
        state: if open { "open" } else { "closed" },
        blocking: entry.class != Class::Notice,
        whole_feed: *whole_feed,
        due_at,
        overdue: open && now >= due_at,
        handling: kept.handling.word(),
        handled_by: kept.by.clone(),
        handled_at: kept.at,
        until: kept.until,
        step: kept.step,
        path,
    }
}
