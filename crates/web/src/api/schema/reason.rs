//! The catalogue and its words.

use utoipa::ToSchema;

/// Did it sync?
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Verdict {
    InSync,
    OnTime,
    WaitingByRule,
    Held,
    Failed,
    Excluded,
    ArrivedWrong,
    Unexplained,
}

/// What one gate came to.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum State {
    Pass,
    Fail,
    Wait,
    Notice,
    Unknown,
    NotApplicable,
}

/// The part of the way a reason belongs to.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Family {
    Integration,
    Transport,
    Provider,
    Patient,
    Type,
    Time,
    Status,
    Participants,
    Write,
    Told,
}

/// What a reason does to the verdict.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Class {
    Excluded,
    Held,
    WaitingByRule,
    OnTime,
    Failed,
    ArrivedWrong,
    Notice,
}

/// How a reason ends.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Heals {
    Alone,
    WhenObserved,
    ByDecision,
    Never,
}

/// How long the fix typically takes a person.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Effort {
    None,
    Seconds,
    Minutes,
    Hours,
}

/// Who must act.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum OwnerRole {
    Engine,
    Desk,
    Admin,
    Support,
    Engineer,
    EhrVendor,
    Patient,
    Nobody,
}

/// Who must act, and the person when the practice named one.
#[derive(ToSchema)]
pub(crate) struct Owner {
    role: OwnerRole,
    name: Option<String>,
}

/// Why a visit is not simply in sync.
#[derive(ToSchema)]
pub(crate) struct Reason {
    /// Stable.
    #[schema(examples("PATIENT_EMAIL_MISSING"))]
    code: String,
    family: Family,
    class: Class,
    owner: OwnerRole,
    heals: Heals,
    effort: Effort,
    label: String,
    /// What happens.
    what: String,
    /// The sentence about one visit; `{names}` stand for its values.
    says: String,
    /// What the owner does.
    fix: String,
}

/// Every reason.
#[derive(ToSchema)]
pub(crate) struct ReasonList {
    items: Vec<Reason>,
    next_cursor: Option<String>,
}
