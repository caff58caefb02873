//! Integrations and links.

use super::Moment;
use utoipa::ToSchema;

/// How far an integration is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Lifecycle {
    Initiated,
    Authorized,
    Configured,
    Live,
    Paused,
}

/// One practice's source joined to one platform.
#[derive(ToSchema)]
pub(crate) struct Integration {
    id: String,
    practice: String,
    practice_name: String,
    time_zone: String,
    lifecycle: Lifecycle,
    lifecycle_since: Moment,
    /// The step that is outstanding; null when live.
    outstanding: Option<String>,
    source: Side,
    platform: Side,
    feed: Feed,
    /// Appointments by verdict.
    counts: std::collections::BTreeMap<String, u64>,
    endpoint_gone_since: Option<Moment>,
    /// Whether the team was told by e-mail that it is live; null before that was ever due.
    live_notice: Option<LiveNotice>,
}

/// The e-mail that an integration is live.
#[derive(ToSchema)]
pub(crate) struct LiveNotice {
    state: NoticeState,
    at: Moment,
    why: Option<String>,
}

/// Where a notice stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum NoticeState {
    Due,
    Sending,
    Sent,
    Dropped,
    Failed,
    Unknown,
}

/// One side of an integration.
#[derive(ToSchema)]
pub(crate) struct Side {
    /// With its version.
    profile: String,
    name: String,
    route: String,
}

/// How the feed does.
#[derive(ToSchema)]
pub(crate) struct Feed {
    state: FeedState,
    complete_up_to: Option<Moment>,
    read_at: Option<Moment>,
    /// How reading goes, where the source is read by asking.
    polling: Option<Polling>,
}

/// How reading a source by asking goes.
#[derive(ToSchema)]
pub(crate) struct Polling {
    /// When the source may be asked next at the earliest, by its limits.
    next_allowed: Moment,
    /// When it is asked next.
    next_due: Option<Moment>,
    /// By how much the source's clock is ahead of ours.
    skew_seconds: Option<f64>,
    reads: Vec<Read>,
    /// Visits that were absent once and are looked for again.
    missing: u64,
    guard: Option<Guard>,
    census: Option<Census>,
}

/// One kind of reading.
#[derive(ToSchema)]
pub(crate) struct Read {
    /// `changes`, `near`, `far`, `census`.
    kind: String,
    started: Option<Moment>,
    ended: Option<Moment>,
    /// Everything was read as of this.
    complete: Option<Moment>,
    next: Option<Moment>,
    /// Failures since the last success.
    failures: u32,
    /// Why the last read failed.
    code: Option<String>,
    since: Option<Moment>,
    /// What was said, without patient data.
    observed: Option<String>,
    pages: u32,
    records: u32,
    /// How much of a window that is being read has been.
    percent: Option<u32>,
    /// What was odd about something that was read, and lost nothing.
    note: Option<String>,
}

/// Visits that vanished at once, and wait for a decision.
#[derive(ToSchema)]
pub(crate) struct Guard {
    since: Moment,
    absent: u32,
    known: u32,
    /// The cause to decide.
    cause: String,
}

/// The last full comparison of source and platform.
#[derive(ToSchema)]
pub(crate) struct Census {
    at: Moment,
    from: Moment,
    to: Moment,
    complete: bool,
    /// Visits the source listed.
    listed: u32,
    /// Of those, not known here before.
    new: u32,
    /// Of those, changed without our having heard.
    changed: u32,
    /// Known here and not listed, not settled yet.
    absent: u32,
    /// Known here in the range.
    known: u32,
    /// The platform shows them as they are.
    shown: u32,
    /// Not shown, by reason.
    explained: std::collections::BTreeMap<String, u32>,
    /// Not shown without a reason.
    unexplained: u32,
}

/// What a read on demand came to.
#[derive(ToSchema)]
pub(crate) struct ReadNow {
    /// `found`, `not_found`, `due` (it cannot be read alone; a read of all is due now) or `failed`.
    outcome: String,
    /// Why it failed.
    code: Option<String>,
    /// What was said.
    observed: Option<String>,
}

/// Whether the feed is being read.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum FeedState {
    Reading,
    Silent,
    NeverRead,
}

/// Integrations.
#[derive(ToSchema)]
pub(crate) struct IntegrationList {
    items: Vec<Integration>,
    next_cursor: Option<String>,
}

/// Where an integration should go.
#[derive(ToSchema)]
pub(crate) struct LifecycleAsked {
    to: Lifecycle,
}

/// Which kind of things a link joins.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum LinkKind {
    Provider,
    Patient,
    Type,
    Department,
    Location,
    Book,
    Reason,
}

/// What a thing of the source is on the platform.
#[derive(ToSchema)]
pub(crate) struct LinkAsked {
    platform_id: String,
}

/// Two linked things.
#[derive(ToSchema)]
pub(crate) struct Link {
    integration: String,
    kind: LinkKind,
    source_id: String,
    platform_id: String,
}
