//! How a source is read by asking: how often, how far, and how fast at most.

use crate::text::Text;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Intervals, windows, limits and guards of one kind of source. Every value has a default that suits a source of which
/// nothing is known; a profile says what is known of its own, and a practice overrides what differs for it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PollingRules {
    /// Seconds between two reads of the changes, or of the near window where there is no changed feed; while the
    /// practice is open.
    pub every_seconds: u32,
    /// The same while it is closed.
    pub every_closed_seconds: u32,
    /// Never more often than this, whatever a document asks for (requirement S1-16).
    pub min_seconds: u32,
    /// Seconds between two reads of the near window where changes are told by a feed.
    pub near_seconds: u32,
    /// Seconds between two reads of the far window.
    pub far_seconds: u32,
    /// The near window begins so many days before today.
    pub near_back_days: u32,
    /// And ends with so many business days after today (requirement S1-20).
    pub near_business_days: u32,
    /// The far window ends so many calendar months from now (requirement S1-18).
    pub far_months: u32,
    /// A window is asked for in parts of so many days at most.
    pub span_days: u32,
    /// Records a page.
    pub page_size: u32,
    /// Changes are read again from so many seconds before the cursor.
    pub overlap_seconds: u32,
    /// From this hour on the practice is open, in its own zone.
    pub opens_hour: u8,
    /// Up to this hour.
    pub closes_hour: u8,
    /// At this hour of the night source and platform are compared in full.
    pub census_hour: u8,
    /// How fast may be asked at most; all of them hold.
    pub limits: Vec<RateLimit>,
    /// Who shares the limits.
    pub limits_shared: LimitScope,
    /// Milliseconds from one call of an operation to the next of the same, for vendors that count so,.
    pub gaps_millis: BTreeMap<Text, u32>,
    /// After a failure the next try comes after the interval, then twice as long, up to so many seconds.
    pub max_backoff_seconds: u32,
    /// So many failures in a row are an incident.
    pub incident_after: u32,
    /// A visit counts as removed when it was absent so many times from a complete read; a direct read that finds
    /// nothing counts as one.
    pub confirm_passes: u32,
    /// More than this share of a window's visits gone at once is not believed without a person.
    pub guard_percent: u32,
    /// Fewer than so many gone at once are believed, whatever their share.
    pub guard_least: u32,
    /// Clocks that differ by more than so many seconds are told of.
    pub skew_seconds: u32,
}

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests.
    pub requests: u32,
    /// In any stretch of so many seconds.
    pub seconds: u32,
    /// So many of them may come at once.
    #[serde(default = "one")]
    pub burst: u32,
}

const fn one() -> u32 {
    1
}

/// Who shares a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitScope {
    /// Each integration has its own.
    #[default]
    Integration,
    /// All integrations of this profile that speak to the same host: the vendor counts by application.
    Host,
}

impl Default for PollingRules {
    fn default() -> PollingRules {
        PollingRules {
            every_seconds: 300,
            every_closed_seconds: 900,
            min_seconds: 180,
            near_seconds: 1800,
            far_seconds: 7200,
            near_back_days: 1,
            near_business_days: 7,
            far_months: 3,
            span_days: 31,
            page_size: 200,
            overlap_seconds: 120,
            opens_hour: 7,
            closes_hour: 19,
            census_hour: 2,
            limits: vec![RateLimit { requests: 2, seconds: 1, burst: 1 }],
            limits_shared: LimitScope::Integration,
            gaps_millis: BTreeMap::new(),
            max_backoff_seconds: 900,
            incident_after: 3,
            confirm_passes: 2,
            guard_percent: 30,
            guard_least: 5,
            skew_seconds: 60,
        }
    }
}
