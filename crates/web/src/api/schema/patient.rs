//! Patients.

use super::Moment;
use utoipa::ToSchema;

/// Patients that were found.
#[derive(ToSchema)]
pub(crate) struct PatientList {
    items: Vec<PatientHit>,
    next_cursor: Option<String>,
}

/// A patient that was found.
#[derive(ToSchema)]
pub(crate) struct PatientHit {
    source_id: String,
    /// Initials where names are masked.
    name: Option<String>,
    birth_date: Option<String>,
    /// `linked`, `ambiguous` (an account may be theirs), `unlinked`, or `not_told` of whom only the practice system
    /// knows.
    state: String,
    platform_id: Option<String>,
}

/// Whom somebody is looking for in the practice system itself.
#[derive(ToSchema)]
pub(crate) struct SourceAsked {
    /// The family name, or how it begins; two letters at least.
    family: String,
    /// The given name, or how it begins.
    given: Option<String>,
    #[schema(format = Date)]
    birth_date: String,
}

/// Whom the practice system knows.
#[derive(ToSchema)]
pub(crate) struct SourceFound {
    /// `answered` or `failed`.
    outcome: String,
    /// Why it failed.
    code: Option<String>,
    /// What was said.
    observed: Option<String>,
    /// Twenty at most. The state of whom the practice system has not told us yet is `not_told`.
    items: Vec<PatientHit>,
}

/// A patient with what is known on both sides.
#[derive(ToSchema)]
pub(crate) struct PatientFacts {
    integration: String,
    source_id: String,
    name: Option<String>,
    birth_date: Option<String>,
    /// The record of the source that took this one's place.
    merged_into: Option<String>,
    contact: Vec<ContactFact>,
    /// The address that the patient logs in with.
    login: Option<String>,
    /// `linked`, `ambiguous` (an account may be theirs) or `unlinked`.
    state: String,
    link: Option<LinkFacts>,
    /// Accounts that nobody is linked to and that may be this patient's, most alike first.
    candidates: Vec<CandidateFacts>,
    scheduling: Availability,
    case_export: Availability,
    /// Some of the patient's visits, by their source ids.
    visits: Vec<String>,
    /// When the patient last looked at their data on the platform.
    confirmation: Option<ConfirmationFacts>,
}

/// The last time at which a patient looked at their data on the platform.
#[derive(ToSchema)]
pub(crate) struct ConfirmationFacts {
    at: Moment,
    /// What the patient said was wrong and the practice system still says otherwise; `platform` is what the patient
    /// says.
    to_review: Vec<FieldFacts>,
}

/// What a patient said of their data at login. What is left out they found right.
#[derive(ToSchema)]
pub(crate) struct Confirmation {
    /// When; left out: now.
    at: Option<Moment>,
    family: Option<String>,
    given: Option<String>,
    #[schema(format = Date)]
    birth_date: Option<String>,
    email: Option<String>,
    mobile: Option<String>,
    phone: Option<String>,
}

/// One thing by which a patient is reached.
#[derive(ToSchema)]
pub(crate) struct ContactFact {
    /// `e-mail`, `mobile`, `phone`, `language`, `restriction` (what stands against telling the patient things).
    what: String,
    value: Option<String>,
    /// Where the source said so.
    place: Option<String>,
    told_at: Option<Moment>,
    envelope: Option<String>,
    /// When it last became something else.
    since: Option<Moment>,
    /// What the platform's account says, where a document names one.
    account: Option<String>,
    /// When a document last said something else of the account.
    account_since: Option<Moment>,
    /// Both sides say the same; null: one of them says nothing.
    agrees: Option<bool>,
}

/// A link with its history.
#[derive(ToSchema)]
pub(crate) struct LinkFacts {
    platform_id: String,
    /// `document`, `person`, `scheduling` or `import`.
    method: String,
    at: Moment,
    author: Option<String>,
}

/// An account beside the patient's record.
#[derive(ToSchema)]
pub(crate) struct CandidateFacts {
    platform_id: String,
    /// 0 to 100; 100 is certainly the same person.
    likeness: u8,
    fields: Vec<FieldFacts>,
}

/// One field of both records.
#[derive(ToSchema)]
pub(crate) struct FieldFacts {
    field: String,
    source: Option<String>,
    platform: Option<String>,
    /// 0 to 100; nothing where one side does not say.
    likeness: Option<u8>,
}

/// Whether a function of the platform works for the patient.
#[derive(ToSchema)]
pub(crate) struct Availability {
    available: bool,
    why: String,
}

/// How an import ended.
#[derive(ToSchema)]
pub(crate) struct Imported {
    source_id: String,
    platform_id: String,
    /// `false`: the patient was linked before, and nothing was made.
    imported: bool,
    method: String,
}
