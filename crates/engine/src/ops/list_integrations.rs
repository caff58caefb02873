//! The integrations with their state, feed and counts.

use crate::ops::polling::polling_view;
use crate::ops::{Actor, PollingView};
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::decide::Verdict;
use domain::notice::{NoticeKind, NoticeState};
use domain::setup::Lifecycle;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{CoverageRow, Reader};

/// One integration.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct IntegrationItem {
    pub id: Text,
    pub practice: Text,
    pub practice_name: Text,
    pub time_zone: Text,
    pub lifecycle: Lifecycle,
    pub lifecycle_since: Moment,
    pub outstanding: Option<&'static str>,
    pub source: SideView,
    pub platform: SideView,
    pub feed: FeedView,
    pub counts: BTreeMap<&'static str, u64>,
    pub endpoint_gone_since: Option<Moment>,
    pub live_notice: Option<LiveNotice>,
}

/// Whether the team was told that the integration is live (requirement S0-7).
#[derive(Clone, Debug, Serialize)]
pub struct LiveNotice {
    /// `due`, `sending`, `sent`, `dropped`, `failed` or `unknown`.
    pub state: NoticeState,
    /// Since when.
    pub at: Moment,
    /// What came of it, in words.
    pub why: Option<Text>,
}

/// One side of an integration.
#[derive(Clone, Debug, Serialize)]
pub struct SideView {
    /// The profile with its version.
    pub profile: String,
    /// Its name.
    pub name: Text,
    /// How it is spoken to.
    pub route: Text,
}

/// How the feed does.
#[derive(Clone, Debug, Serialize)]
pub struct FeedView {
    /// `reading`, `silent` (no channel is up) or `never_read`.
    pub state: &'static str,
    /// Up to when everything was read.
    pub complete_up_to: Option<Moment>,
    /// When something was last read.
    pub read_at: Option<Moment>,
    /// How reading goes, where the source is read by asking.
    pub polling: Option<PollingView>,
}

/// A stretch of coverage counts as current for so long after it was written.
const CURRENT_SECS: i64 = 120;

impl Engine {
    /// All integrations that this actor may know of.
    pub async fn list_integrations(&self, actor: &Actor) -> Result<Vec<IntegrationItem>> {
        let book = self.setup();
        let mut integrations: Vec<_> =
            book.integrations().filter(|integration| actor.may_see(&integration.rules.practice)).cloned().collect();
        integrations.sort_by(|a, b| a.rules.integration.cmp(&b.rules.integration));
        let now = self.clock.now();
        self.read(move |reader| integrations.iter().map(|integration| item(reader, integration, now)).collect()).await
    }

    /// One integration.
    pub async fn show_integration(&self, actor: &Actor, id: &str) -> Result<IntegrationItem> {
        let integration = self.integration_for(actor, id)?;
        let now = self.clock.now();
        self.read(move |reader| item(reader, &integration, now)).await
    }
}

/// The notices that it is live as one: somebody was told, or somebody is going to be, or nobody.
fn live_notice(reader: &mut dyn Reader, integration: &Integration) -> Result<Option<LiveNotice>> {
    let id = &integration.rules.integration;
    let notices = reader.notices_of(integration.key(), id, 20)?;
    let rank = |state| match state {
        NoticeState::Sent => 0,
        NoticeState::Due | NoticeState::Sending => 1,
        NoticeState::Unknown | NoticeState::Failed | NoticeState::Dropped => 2,
    };
    let told = notices.into_iter().filter(|notice| notice.kind == NoticeKind::Live);
    let best = told.min_by_key(|notice| rank(notice.state));
    Ok(best.map(|notice| LiveNotice {
        state: notice.state,
        at: notice.closed_at.unwrap_or(notice.made_at),
        why: notice.answer,
    }))
}

fn item(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<IntegrationItem> {
    let rules = &integration.rules;
    let mut counts: BTreeMap<&'static str, u64> = Verdict::ALL.iter().map(|verdict| (verdict.word(), 0)).collect();
    for tally in reader.tallies(rules.key)? {
        counts.insert(tally.verdict.word(), tally.count);
    }
    let coverage = reader.coverage(rules.key, now.plus_secs(-30 * 86_400), now)?;
    let polling = polling_view(reader, integration, now)?;
    let patience = feed_patience(integration, polling.is_some());
    let last = coverage.iter().max_by_key(|row| row.read_at);
    let live_notice = live_notice(reader, integration)?;
    Ok(IntegrationItem {
        id: rules.integration.clone(),
        practice: rules.practice.clone(),
        practice_name: rules.practice_name.clone(),
        time_zone: rules.zone.name().clone(),
        lifecycle: rules.lifecycle,
        lifecycle_since: rules.lifecycle_since,
        outstanding: (rules.lifecycle != Lifecycle::Live).then(|| rules.lifecycle.outstanding()),
        source: SideView {
            profile: rules.source.profile.to_string(),
            name: rules.source.profile.name.clone(),
            route: integration.document.source.route.clone(),
        },
        platform: SideView {
            profile: rules.platform.profile.to_string(),
            name: rules.platform.profile.name.clone(),
            route: integration.document.platform.route.clone(),
        },
        feed: FeedView {
            state: match last {
                None => "never_read",
                Some(row) if now.secs_since(row.read_at) <= patience => "reading",
                Some(_) => "silent",
            },
            complete_up_to: complete_up_to(&coverage),
            read_at: last.map(|row| row.read_at),
            polling,
        },
        counts,
        endpoint_gone_since: rules.gone_since,
        live_notice,
    })
}

/// A feed is current for so many seconds after something was read.
pub(crate) fn feed_patience(integration: &Integration, polled: bool) -> i64 {
    if !polled {
        return CURRENT_SECS;
    }
    let rules = &integration.rules.source.polling;
    let often = integration.document.source.poll_seconds.unwrap_or(rules.every_seconds);
    let closed = if integration.document.source.poll_seconds.is_some() { often } else { rules.every_closed_seconds };
    // What files prove ends with the newest of them; another is due before they count as late.
    let files =
        if integration.document.source.drop.is_some() { integration.rules.source.files.late_seconds } else { 0 };
    CURRENT_SECS.max(2 * i64::from(often.max(closed).max(rules.min_seconds))).max(i64::from(files))
}

/// Up to when everything was read. What proves a window proves it as of the time of reading.
fn complete_up_to(coverage: &[CoverageRow]) -> Option<Moment> {
    let complete = coverage.iter().filter(|row| row.complete);
    complete.map(|row| if row.feed == crate::poll::WINDOW_FEED { row.read_at } else { row.to }).max()
}
