//! Kept messages judged again under today's rules, in a world of their own (issue 4: the time machine).
//!
//! The messages of an integration go through an engine on an empty store, in their order and at their times, with
//! today's set-up and today's links. That engine has no carrier, no reader of sources and no postman: nothing leaves
//! it. What it comes to is compared with what was decided, and the real store is only read.
//!
//! Two things are taken as given, because messages do not tell them: the platform takes every card, and what was seen
//! by comparing lists (a visit that vanished) is not seen again. Visits that would differ by that alone are counted as
//! not compared.

mod compare;
mod scratch;

use crate::ids::IdSource;
use crate::ops::Actor;
use crate::ports::Rereader;
use crate::rejudge::compare::Compared;
use crate::rejudge::scratch::Scratch;
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::decide::Verdict;
use domain::ids::EnvelopeId;
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::sync::Arc;
use store::Store;

/// Ids of messages that are read at a time.
const PAGE: usize = 10_000;
/// Differences that are listed at most.
const LISTED: usize = 1000;

/// What is judged again.
#[derive(Clone, Copy, Debug, Default)]
pub struct RejudgeAsked {
    /// Messages that arrived from here on; `None`: all that are kept.
    pub since: Option<Moment>,
    /// And before this; `None`: up to now.
    pub until: Option<Moment>,
}

/// Where messages are judged again.
pub struct ScratchWorld {
    /// An empty store, which is thrown away afterwards.
    pub store: Arc<dyn Store>,
    /// Who reads messages again.
    pub reader: Arc<dyn Rereader>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Rejudged {
    /// The integration.
    pub integration: Text,
    /// From when to when messages were judged again.
    pub since: Option<Moment>,
    /// See `since`.
    pub until: Moment,
    /// How many of each.
    pub counts: RejudgeCounts,
    /// Visits that would be judged otherwise, in order of their starts.
    pub differences: Vec<Difference>,
    /// There are more than are listed.
    pub more: bool,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RejudgeCounts {
    /// Messages in the range.
    pub messages: u64,
    /// Of them, of a kind that is not read again (pages of a vendor's own interface).
    pub not_read: u64,
    /// Of them, those that would be refused or set aside today.
    pub not_applied: u64,
    /// Visits that came of them.
    pub visits: u64,
    /// Visits that would be judged as they were.
    pub same: u64,
    /// Visits that would be judged otherwise.
    pub different: u64,
    /// Visits that the messages of the range do not tell whole: they began before it, or were seen to vanish.
    pub not_compared: u64,
}

/// How a visit is judged, the platform's part in it left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The verdict, once the platform has done its part.
    pub verdict: Verdict,
    /// The primary reason.
    pub code: Option<Reason>,
}

/// A visit that would be judged otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The source's id.
    pub source_id: Text,
    /// When it begins.
    pub start: Option<Moment>,
    /// As it was decided; `None`: no visit came of these messages then.
    pub before: Option<Judged>,
    /// As it would be decided.
    pub after: Judged,
    /// The first gate, in the order of the ladder, that says something else than it did.
    pub gate: Option<&'static str>,
}

impl Engine {
    /// Judges kept messages of an integration again, under today's rules, and says which visits would be judged
    /// otherwise. Nothing is written but that somebody looked, and nothing is sent. `told` hears how many messages are
    /// done, and of how many.
    pub async fn rejudge(
        &self,
        actor: &Actor,
        integration: &str,
        asked: RejudgeAsked,
        world: ScratchWorld,
        told: impl Fn(u64, u64),
    ) -> Result<Rejudged> {
        let integration = self.integration_for(actor, integration)?;
        let now = self.clock.now();
        let until = asked.until.map_or(now, |until| until.min(now));
        if asked.since.is_some_and(|since| since >= until) {
            return Err(Error::Invalid(
                "the range is empty: it has to begin before it ends, and before now".to_owned(),
            ));
        }
        let mut counts = RejudgeCounts::default();
        let envelopes = self.kept_messages(&integration, asked.since, until).await?;
        counts.messages = envelopes.len() as u64;
        let ScratchWorld { store, reader } = world;
        // Its clock only goes forward, and begins before the first message.
        let began = asked.since.unwrap_or(Moment::from_micros(0));
        let scratch = Scratch::begin(self, &integration, store, began).await?;
        let mut done = 0;
        told(done, counts.messages);
        for id in envelopes {
            if let Some(envelope) = self.read(move |reader| Ok(reader.envelope(id)?)).await? {
                match scratch.take(self, &*reader, envelope).await? {
                    scratch::Taken::Applied => {}
                    scratch::Taken::NotApplied => counts.not_applied += 1,
                    scratch::Taken::NotRead => counts.not_read += 1,
                }
            }
            done += 1;
            told(done, counts.messages);
        }
        scratch.pass_until(until).await?;
        let Compared { differences, more } = compare::compare(self, &integration, &scratch, until, &mut counts).await?;
        scratch.end().await;
        let (practice, subject) = (integration.key().practice, format!("{}/rejudged", integration.rules.integration));
        self.note_view(actor, practice, subject).await?;
        let (integration, since) = (integration.rules.integration.clone(), asked.since);
        Ok(Rejudged { integration, since, until, counts, differences, more })
    }

    /// The ids of the messages of a range, in order.
    async fn kept_messages(
        &self,
        integration: &Arc<Integration>,
        since: Option<Moment>,
        until: Moment,
    ) -> Result<Vec<EnvelopeId>> {
        let (key, from) = (integration.key(), since.unwrap_or(Moment::from_micros(0)));
        let (mut ids, mut after): (Vec<EnvelopeId>, _) = (Vec::new(), IdSource::before(from));
        loop {
            let page = self.read(move |reader| Ok(reader.envelopes_behind(key, after, PAGE)?)).await?;
            let last = page.len() < PAGE;
            after = page.last().map_or(after, |(id, _)| *id);
            ids.extend(page.into_iter().filter(|(_, at)| *at >= from && *at < until).map(|(id, _)| id));
            if last {
                return Ok(ids);
            }
        }
    }
}
