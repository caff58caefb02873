//! A page of changes or of a window: what follows from it.

use crate::Result;
use crate::poll::claim::timetable;
use crate::poll::listed::Reading;
use crate::poll::removed::{absent, digest, looked_for_twice, remove};
use crate::poll::sheets::{Poison, Storing, Tally};
use crate::poll::work::Step;
use crate::poll::{Capabilities, Filed, Next};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::ids::IntegrationKey;
use domain::model::Appointment;
use domain::polling::{Absent, ReadKind, Sweep, Trouble};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use store::{CoverageRow, PollRow};

/// The name under which proof of having read a window stands in the store; the range is one of starts.
pub(crate) const WINDOW_FEED: &str = "window";

/// A page that came back.
pub(crate) struct PageStep {
    pub(crate) kind: ReadKind,
    pub(crate) capabilities: Capabilities,
    /// When the question was asked.
    pub(crate) asked_at: Moment,
    /// The cursor it was asked with.
    pub(crate) cursor: Option<Text>,
    /// The window it is a part of.
    pub(crate) sweep: Option<Sweep>,
    pub(crate) next: Next,
    pub(crate) complete: bool,
    /// By how much the source's clock is ahead of ours, in milliseconds.
    pub(crate) skew_millis: Option<i64>,
}

impl Step for PageStep {
    fn run(
        &self,
        batch: &mut Batch<'_>,
        integration: &Arc<Integration>,
        row: &mut PollRow,
        take: &mut dyn FnMut(&mut Batch<'_>, &Storing<'_>) -> Result<Tally>,
        poison: &Poison,
    ) -> Result<()> {
        let skew = self.skew_millis.or(row.state.skew_millis);
        row.state.skew_millis = skew;
        let source_time = self.asked_at.plus_millis(skew.unwrap_or(0));
        let filed = self.filed();
        let as_of = filed.and_then(|filed| filed.as_of);
        let reading = Reading {
            began: as_of.unwrap_or(self.asked_at),
            source_time: as_of.unwrap_or(source_time),
            as_of,
            stamps: self.capabilities.stamps,
            lists: self.kind.is_window() || filed.is_some_and(|filed| filed.list.is_some()),
        };
        let channel = format!("poll {}", self.kind.word());
        let storing = Storing {
            integration,
            reading,
            channel: &channel,
            keep_all: self.capabilities.consumes && self.kind == ReadKind::Changes,
            poison,
        };
        let tally = take(batch, &storing)?;
        for id in &tally.listed {
            row.state.heard_present(id);
        }
        let feed = row.state.feed_mut(self.kind);
        if self.cursor.is_none() && self.sweep.as_ref().is_none_or(|sweep| sweep.at == sweep.from) {
            (feed.pages, feed.records) = (0, 0);
        }
        feed.started = Some(self.sweep.as_ref().map_or(self.asked_at, |sweep| sweep.began));
        feed.pages += 1;
        feed.records = feed.records.saturating_add(tally.records);
        match &self.sweep {
            None => self.changes(batch, integration, row, &tally),
            Some(sweep) => self.window(batch, integration, row, sweep.clone(), &tally, source_time),
        }
    }
}

impl PageStep {
    /// A page of changes.
    fn changes(
        &self,
        batch: &mut Batch<'_>,
        integration: &Arc<Integration>,
        row: &mut PollRow,
        tally: &Tally,
    ) -> Result<()> {
        if let Some(filed) = self.filed() {
            return self.file(batch, integration, row, filed, tally);
        }
        let (now, key) = (batch.now, integration.key());
        let table = timetable(integration, true);
        let feed = row.state.feed_mut(ReadKind::Changes);
        feed.ended = Some(now);
        if !self.complete {
            feed.failures += 1;
            let trouble = partial(feed.trouble.take(), now, Text::literal("it says so itself"));
            feed.trouble = Some(trouble);
            feed.partial = Some(Text::literal("the source said that its answer is partial"));
            feed.due = Some(now.plus_secs(table.backoff(ReadKind::Changes, feed.failures, now)));
            // What a source hands out only once is not handed out again; everything else is asked for again.
            let hole = hole(feed.complete, self.asked_at);
            if self.capabilities.consumes {
                feed.cursor = self.cursor_of_next();
                (feed.unbroken_since, feed.complete) = (None, None);
                row.state.lost_at = Some(now);
                row.state.read_windows(now);
            }
            return cover(batch, key, "changes", hole, self.asked_at, false);
        }
        feed.failures = 0;
        feed.trouble = None;
        feed.cursor = self.cursor_of_next();
        if let Next::Page(_) = &self.next {
            feed.due = Some(now);
            return Ok(());
        }
        feed.due = Some(table.next(ReadKind::Changes, now));
        let before = feed.complete.replace(self.asked_at);
        let from = *feed.unbroken_since.get_or_insert(self.asked_at);
        if feed.partial.take().is_some() {
            // What was left out then has come now.
            cover(batch, key, "changes", hole(before, self.asked_at), self.asked_at, true)?;
        }
        cover(batch, key, "changes", from, self.asked_at, true)
    }

    fn cursor_of_next(&self) -> Option<Text> {
        match &self.next {
            Next::Page(cursor) | Next::Later(cursor) => Some(cursor.clone()),
            Next::File(filed) => Some(filed.cursor.clone()),
            Next::End => None,
        }
    }

    /// What a file proves, where the page is of one.
    pub(super) fn filed(&self) -> Option<&Filed> {
        match &self.next {
            Next::File(filed) => Some(filed),
            Next::Page(_) | Next::Later(_) | Next::End => None,
        }
    }

    /// A page of a part of a window.
    fn window(
        &self,
        batch: &mut Batch<'_>,
        integration: &Arc<Integration>,
        row: &mut PollRow,
        mut sweep: Sweep,
        tally: &Tally,
        source_time: Moment,
    ) -> Result<()> {
        let (now, key) = (batch.now, integration.key());
        let rules = &integration.rules.source.polling;
        for id in &tally.listed {
            sweep.see(digest(id));
        }
        sweep.listed = sweep.listed.saturating_add(u32::try_from(tally.listed.len()).unwrap_or(u32::MAX));
        sweep.new += tally.new;
        sweep.changed += tally.changed;
        sweep.whole &= self.complete && !tally.nameless;
        if let Next::Page(cursor) = &self.next {
            let feed = row.state.feed_mut(self.kind);
            feed.cursor = Some(cursor.clone());
            feed.due = Some(now);
            feed.sweep = Some(sweep);
            return Ok(());
        }
        let part = sweep.part(rules.span_days);
        if sweep.whole {
            // What was heard while the part was being read may be newer than the list.
            let began = sweep.part_began;
            let newer = |visit: &Appointment| visit.received >= began;
            let gone = absent(batch, integration, part, began, newer, |digest| sweep.has_seen(digest))?;
            let known = sweep.seen.len() + gone.len();
            let single = self.capabilities.single;
            let confirmed = row.state.heard_absent(&Absent { ids: &gone, known }, rules, single, now);
            remove(batch, integration, &confirmed, source_time, &looked_for_twice())?;
        }
        cover(batch, key, WINDOW_FEED, part.from, part.to, sweep.whole)?;
        let done = sweep.next_part(rules.span_days, now);
        let whole = sweep.all_whole;
        let table = timetable(integration, self.capabilities.changes);
        let feed = row.state.feed_mut(self.kind);
        feed.cursor = None;
        if !done {
            feed.due = Some(now);
            feed.sweep = Some(sweep);
            return Ok(());
        }
        feed.sweep = None;
        feed.ended = Some(now);
        if whole {
            (feed.failures, feed.trouble, feed.partial) = (0, None, None);
            feed.complete = Some(sweep.began);
            feed.due = Some(table.next(self.kind, now));
        } else {
            feed.failures += 1;
            feed.trouble = Some(partial(feed.trouble.take(), now, Text::literal("it says so itself")));
            feed.partial = Some(Text::literal("the source said that its answer is partial, or a record had no id"));
            let wait = table.backoff(self.kind, feed.failures, now);
            feed.due = Some(table.next(self.kind, now).min(now.plus_secs(wait)));
        }
        if self.kind == ReadKind::Census {
            note_census(row, &sweep, whole, now);
        }
        let windows = [ReadKind::Near, ReadKind::Far];
        let lost = row.state.lost_at;
        if lost.is_some_and(|lost| windows.iter().all(|kind| row.state.feed(*kind).complete >= Some(lost))) {
            row.state.lost_at = None;
        }
        Ok(())
    }
}

/// Notes what a full comparison listed; what the platform shows of it is counted behind it.
pub(super) fn note_census(row: &mut PollRow, sweep: &Sweep, whole: bool, now: Moment) {
    row.state.census = Some(domain::polling::Census {
        at: now,
        from: sweep.from,
        to: sweep.to,
        whole,
        listed: sweep.listed,
        new: sweep.new,
        changed: sweep.changed,
        absent: u32::try_from(row.state.missing.len()).unwrap_or(u32::MAX),
        known: 0,
        shown: 0,
        explained: Vec::new(),
        unexplained: 0,
    });
}

/// Where the stretch that a partial answer leaves open begins: right behind what was complete.
pub(super) fn hole(complete: Option<Moment>, asked_at: Moment) -> Moment {
    complete.map_or(asked_at, |complete| Moment::from_micros(complete.micros() + 1))
}

/// The trouble of an answer that is partial, since it began.
pub(super) fn partial(before: Option<Trouble>, now: Moment, what: Text) -> Trouble {
    let since = before
        .filter(|trouble| trouble.reason() == Some(Reason::PartialUpstreamFailure))
        .map_or(now, |trouble| trouble.since);
    Trouble::new(Reason::PartialUpstreamFailure, since, what)
}

/// Notes a stretch that was read.
pub(crate) fn cover(
    batch: &mut Batch<'_>,
    key: IntegrationKey,
    feed: &'static str,
    from: Moment,
    to: Moment,
    complete: bool,
) -> Result<()> {
    let read_at = batch.now;
    let row = CoverageRow { feed: Text::literal(feed), from, to: to.max(from), read_at, complete };
    Ok(batch.writer().put_coverage(key, &row)?)
}
