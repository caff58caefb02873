//! Appointments in lists.

use super::{Moment, Verdict};
use utoipa::ToSchema;

/// What is true of a visit.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Status {
    Proposed,
    Booked,
    Confirmed,
    CheckedIn,
    InProgress,
    Completed,
    CancelledByPatient,
    CancelledByProvider,
    Cancelled,
    NoShow,
    Rescheduled,
    EnteredInError,
    Removed,
}

/// A visit type.
#[derive(ToSchema)]
pub(crate) struct VisitType {
    id: Option<String>,
    name: Option<String>,
}

/// A patient of a visit, as the caller may see them.
#[derive(ToSchema)]
pub(crate) struct Person {
    source_id: String,
    /// Initials for roles to which identities are masked.
    name: Option<String>,
}

/// One appointment in a list.
#[derive(ToSchema)]
pub(crate) struct AppointmentItem {
    integration: String,
    source_id: String,
    verdict: Verdict,
    primary: Option<String>,
    sentence: String,
    start: Option<Moment>,
    end: Option<Moment>,
    time_zone: String,
    status: Status,
    r#type: VisitType,
    /// The provider's name, else the source's id.
    provider: Option<String>,
    /// The source's ids of the patients.
    participants: Vec<String>,
    patients: Vec<Person>,
    owner: Option<String>,
    fix: Option<String>,
    expected_by: Option<Moment>,
    heals_at: Option<Moment>,
    delivery: super::DeliveryState,
    version: u32,
}

/// A page of appointments.
#[derive(ToSchema)]
pub(crate) struct AppointmentList {
    items: Vec<AppointmentItem>,
    next_cursor: Option<String>,
}

/// What a person typed.
#[derive(ToSchema)]
pub(crate) struct SearchAsked {
    q: String,
}

/// What came, or would come, of driving an appointment again.
#[derive(ToSchema)]
pub(crate) struct Redriven {
    before: Verdict,
    after: Verdict,
    changed: bool,
}

/// Today and tomorrow.
#[derive(ToSchema)]
pub(crate) struct Today {
    as_of: Moment,
    counts: TodayCounts,
    rows: Vec<TodayRow>,
}

/// How many visits of today and tomorrow.
#[derive(ToSchema)]
pub(crate) struct TodayCounts {
    all: u32,
    fine: u32,
    on_the_way: u32,
    need_you: u32,
    left_out: u32,
}

/// One visit that is not safely on the platform.
#[derive(ToSchema)]
pub(crate) struct TodayRow {
    integration: String,
    practice: String,
    desk_can_fix: bool,
    source_id: String,
    verdict: Verdict,
    primary: Option<String>,
    sentence: String,
    start: Option<Moment>,
    end: Option<Moment>,
    time_zone: String,
    status: Status,
    r#type: VisitType,
    provider: Option<String>,
    participants: Vec<String>,
    patients: Vec<Person>,
    owner: Option<String>,
    fix: Option<String>,
    expected_by: Option<Moment>,
    heals_at: Option<Moment>,
    delivery: super::DeliveryState,
    version: u32,
}
