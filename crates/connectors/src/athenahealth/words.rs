//! The vendor's own words: the `[api]` table of the profile.

use domain::text::Text;
use serde::Deserialize;

/// What the profile says of the interface.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Where tokens are given out, below the host.
    pub(super) token: Text,
    /// What is asked for.
    pub(super) scope: Text,
    /// The IANA zone of every time of change, whatever the department's.
    pub(super) audit_zone: Text,
    /// The status of a row that is an open time and nobody's visit.
    pub(super) open_status: Text,
    /// The reason under which a row stands that another took the place of.
    pub(super) moved_reason: Text,
    /// The reason that we write for the no-show flag beside a row's own.
    pub(super) no_show_reason: Text,
    /// What is subscribed to, of appointments.
    pub(super) events: Vec<Text>,
    /// And of patients.
    pub(super) patient_events: Vec<Text>,
    /// Where subscriptions to calls are kept, below the host.
    pub(super) push: Text,
    /// What is subscribed to there.
    pub(super) topics: Vec<Text>,
    /// After a restart what was handed out last is asked for again, from so many seconds before.
    pub(super) replay_seconds: i64,
}
