//! A page of changes that is of a file: what it proves is of the time at which the file was written.

use crate::Result;
use crate::poll::claim::timetable;
use crate::poll::page::{PageStep, WINDOW_FEED, cover, hole, note_census, partial};
use crate::poll::removed::{absent, digest, looked_for_twice, remove};
use crate::poll::sheets::Tally;
use crate::poll::{FileList, Filed};
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::model::Appointment;
use domain::polling::{Absent, ReadKind, Span, Sweep};
use domain::time::Moment;
use std::sync::Arc;
use store::PollRow;

impl PageStep {
    /// Moves the changes on behind a file, or a part of one.
    pub(super) fn file(
        &self,
        batch: &mut Batch<'_>,
        integration: &Arc<Integration>,
        row: &mut PollRow,
        filed: &Filed,
        tally: &Tally,
    ) -> Result<()> {
        let (now, key) = (batch.now, integration.key());
        let feed = row.state.feed_mut(ReadKind::Changes);
        feed.ended = Some(now);
        feed.failures = 0;
        // What was lost stays told until something newer has been read without a gap.
        feed.trouble = feed.trouble.take().filter(|_| feed.partial.is_some());
        feed.cursor = Some(filed.cursor.clone());
        feed.due = Some(if filed.more { now } else { timetable(integration, true).next(ReadKind::Changes, now) });
        if let Some(note) = &filed.note {
            feed.note = Some(note.clone());
        }
        let Some(as_of) = filed.as_of else { return Ok(()) };
        if let Some(what) = &filed.broken {
            feed.trouble = Some(partial(None, now, what.clone()));
            feed.partial = Some(what.clone());
            if feed.complete.is_none_or(|complete| complete < as_of) {
                let hole = hole(feed.complete.replace(as_of), as_of);
                feed.unbroken_since = Some(as_of);
                cover(batch, key, "changes", hole, as_of, false)?;
            }
        } else if !filed.more {
            if feed.complete.is_none_or(|complete| complete < as_of) {
                (feed.trouble, feed.partial) = (None, None);
            }
            // A file that came late moves nothing back.
            let read_to = feed.complete.map_or(as_of, |complete| complete.max(as_of));
            feed.complete = Some(read_to);
            let from = *feed.unbroken_since.get_or_insert(as_of);
            cover(batch, key, "changes", from.min(read_to), read_to, true)?;
        }
        match &filed.list {
            Some(list) => self.file_list(batch, integration, row, filed, list, as_of, tally),
            None => Ok(()),
        }
    }

    /// A part of a list of all there is; with its last part, what none of them named is not there.
    #[expect(clippy::too_many_arguments, reason = "the batch, its page, and what the file says of itself")]
    fn file_list(
        &self,
        batch: &mut Batch<'_>,
        integration: &Arc<Integration>,
        row: &mut PollRow,
        filed: &Filed,
        list: &FileList,
        as_of: Moment,
        tally: &Tally,
    ) -> Result<()> {
        let span = Span { from: list.window.from, to: list.window.to };
        let feed = row.state.feed_mut(ReadKind::Changes);
        let mut sweep = match feed.sweep.take() {
            Some(sweep) if !list.first => sweep,
            _ => Sweep { whole: list.first, ..Sweep::begin(span, as_of) },
        };
        for id in &tally.listed {
            sweep.see(digest(id));
        }
        sweep.listed = sweep.listed.saturating_add(u32::try_from(tally.listed.len()).unwrap_or(u32::MAX));
        sweep.new += tally.new;
        sweep.changed += tally.changed;
        sweep.whole &= self.complete && filed.broken.is_none() && !tally.nameless;
        if !list.last {
            feed.sweep = Some(sweep);
            return Ok(());
        }
        if sweep.whole && list.means_gone {
            // What was said after the list was written is not in it.
            let newer = |visit: &Appointment| visit.stamp.at >= as_of;
            let gone = absent(batch, integration, span, as_of.max(batch.now), newer, |digest| sweep.has_seen(digest))?;
            let known = sweep.seen.len() + gone.len();
            let rules = &integration.rules.source.polling;
            let confirmed = row.state.heard_absent(&Absent { ids: &gone, known }, rules, false, batch.now);
            remove(batch, integration, &confirmed, as_of, &looked_for_twice())?;
        }
        note_census(row, &sweep, sweep.whole, batch.now);
        cover(batch, integration.key(), WINDOW_FEED, span.from, span.to, sweep.whole)
    }
}
