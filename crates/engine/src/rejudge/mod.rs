//! Kept messages judged again under today's rules, in a world of their own (issue 4: the time machine).
//!
//! The messages of an integration go through an engine on an empty store, in their order and at their times, with
//! today's set-up and today's links. That engine has no carrier, no reader of sources and no postman: nothing leaves
//! it. Pages that were asked for are taken in as the reading took them in. What was known before the first message is
//! carried over ([`known`]). What it comes to is compared with what was decided, and the real store is only read.
//!
//! Two things are taken as given, because messages do not tell them: the platform takes every card, and what was seen
//! by comparing lists (a visit that vanished) is not seen again. Visits that would differ by that alone are counted as
//! not compared.
//!
//! The work can be bounded in messages and in time; what was judged by then is compared as of then, and says where to
//! go on.

mod compare;
mod known;
mod messages;
mod scratch;
mod told;

pub use told::{Difference, Follows, Judged, NotRead, RejudgeCounts, Rejudged};

use crate::ops::Actor;
use crate::ports::Rereader;
use crate::rejudge::compare::{Compared, Compares};
use crate::rejudge::messages::Messages;
use crate::rejudge::scratch::{Kept, Scratch, Taken};
use crate::{Engine, Error, Result};
use domain::ids::EnvelopeId;
use domain::time::Moment;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use store::{EnvelopeState, Store};

/// Differences that are listed at most.
const LISTED: usize = 1000;

/// What is judged again.
#[derive(Clone, Copy, Debug, Default)]
pub struct RejudgeAsked {
    /// Messages that arrived from here on; `None`: all that are kept.
    pub since: Option<Moment>,
    /// And before this; `None`: up to now.
    pub until: Option<Moment>,
    /// Behind this message: where an earlier call stopped ([`Rejudged::next`]).
    pub after: Option<EnvelopeId>,
    /// How much at most; `None`: all of it.
    pub bounds: Option<RejudgeBounds>,
}

/// How much is judged again at most.
#[derive(Clone, Copy, Debug)]
pub struct RejudgeBounds {
    /// So many messages. Those that were taken in together are not parted: there may be a few more.
    pub messages: usize,
    /// For so long, in seconds; at least one message.
    pub secs: i64,
}

/// Where messages are judged again.
pub struct ScratchWorld {
    /// An empty store, which is thrown away afterwards.
    pub store: Arc<dyn Store>,
    /// Who reads messages again.
    pub reader: Arc<dyn Rereader>,
}

/// Makes worlds to judge in, for whoever has no store to give.
pub trait ScratchWorlds: Send + Sync {
    /// A new one.
    fn begin(&self) -> Result<ScratchWorld>;
}

impl Engine {
    /// Judges kept messages of an integration again, under today's rules, and says which visits would be judged
    /// otherwise. Nothing is written but that somebody looked, and nothing is sent. `told` hears how many messages are
    /// done, and of how many as far as is known.
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
        let (practice, subject) = (integration.key().practice, format!("{}/rejudged", integration.rules.integration));
        self.note_view(actor, practice, subject).await?;
        let stop = asked.bounds.map(|bounds| (bounds, now.plus_secs(bounds.secs)));
        let mut messages = Messages::of(self, &integration, asked, until);
        let (mut counts, mut why) = (RejudgeCounts::default(), BTreeMap::new());
        let mut not_read = HashSet::new();
        let ScratchWorld { store, reader } = world;
        let mut first = messages.next(stop.map(|(_, end)| end)).await?;
        // What was there before the first message is known; its clock goes on from there.
        let known_until = first.map_or(until, |(_, at)| Moment::from_micros(at.micros() - 1));
        let mut scratch = Scratch::begin(self, &integration, store, known_until).await?;
        let mut last = None;
        told(0, messages.known());
        while let Some((id, at)) = match first.take() {
            Some(first) => Some(first),
            None => messages.next(stop.map(|(_, end)| end)).await?,
        } {
            let is_full =
                stop.is_some_and(|(bounds, end)| counts.messages >= bounds.messages as u64 || self.clock.now() >= end);
            if is_full && last.is_some_and(|(_, before)| before != at) {
                messages.put_back(id);
                break;
            }
            last = Some((id, at));
            counts.messages += 1;
            if let Some(kept) = self.kept(&integration, id).await? {
                let was_applied = kept.envelope.state == EnvelopeState::Applied;
                match scratch.take(self, kept, &*reader).await? {
                    Taken::Applied => {}
                    Taken::NotApplied => {
                        counts.not_applied += 1;
                        counts.refused_now += u64::from(was_applied);
                    }
                    Taken::NotRead(reason) => {
                        counts.not_read += 1;
                        *why.entry(reason).or_insert(0) += 1;
                        not_read.insert(id);
                    }
                }
            }
            told(counts.messages, messages.known().max(counts.messages));
        }
        let next = messages.stopped_behind(last.map(|(id, _)| id));
        let judged_until = last.filter(|_| next.is_some()).map_or(until, |(_, at)| at);
        scratch.pass_until(judged_until).await?;
        let compares = Compares { real: self, integration: &integration, until: judged_until, not_read: &not_read };
        let Compared { differences, more } = compares.with(&scratch, &mut counts).await?;
        scratch.end().await;
        Ok(Rejudged {
            integration: integration.rules.integration.clone(),
            since: asked.since,
            until,
            judged_until,
            counts,
            not_read: why.into_iter().map(|(why, messages)| NotRead { why, messages }).collect(),
            differences,
            more,
            next,
        })
    }

    /// A message with how it was read.
    async fn kept(&self, integration: &crate::setup::Integration, id: EnvelopeId) -> Result<Option<Kept>> {
        let key = integration.key();
        let kept = self.read(move |reader| {
            let Some(envelope) = reader.envelope(id)? else { return Ok(None) };
            let how = match envelope.channel.starts_with("poll ") {
                true => reader.control(key, &crate::poll::HowRead::control_id(id))?,
                false => None,
            };
            let how = how.and_then(|row| crate::poll::HowRead::read(&row.answer));
            Ok(Some(Kept { envelope, how }))
        });
        kept.await
    }
}
