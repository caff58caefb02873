//! One process reading one integration: page after page while it holds it.

use crate::poll::claim::timetable;
use crate::poll::failure::failed;
use crate::poll::pace::Governor;
use crate::poll::page::PageStep;
use crate::poll::runner::source_host;
use crate::poll::single::SingleStep;
use crate::poll::work::{Kept, change_held, keep_page};
use crate::poll::{Ask, Failure, LEASE_SECS, Next, One, Page, SourceReader, Window};
use crate::setup::Integration;
use crate::tasks::Stop;
use crate::{Engine, Result};
use domain::ids::IntegrationKey;
use domain::polling::{ReadKind, Sweep};
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use std::time::Duration;
use store::PollRow;

/// So many pages are read before others have their turn.
const PAGES_A_TURN: usize = 20;
/// A question that is not answered within this is given up, so that the lease never runs out under it.
const LIMIT: Duration = Duration::from_secs(LEASE_SECS.unsigned_abs() / 2);

/// Who reads.
pub(crate) struct Reading {
    pub(crate) engine: Engine,
    pub(crate) integration: Arc<Integration>,
    pub(crate) reader: Arc<dyn SourceReader>,
    pub(crate) governor: Governor,
    pub(crate) fence: u64,
    pub(crate) stop: Stop,
}

/// What a question came to.
enum Answer<T> {
    /// An answer, good or bad.
    Came(std::result::Result<T, Failure>),
    /// The service is to stop; the question was dropped.
    Stopped,
}

impl Reading {
    fn key(&self) -> IntegrationKey {
        self.integration.key()
    }

    /// Reads what is due, until nothing is, somebody else holds the integration, or others should have their turn.
    pub(crate) async fn run(self, mut row: PollRow) -> Result<()> {
        // What was read last: its further pages are the same read.
        let mut under_way = None;
        for _ in 0..PAGES_A_TURN {
            let now = self.engine.clock().now();
            let blocked = row.state.not_before.is_some_and(|not_before| not_before > now);
            let single = row.state.asked.iter().find(|asked| asked.since <= now).map(|asked| asked.source_id.clone());
            let kept = match (single, row.state.ready(now)) {
                (Some(id), _) if !blocked => self.one(id).await?,
                (_, Some(kind)) => {
                    if under_way != Some(kind) {
                        self.begins(&row, kind, now);
                        under_way = Some(kind);
                    }
                    let kept = self.step(&row, kind).await?;
                    if let Some(Kept::Still(now)) = &kept
                        && now.state.census != row.state.census
                    {
                        crate::poll::census::count_shown(&self.engine, self.key()).await?;
                    }
                    kept
                }
                (_, None) => return Ok(()),
            };
            match kept {
                Some(Kept::Still(next)) if next.state.leased_until.is_some() => row = *next,
                _ => return Ok(()),
            }
        }
        // Others first; it stays due.
        let done = change_held(&self.engine.scribe, self.key(), self.fence, |_, _, _| Ok(())).await?;
        if let Kept::Still(row) = done
            && row.state.leased_until.is_some()
        {
            let (key, fence) = (self.key(), self.fence);
            let release = self.engine.scribe.run(move |batch| {
                if let Some(mut row) = crate::poll::claim::held(batch, key, fence)? {
                    crate::poll::claim::release(&mut row);
                    batch.writer().put_poll(&row)?;
                }
                Ok(())
            });
            release.await?;
            self.engine.polls.notify_one();
        }
        Ok(())
    }

    /// Notes whether the source's host answers.
    fn heard(&self, answered: bool) {
        let host = source_host(&self.integration);
        let mut places = self.engine.sources.places();
        let changed = if answered { places.answered(&host) } else { places.unanswered(&host) };
        drop(places);
        if changed && !answered {
            tracing::warn!(
                integration = %self.integration.rules.integration,
                "the source's host does not answer; until it does few of its integrations are read at a time"
            );
        }
    }

    /// Counts how late a read begins: after it was due, and after something else forbade it.
    fn begins(&self, row: &PollRow, kind: ReadKind, now: Moment) {
        let due = row.state.feed(kind).due.unwrap_or(now);
        let due = row.state.not_before.map_or(due, |not_before| due.max(not_before));
        self.engine.reads.begins(kind, due, now);
    }

    /// Reads one page.
    async fn step(&self, row: &PollRow, kind: ReadKind) -> Result<Option<Kept>> {
        let capabilities = self.reader.capabilities();
        let now = self.engine.clock().now();
        let feed = row.state.feed(kind);
        let rules = self.integration.rules.source.polling.clone();
        let sweep = kind.is_window().then(|| match &feed.sweep {
            Some(sweep) => sweep.clone(),
            None => Sweep::begin(timetable(&self.integration, capabilities.changes).window(kind, now), now),
        });
        let mut sweep = sweep;
        if let Some(sweep) = sweep.as_mut().filter(|_| feed.cursor.is_none()) {
            sweep.part_began = now;
        }
        if kind == ReadKind::Far && feed.cursor.is_none() && feed.sweep.is_none() {
            self.keep_hooks(now).await;
        }
        let cursor = feed.cursor.clone();
        let skew_secs = row.state.skew_millis.map_or(0, |millis| millis.unsigned_abs().div_ceil(1000));
        let overlap_secs = rules.overlap_seconds.saturating_add(u32::try_from(skew_secs).unwrap_or(0));
        let window = sweep.as_ref().map(|sweep| sweep.part(rules.span_days));
        let asked_at = self.engine.clock().now();
        let (reader, governor) = (self.reader.clone(), &self.governor);
        let ask = Ask { cursor: cursor.as_deref(), overlap_secs, page_size: rules.page_size, now, pace: governor };
        let question = async {
            match window {
                None => reader.changes(ask).await,
                Some(part) => reader.window(Window { from: part.from, to: part.to }, ask).await,
            }
        };
        // What was handed out only once must not be dropped on the way.
        let patient = capabilities.consumes && kind == ReadKind::Changes;
        let answer = match self.ask(question, patient).await {
            Answer::Stopped => return Ok(None),
            Answer::Came(Err(Failure::Unauthorized)) => {
                // Once with a new token; then people have to look.
                self.reader.refresh();
                let reader = self.reader.clone();
                let again = async {
                    match window {
                        None => reader.changes(ask).await,
                        Some(part) => reader.window(Window { from: part.from, to: part.to }, ask).await,
                    }
                };
                match self.ask(again, patient).await {
                    Answer::Stopped => return Ok(None),
                    Answer::Came(answer) => answer,
                }
            }
            Answer::Came(answer) => answer,
        };
        match answer.and_then(|page| check(kind, cursor.as_ref(), page)) {
            Ok(page) => {
                self.heard(true);
                let heard_at = self.engine.clock().now();
                let step = PageStep {
                    kind,
                    capabilities,
                    asked_at,
                    cursor,
                    sweep,
                    skew_millis: page.server_time.map(|time| skew(time, asked_at, heard_at)),
                    next: page.next,
                    complete: page.complete,
                };
                Ok(Some(keep_page(&self.engine.scribe, self.key(), self.fence, page.sheets, step).await?))
            }
            Err(failure) => self.failed(kind, failure, asked_at, None).await,
        }
    }

    /// Reads one visit.
    async fn one(&self, source_id: Text) -> Result<Option<Kept>> {
        let capabilities = self.reader.capabilities();
        if !capabilities.single {
            // It is among those that a window lists.
            let near = change_held(&self.engine.scribe, self.key(), self.fence, |batch, _, row| {
                row.state.asked.clear();
                for kind in [ReadKind::Changes, ReadKind::Near] {
                    let feed = row.state.feed_mut(kind);
                    feed.due = feed.due.map(|due| due.min(batch.now));
                }
                Ok(())
            });
            return Ok(Some(near.await?));
        }
        let now = self.engine.clock().now();
        match self.ask_one(&source_id, now).await {
            Answer::Stopped => Ok(None),
            Answer::Came(Ok(one)) => {
                self.heard(true);
                Ok(Some(self.keep_one(source_id, one, now).await?))
            }
            Answer::Came(Err(failure)) => {
                let kind = if capabilities.changes { ReadKind::Changes } else { ReadKind::Near };
                self.failed(kind, failure, now, Some(source_id)).await
            }
        }
    }

    async fn ask_one(&self, source_id: &Text, now: Moment) -> Answer<One> {
        let (reader, id) = (self.reader.clone(), source_id.clone());
        let page_size = self.integration.rules.source.polling.page_size;
        for again in [true, false] {
            let ask = Ask { cursor: None, overlap_secs: 0, page_size, now, pace: &self.governor };
            match ask_within(self.stop.clone(), reader.one(&id, ask), false).await {
                Answer::Came(Err(Failure::Unauthorized)) if again => reader.refresh(),
                answer => return answer,
            }
        }
        Answer::Came(Err(Failure::Unauthorized))
    }

    pub(crate) async fn keep_one(&self, source_id: Text, one: One, asked_at: Moment) -> Result<Kept> {
        let (found, sheets) = match one {
            One::Found(sheet) => (true, vec![sheet]),
            One::NotFound => (false, Vec::new()),
        };
        let stamps = self.reader.capabilities().stamps;
        let step = SingleStep { source_id, found, stamps, asked_at };
        keep_page(&self.engine.scribe, self.key(), self.fence, sheets, step).await
    }

    async fn keep_hooks(&self, now: Moment) {
        let reader = self.reader.clone();
        let ask = Ask { cursor: None, overlap_secs: 0, page_size: 0, now, pace: &self.governor };
        if let Answer::Came(Err(failure)) = ask_within(self.stop.clone(), reader.keep_hooks(ask), false).await {
            // Reading does not depend on it.
            let (_, what) = crate::poll::failure::told(&failure);
            tracing::warn!(integration = %self.integration.rules.integration, %what, "the source does not call us");
        }
    }

    async fn ask<T>(
        &self,
        question: impl Future<Output = std::result::Result<T, Failure>>,
        patient: bool,
    ) -> Answer<T> {
        ask_within(self.stop.clone(), question, patient).await
    }

    /// Keeps what follows from a failure. `single`: the visit that was asked for; it is asked for again a minute later.
    async fn failed(
        &self,
        kind: ReadKind,
        failure: Failure,
        asked_at: Moment,
        single: Option<Text>,
    ) -> Result<Option<Kept>> {
        let later = move |row: &mut PollRow, now: Moment| {
            let asked = row.state.asked.iter_mut().filter(|asked| Some(&asked.source_id) == single.as_ref());
            asked.for_each(|asked| asked.since = now.plus_secs(60));
        };
        if let Some(until) = self.governor.stopped_until() {
            // Our own limits: nobody's failure.
            let waits = change_held(&self.engine.scribe, self.key(), self.fence, move |batch, _, row| {
                later(row, batch.now);
                row.state.not_before = Some(until);
                Ok(())
            });
            return Ok(Some(waits.await?));
        }
        self.heard(!matches!(failure, Failure::Unreachable { .. }));
        let (reason, what) = crate::poll::failure::told(&failure);
        tracing::warn!(
            integration = %self.integration.rules.integration, feed = kind.word(), reason = reason.code(), %what,
            "the source could not be read"
        );
        if let Failure::Throttled { retry_after: Some(secs) } = &failure {
            self.governor.hold(self.engine.clock().now().plus_secs(i64::from(*secs))).await?;
        }
        let kept = change_held(&self.engine.scribe, self.key(), self.fence, move |batch, integration, row| {
            later(row, batch.now);
            failed(batch, integration, row, kind, &failure, asked_at)
        });
        Ok(Some(kept.await?))
    }
}

/// Waits for an answer, within the time limit, and no longer than until the service is to stop, unless `patient`.
async fn ask_within<T>(
    mut stop: Stop,
    question: impl Future<Output = std::result::Result<T, Failure>>,
    patient: bool,
) -> Answer<T> {
    let late = || Failure::Unreachable { what: Text::from(format!("no answer within {} s", LIMIT.as_secs())) };
    let within = async { tokio::time::timeout(LIMIT, question).await.unwrap_or_else(|_| Err(late())) };
    if patient {
        return Answer::Came(within.await);
    }
    tokio::select! {
        answer = within => Answer::Came(answer),
        () = stop.requested() => Answer::Stopped,
    }
}

/// Refuses what cannot be true: changes without a place to go on from, a next page that is the page itself.
fn check(kind: ReadKind, cursor: Option<&Text>, page: Page) -> std::result::Result<Page, Failure> {
    match &page.next {
        Next::End if kind == ReadKind::Changes => Err(Failure::CursorLost),
        Next::Later(_) if kind != ReadKind::Changes => {
            Err(Failure::Malformed { what: Text::literal("a window that goes on later") })
        }
        Next::File(_) if kind != ReadKind::Changes => {
            Err(Failure::Malformed { what: Text::literal("a window that is a file") })
        }
        Next::Page(next) if cursor == Some(next) => Err(same_again()),
        Next::File(filed) if filed.more && cursor == Some(&filed.cursor) => Err(same_again()),
        _ => Ok(page),
    }
}

fn same_again() -> Failure {
    Failure::Malformed { what: Text::literal("the next page is the page itself") }
}

/// By how many milliseconds the source's clock is ahead: what it showed, against the middle of the question. A `Date`
/// header counts in whole seconds, so half a second is added.
fn skew(server: Moment, asked: Moment, heard: Moment) -> i64 {
    let middle = asked.micros() + (heard.micros() - asked.micros()) / 2;
    (server.micros() + 500_000 - middle) / 1000
}
