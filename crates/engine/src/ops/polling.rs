//! Sources that are read by asking: how it goes, looking at once, and deciding about what vanished.

use crate::exceptions::Seen;
use crate::ops::{Actor, CauseItem};
use crate::poll::{Ask, WINDOW_FEED, remove};
use crate::poll::{Failure, Governor, One, Pace, scope, told};
use crate::scribe::Batch;
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::ids::IntegrationKey;
use domain::ledger::Cause;
use domain::polling::{PollState, ReadKind, Ruled};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{AppointmentFilter, CauseRow, PollRow, Reader, cause_id};

/// How reading goes.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct PollingView {
    /// When the source may be asked next at the earliest, by its limits.
    pub next_allowed: Moment,
    /// When it is asked next.
    pub next_due: Option<Moment>,
    /// By how much the source's clock is ahead of ours.
    pub skew_seconds: Option<f64>,
    pub reads: Vec<ReadView>,
    /// Visits that were absent once and are looked for again.
    pub missing: usize,
    /// Too many vanished at once: it waits for a decision.
    pub guard: Option<GuardView>,
    pub census: Option<CensusView>,
}

/// One kind of reading.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct ReadView {
    /// `changes`, `near`, `far`, `census`.
    pub kind: &'static str,
    pub started: Option<Moment>,
    pub ended: Option<Moment>,
    /// Everything was read as of this.
    pub complete: Option<Moment>,
    pub next: Option<Moment>,
    pub failures: u32,
    pub code: Option<Reason>,
    pub since: Option<Moment>,
    /// What was said, without patient data.
    pub observed: Option<Text>,
    pub pages: u32,
    pub records: u32,
    /// A window is being read: how much of it has been.
    pub percent: Option<u32>,
    /// What was odd about something that was read, and lost nothing.
    pub note: Option<Text>,
}

/// What waits for a decision.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct GuardView {
    pub since: Moment,
    pub absent: u32,
    pub known: u32,
    /// The cause to decide.
    pub cause: Text,
}

/// The last full comparison.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct CensusView {
    pub at: Moment,
    pub from: Moment,
    pub to: Moment,
    pub complete: bool,
    /// Visits the source listed.
    pub listed: u32,
    /// Of those, not known here before.
    pub new: u32,
    /// Of those, changed without our having heard.
    pub changed: u32,
    /// Known here and not listed, not settled yet.
    pub absent: u32,
    /// Visits known here in the range.
    pub known: u32,
    /// The platform shows them as they are.
    pub shown: u32,
    /// Not shown, by reason.
    pub explained: BTreeMap<String, u32>,
    /// Not shown without a reason: never more than none.
    pub unexplained: u32,
}

/// What a read on demand came to.
#[derive(Clone, Debug, Serialize)]
pub struct ReadNow {
    /// `found`, `not_found`, `due` (it cannot be read alone; a read of all is due now) or `failed`.
    pub outcome: &'static str,
    /// Why it failed.
    pub code: Option<Reason>,
    /// What was said.
    pub observed: Option<Text>,
}

/// How long somebody who asks waits for the source.
const PATIENCE: Duration = Duration::from_secs(30);

impl Engine {
    /// The source told that something changed, or somebody wants it read: it is read as soon as its limits allow. With
    /// an id, that visit is read. A hint says nothing itself: what is read decides. Durable when this returns.
    pub async fn look_at(&self, integration: &str, source_id: Option<Text>) -> Result<bool> {
        let book = self.setup();
        let Some(found) = book.named(integration) else { return Ok(false) };
        let key = found.key();
        let looked = self.scribe.run(move |batch| {
            let now = batch.now;
            let Some(mut row) = batch.reader().poll(key)? else { return Ok(false) };
            match &source_id {
                // More than so many at once are read faster as changes.
                Some(id) if row.state.asked.len() < 50 => row.state.ask_for(id, now),
                _ => {
                    let kind = if row.state.feed(ReadKind::Changes).due.is_some() {
                        ReadKind::Changes
                    } else {
                        ReadKind::Near
                    };
                    let feed = row.state.feed_mut(kind);
                    // Whoever reads right now began before the hint came: once more, right after.
                    feed.due = feed.due.map(|due| due.min(now));
                }
            }
            if row.state.leased_until.is_none_or(|until| until <= now) {
                row.due_at = row.state.wakes_at().unwrap_or(PollRow::NEVER);
            }
            batch.writer().put_poll(&row)?;
            Ok(true)
        });
        let looked = looked.await?;
        if looked {
            self.polls.notify_one();
        }
        Ok(looked)
    }

    /// Has source and platform compared in full, as soon as the limits allow.
    pub async fn order_census(&self, actor: &Actor, integration: &str) -> Result<()> {
        let found = self.integration_for(actor, integration)?;
        let (key, actor, subject) = (found.key(), actor.clone(), found.rules.integration.clone());
        let ordered = self.scribe.run(move |batch| {
            let now = batch.now;
            let Some(mut row) = batch.reader().poll(key)? else {
                return Err(Error::Invalid(
                    "this source is not read by asking; there is nothing to compare".to_owned(),
                ));
            };
            let census = row.state.feed_mut(ReadKind::Census);
            if census.due.is_some() {
                (census.due, census.sweep, census.cursor) = (Some(now), None, None);
            } else {
                // A folder cannot be asked for a list: each that it hands over is compared.
                row.state.feed_mut(ReadKind::Changes).due = Some(now);
            }
            if row.state.leased_until.is_none_or(|until| until <= now) {
                row.due_at = row.state.wakes_at().unwrap_or(PollRow::NEVER);
            }
            batch.writer().put_poll(&row)?;
            actor.audit(batch, key.practice, "census", &subject, "source and platform are compared")
        });
        ordered.await?;
        self.polls.notify_one();
        Ok(())
    }

    /// Reads one visit now, and returns when it is durable what that came to.
    pub async fn read_now(&self, actor: &Actor, integration: &str, source_id: &Text) -> Result<ReadNow> {
        let found = self.integration_for(actor, integration)?;
        let (key, subject) = (found.key(), format!("{}/{source_id}", found.rules.integration));
        let audited = actor.clone();
        let noted = self.scribe.run(move |batch| audited.audit(batch, key.practice, "read", &subject, ""));
        noted.await?;
        let failed = |failure: &Failure| {
            let (code, observed) = told(failure);
            ReadNow { outcome: "failed", code: Some(code), observed: Some(observed) }
        };
        let reader = match self.source_reader(&found) {
            None => return Err(Error::Invalid("this source is not read by asking; it tells by itself".to_owned())),
            Some(Err(failure)) => return Ok(failed(&failure)),
            Some(Ok(reader)) => reader,
        };
        if !reader.capabilities().single {
            self.look_at(integration, None).await?;
            return Ok(ReadNow { outcome: "due", code: None, observed: None });
        }
        let governor = Governor::of(&found, self.scribe.clone(), self.clock.clone());
        let asked_at = self.clock.now();
        let mut answer = Err(Failure::Unauthorized);
        for _ in 0..2 {
            let ask = Ask { cursor: None, overlap_secs: 0, page_size: 1, now: asked_at, pace: &governor as &dyn Pace };
            let late =
                || Failure::Unreachable { what: Text::from(format!("no answer within {} s", PATIENCE.as_secs())) };
            answer = tokio::time::timeout(PATIENCE, reader.one(source_id, ask)).await.unwrap_or_else(|_| Err(late()));
            if !matches!(answer, Err(Failure::Unauthorized)) {
                break;
            }
            reader.refresh();
        }
        match answer {
            Err(failure) => Ok(failed(&failure)),
            Ok(one) => {
                let outcome = if matches!(one, One::Found(_)) { "found" } else { "not_found" };
                let stamps = reader.capabilities().stamps;
                crate::poll::keep_one_now(self, key, source_id.clone(), one, stamps, asked_at).await?;
                Ok(ReadNow { outcome, code: None, observed: None })
            }
        }
    }

    /// Tries the source read-only, with a day's window that is thrown away; `None`: it is not read by asking.
    pub(crate) async fn try_source(&self, integration: &Arc<Integration>) -> Option<std::result::Result<(), Failure>> {
        let reader = match self.source_reader(integration)? {
            Ok(reader) => reader,
            Err(failure) => return Some(Err(failure)),
        };
        let governor = Governor::of(integration, self.scribe.clone(), self.clock.clone());
        let now = self.clock.now();
        let mut answer = Err(Failure::Unauthorized);
        for _ in 0..2 {
            let ask = Ask { cursor: None, overlap_secs: 0, page_size: 1, now, pace: &governor as &dyn Pace };
            let day = crate::poll::Window { from: now, to: now.plus_secs(86_400) };
            let capabilities = reader.capabilities();
            let question = async {
                if capabilities.windows {
                    reader.window(day, ask).await.map(drop)
                } else if capabilities.consumes {
                    // Looking would take changes off.
                    reader.one("punctual-check", ask).await.map(drop)
                } else {
                    reader.changes(ask).await.map(drop)
                }
            };
            let late =
                || Failure::Unreachable { what: Text::from(format!("no answer within {} s", PATIENCE.as_secs())) };
            answer = tokio::time::timeout(PATIENCE, question).await.unwrap_or_else(|_| Err(late()));
            if !matches!(answer, Err(Failure::Unauthorized)) {
                break;
            }
            reader.refresh();
        }
        Some(answer)
    }

    /// Decides about visits that vanished at once; `None`: the id names no such cause of this actor.
    pub(crate) async fn decide_guard(
        &self,
        actor: &Actor,
        id: &str,
        go_ahead: bool,
        note: &str,
    ) -> Result<Option<CauseItem>> {
        let book = self.setup();
        let named = |integration: &&Arc<Integration>| {
            cause_id(integration.key(), Reason::MassDeleteGuard, &integration.rules.integration) == *id
        };
        let Some(integration) = book.integrations().find(named).cloned() else { return Ok(None) };
        if !actor.may_see(&integration.rules.practice) {
            return Ok(None);
        }
        let (key, actor, note) = (integration.key(), actor.clone(), note.to_owned());
        let id = Text::from(id);
        let decided = self.scribe.run(move |batch| rule(batch, key, go_ahead, &actor, &id, &note));
        let item = decided.await?;
        self.polls.notify_one();
        Ok(item)
    }
}

fn rule(
    batch: &mut Batch<'_>,
    key: IntegrationKey,
    go_ahead: bool,
    actor: &Actor,
    id: &Text,
    note: &str,
) -> Result<Option<CauseItem>> {
    let integration = batch.integration(key)?;
    let now = batch.now;
    let Some(mut row) = batch.reader().poll(key)? else { return Ok(None) };
    let Some(cause) = guard_cause(&integration, &row.state) else { return Ok(None) };
    let gone = row.state.rule_guard(if go_ahead { Ruled::Removed } else { Ruled::Kept });
    let source_time = now.plus_millis(row.state.skew_millis.unwrap_or(0));
    let what = Text::literal("removed: the practice system does not list it any more");
    let person = Cause::Person { actor: actor.name.clone(), what };
    remove(batch, &integration, &gone, source_time, &person)?;
    batch.writer().put_poll(&row)?;
    let word = if go_ahead { "apply" } else { "discard" };
    actor.audit(batch, key.practice, "decide", id, &format!("{word}: {note}"))?;
    let seen = Seen { cause, whole_feed: true, standing: false };
    Ok(Some(crate::ops::list_causes::item(&integration, &seen, None, now)))
}

fn guard_cause(integration: &Integration, state: &PollState) -> Option<CauseRow> {
    let guard = state.guard.as_ref()?;
    Some(row(integration, Reason::MassDeleteGuard, u64::from(guard.absent), guard.since))
}

fn row(integration: &Integration, reason: Reason, count: u64, since: Moment) -> CauseRow {
    let subject = integration.rules.integration.clone();
    CauseRow {
        id: cause_id(integration.key(), reason, &subject),
        integration: integration.key(),
        reason,
        subject,
        count,
        coming: count,
        opened_at: since,
        next_start: None,
        closed_at: None,
    }
}

/// What is wrong with the feed as a whole: one incident each, with the number of visits it concerns (requirement X-7).
pub(crate) fn feed_incidents(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Vec<CauseRow>> {
    let Some(poll) = reader.poll(integration.key())? else { return Ok(Vec::new()) };
    let rules = &integration.rules.source.polling;
    let mut incidents: Vec<CauseRow> = guard_cause(integration, &poll.state).into_iter().collect();
    let trouble = poll.state.trouble(rules.incident_after);
    let mut feed: Vec<(Reason, Moment)> =
        trouble.and_then(|trouble| trouble.reason().map(|reason| (reason, trouble.since))).into_iter().collect();
    // Asking for changes may fail so again while the place is still being made good for: that is the same incident.
    if let Some(since) = poll.state.lost_at {
        feed.retain(|(reason, _)| *reason != Reason::CursorExpired);
        feed.push((Reason::CursorExpired, since));
    }
    if let Some(skew) = poll.state.skew_millis
        && skew.unsigned_abs() > u64::from(rules.skew_seconds) * 1000
    {
        feed.push((Reason::ClockSkew, now));
    }
    if !feed.is_empty() {
        let coming = AppointmentFilter { from: Some(now), ..AppointmentFilter::default() };
        let concerned = reader.appointments(integration.key(), &coming, None, 10_000)?;
        let next_start = concerned.first().and_then(|listed| listed.row.start);
        for (reason, since) in feed {
            incidents.push(CauseRow { next_start, ..row(integration, reason, concerned.len() as u64, since) });
        }
    }
    Ok(incidents)
}

/// How reading an integration goes; `None`: it is not read by asking.
pub(crate) fn polling_view(
    reader: &mut dyn Reader,
    integration: &Integration,
    now: Moment,
) -> Result<Option<PollingView>> {
    let Some(poll) = reader.poll(integration.key())? else { return Ok(None) };
    let limits = &integration.rules.source.polling.limits;
    let pace = reader.pace(&scope(integration))?.unwrap_or_default();
    let state = &poll.state;
    let mut next_allowed = pace.state.allowed_at(limits, now);
    if let Some(not_before) = state.not_before {
        next_allowed = next_allowed.max(not_before);
    }
    let guard = guard_cause(integration, state).zip(state.guard.as_ref()).map(|(cause, guard)| GuardView {
        since: guard.since,
        absent: guard.absent,
        known: guard.known,
        cause: cause.id,
    });
    let reads = ReadKind::ALL.into_iter().filter(|kind| state.feed(*kind).due.is_some());
    Ok(Some(PollingView {
        next_allowed,
        next_due: state.wakes_at(),
        skew_seconds: state.skew_millis.map(|millis| millis as f64 / 1000.0),
        reads: reads.map(|kind| read_view(state, kind)).collect(),
        missing: state.missing.len(),
        guard,
        census: state.census.as_ref().map(census_view),
    }))
}

fn read_view(state: &PollState, kind: ReadKind) -> ReadView {
    let feed = state.feed(kind);
    let trouble = feed.trouble.as_ref();
    ReadView {
        kind: kind.word(),
        started: feed.started,
        ended: feed.ended,
        complete: feed.complete,
        next: feed.due.map(|due| state.not_before.map_or(due, |not_before| due.max(not_before))),
        failures: feed.failures,
        code: trouble.and_then(domain::polling::Trouble::reason),
        since: trouble.map(|trouble| trouble.since),
        observed: trouble.map(|trouble| trouble.what.clone()),
        pages: feed.pages,
        records: feed.records,
        percent: feed.sweep.as_ref().map(|sweep| {
            let whole = sweep.to.secs_since(sweep.from).max(1);
            u32::try_from(sweep.at.secs_since(sweep.from) * 100 / whole).unwrap_or(0)
        }),
        note: feed.note.clone(),
    }
}

fn census_view(census: &domain::polling::Census) -> CensusView {
    let code = |number: u16| Reason::from_number(number).map_or_else(String::new, |reason| reason.code().to_owned());
    CensusView {
        at: census.at,
        from: census.from,
        to: census.to,
        complete: census.whole,
        listed: census.listed,
        new: census.new,
        changed: census.changed,
        absent: census.absent,
        known: census.known,
        shown: census.shown,
        explained: census.explained.iter().map(|(number, count)| (code(*number), *count)).collect(),
        unexplained: census.unexplained,
    }
}

/// What proves that visits of a start were listed or not: the newest complete read of a window that holds it.
pub(crate) fn window_read(rows: &[store::CoverageRow], start: Moment) -> Option<&store::CoverageRow> {
    let holds = |row: &&store::CoverageRow| row.feed == WINDOW_FEED && row.from <= start && start < row.to;
    rows.iter().filter(holds).max_by_key(|row| row.read_at)
}
