//! The messages of a range, in order. Their ids are looked up in stretches of time, so that a quiet integration of a
//! busy store costs no long look at the messages of others.

use crate::ids::IdSource;
use crate::rejudge::RejudgeAsked;
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::ids::{EnvelopeId, IntegrationKey};
use domain::time::Moment;
use std::collections::VecDeque;

/// Ids that are read at a time.
const PAGE: usize = 10_000;
/// Ids that are read at a time where the work is bounded.
const SMALL_PAGE: usize = 500;
/// A stretch of time that is looked at first, in seconds; it doubles while there is nothing.
const STRETCH_SECS: i64 = 3600;

/// The messages of a range.
pub(super) struct Messages<'e> {
    engine: &'e Engine,
    key: IntegrationKey,
    page: usize,
    /// Everything up to this has been looked at.
    after: EnvelopeId,
    from: Moment,
    until: Moment,
    stretch: i64,
    found: VecDeque<(EnvelopeId, Moment)>,
    known: u64,
    is_over: bool,
    /// Looking came to its end of time in the middle of the range.
    is_late: bool,
}

impl<'e> Messages<'e> {
    pub(super) fn of(
        engine: &'e Engine,
        integration: &Integration,
        asked: RejudgeAsked,
        until: Moment,
    ) -> Messages<'e> {
        let from = asked.since.unwrap_or(Moment::from_micros(0));
        let after = IdSource::before(from).max(asked.after.unwrap_or(EnvelopeId(0)));
        Messages {
            engine,
            key: integration.key(),
            page: if asked.bounds.is_some() { SMALL_PAGE } else { PAGE },
            after,
            from,
            until,
            stretch: STRETCH_SECS,
            found: VecDeque::new(),
            known: 0,
            is_over: false,
            is_late: false,
        }
    }

    /// So many are known to be in the range by now.
    pub(super) fn known(&self) -> u64 {
        self.known
    }

    /// The next one. `end`: by then no further stretch is looked at.
    pub(super) async fn next(&mut self, end: Option<Moment>) -> Result<Option<(EnvelopeId, Moment)>> {
        while self.found.is_empty() && !self.is_over {
            if end.is_some_and(|end| self.engine.clock().now() >= end) {
                self.is_late = true;
                return Ok(None);
            }
            self.look().await?;
        }
        Ok(self.found.pop_front())
    }

    async fn look(&mut self) -> Result<()> {
        // Ids are never behind the clock, and ascend: what has one behind the end of the range may still have come in
        // it.
        let (key, after, limit) = (self.key, self.after, self.page);
        let bounded = limit == SMALL_PAGE;
        let begin = IdSource::millis_of(after).max(self.from);
        let stretch_end = IdSource::before(begin.plus_secs(self.stretch));
        let is_last = !bounded || begin.plus_secs(self.stretch) > self.engine.clock().now();
        let before = if is_last { EnvelopeId(u64::MAX >> 1) } else { stretch_end };
        let page = self.engine.read(move |reader| Ok(reader.envelopes_behind(key, after, before, limit)?)).await?;
        let is_full = page.len() >= limit;
        self.after = match page.last() {
            Some((id, _)) if is_full => *id,
            _ => before.max(self.after),
        };
        self.is_over = (is_last && !is_full) || page.last().is_some_and(|(_, at)| *at >= self.until);
        self.stretch = if page.is_empty() { self.stretch.saturating_mul(2) } else { STRETCH_SECS };
        let (from, until) = (self.from, self.until);
        self.found.extend(page.into_iter().filter(|(_, at)| *at >= from && *at < until));
        self.known += self.found.len() as u64;
        Ok(())
    }

    /// It was not judged after all.
    pub(super) fn put_back(&mut self, id: EnvelopeId) {
        self.found.push_front((id, self.until));
    }

    /// Where to go on; `None`: nothing is left. `last`: the last message that was judged.
    pub(super) fn stopped_behind(&self, last: Option<EnvelopeId>) -> Option<EnvelopeId> {
        if !self.found.is_empty() {
            return last;
        }
        // Nothing was found up to here, and the time was over.
        self.is_late.then_some(self.after)
    }
}
