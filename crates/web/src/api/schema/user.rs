//! Users of the platform, and systems that clinics ask for.

use super::Moment;
use utoipa::ToSchema;

/// Users of the platform.
#[derive(ToSchema)]
pub(crate) struct UserList {
    items: Vec<ListedUser>,
    next_cursor: Option<String>,
}

/// A user of the platform, as the set-up lists them.
#[derive(ToSchema)]
pub(crate) struct ListedUser {
    /// Masked for whoever sees identities masked.
    email: String,
    name: Option<String>,
    role: UserRole,
    /// The practice system's id, when it knows them too.
    source_id: Option<String>,
}

/// What a user may do on the platform.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum UserRole {
    Staff,
    Provider,
}

/// Systems that clinics ask for.
#[derive(ToSchema)]
pub(crate) struct SystemRequestList {
    items: Vec<SystemRequest>,
    next_cursor: Option<String>,
}

/// A practice system that clinics ask for and that the platform does not work with.
#[derive(ToSchema)]
pub(crate) struct SystemRequest {
    /// The profile of the practice system.
    source: String,
    name: String,
    /// The profile of the platform.
    platform: String,
    /// Clinics that asked, each counted once.
    clinics: u64,
    /// Of them, those that whoever asks may know of.
    practices: Vec<String>,
    first_at: Moment,
    last_at: Moment,
}
