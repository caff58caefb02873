//! Practice documents, and what applying one did.

use super::{Lifecycle, OwnerRole, Status, Verdict};
use utoipa::ToSchema;

/// One practice with its integrations.
#[derive(ToSchema)]
pub(crate) struct Document {
    practice: Practice,
    #[schema(required = false)]
    integration: Vec<IntegrationDocument>,
}

/// The clinic organisation.
#[derive(ToSchema)]
pub(crate) struct Practice {
    id: String,
    name: String,
    /// An IANA name.
    #[schema(examples("America/Chicago"))]
    time_zone: String,
    #[schema(required = false)]
    holidays: Vec<String>,
}

/// One source joined to one platform.
#[derive(ToSchema)]
pub(crate) struct IntegrationDocument {
    id: String,
    /// Counts only when the document creates the integration.
    #[schema(required = false)]
    lifecycle: Lifecycle,
    source: Source,
    platform: Platform,
    #[schema(required = false)]
    notices: Notices,
    #[schema(required = false)]
    r#type: Vec<ApprovedType>,
    #[schema(required = false)]
    department: Vec<Department>,
    #[schema(required = false)]
    provider: Vec<DocumentProvider>,
    #[schema(required = false)]
    user: Vec<User>,
    #[schema(required = false)]
    patient: Vec<PatientAccount>,
    #[schema(required = false)]
    status: Vec<StatusWord>,
    #[schema(required = false)]
    owner: Vec<DocumentOwner>,
    #[schema(required = false)]
    r#override: Vec<Override>,
}

/// The practice system and how it is reached.
#[derive(ToSchema)]
pub(crate) struct Source {
    profile: String,
    route: String,
    facility: Option<String>,
    mllp_port: Option<u16>,
    url: Option<String>,
    poll_seconds: Option<u32>,
    identifier_system: Option<String>,
    drop: Option<String>,
    /// Credentials; secrets inside are references.
    auth: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The patient-facing side and how it is reached.
#[derive(ToSchema)]
pub(crate) struct Platform {
    profile: String,
    route: String,
    url: Option<String>,
    secret: Option<SecretReference>,
    previous_secret: Option<SecretReference>,
}

/// Where a secret is kept: one of the two, never the secret itself.
#[derive(ToSchema)]
pub(crate) struct SecretReference {
    env: Option<String>,
    file: Option<String>,
}

/// An approved visit type.
#[derive(ToSchema)]
pub(crate) struct ApprovedType {
    source_name: String,
    source_id: Option<String>,
    /// `video`, `in_person` or `phone`.
    modality: Option<String>,
}

/// A registered department.
#[derive(ToSchema)]
pub(crate) struct Department {
    source_id: String,
    name: Option<String>,
    time_zone: Option<String>,
}

/// A provider.
#[derive(ToSchema)]
pub(crate) struct DocumentProvider {
    source_id: String,
    platform_id: Option<String>,
    name: Option<String>,
    #[schema(required = false)]
    active: bool,
}

/// A staff account of the platform.
#[derive(ToSchema)]
pub(crate) struct User {
    email: String,
    source_id: Option<String>,
    /// `staff` or `provider`.
    #[schema(required = false)]
    role: String,
    name: Option<String>,
}

/// A patient account of the platform.
#[derive(ToSchema)]
pub(crate) struct PatientAccount {
    platform_id: String,
    source_id: Option<String>,
    family: Option<String>,
    given: Option<String>,
    #[schema(format = Date)]
    birth_date: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    /// `false`: it was not activated yet, or is switched off.
    #[schema(required = false)]
    active: bool,
    /// What stands against telling the patient things.
    restrictions: Option<Vec<ContactRestriction>>,
}

/// What somebody said against being told things.
#[derive(ToSchema)]
pub(crate) struct ContactRestriction {
    /// The way that is closed: `any` (or left out), `mail`, `sms` or `call`.
    #[schema(required = false)]
    way: String,
    /// In the words in which it was said: they are quoted.
    said: String,
}

/// What a status word means at this practice.
#[derive(ToSchema)]
pub(crate) struct StatusWord {
    /// The word; left out: whatever the word.
    source: Option<String>,
    /// Only with this reason code.
    reason: Option<String>,
    /// Only when the note has this phrase; `*` stands for any words.
    note: Option<String>,
    department: Option<String>,
    means: Status,
}

/// Who acts on a kind of cause.
#[derive(ToSchema)]
pub(crate) struct DocumentOwner {
    role: OwnerRole,
    /// Only causes of this reason, whoever else acts for the role.
    code: Option<String>,
    /// Only what this data check found, whoever else acts on `DATA_CHECK_FAILED`.
    check: Option<String>,
    /// Their place on the path of such causes: 0 acts first, the next one when that did not help in time.
    #[schema(required = false)]
    step: u32,
    name: String,
    email: Option<String>,
}

/// Who tells whom.
#[derive(ToSchema)]
pub(crate) struct Notices {
    /// `punctual`, `platform` or `off`.
    #[schema(required = false)]
    patients: String,
    #[schema(required = false)]
    clinic: bool,
}

/// A profile value changed by the practice.
#[derive(ToSchema)]
pub(crate) struct Override {
    path: String,
    value: serde_json::Value,
    author: String,
    reason: String,
}

/// What applying a document did, or would do.
#[derive(ToSchema)]
pub(crate) struct ApplyReport {
    practice: String,
    action: ApplyAction,
    dry_run: bool,
    integrations: Vec<AppliedIntegration>,
    /// Visits still to come whose verdict would change.
    would_change: u64,
    moves: Vec<VerdictMove>,
}

/// What happened to a thing of a document.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum ApplyAction {
    Created,
    Changed,
    Unchanged,
}

/// What happened to one integration.
#[derive(ToSchema)]
pub(crate) struct AppliedIntegration {
    id: String,
    action: ApplyAction,
    notes: Vec<String>,
}

/// How many visits move from one verdict to another.
#[derive(ToSchema)]
pub(crate) struct VerdictMove {
    from: Verdict,
    to: Verdict,
    count: u64,
}
