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
