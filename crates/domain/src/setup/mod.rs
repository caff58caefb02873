//! Set-up: what a practice document says, and the rule set it compiles to.

mod directory;
mod document;
mod lifecycle;
mod listed;
mod owner;
mod path;
mod retention;
mod ruleset;
mod statuses;
mod types;

pub use directory::{Directory, ProviderEntry, UserEntry, fold_email};
pub use document::{
    DepartmentDoc, Document, IntegrationDoc, NoticeDoc, OverrideDoc, OwnerDoc, PatientDoc, PatientNotices, PlatformDoc,
    PracticeDoc, ProviderDoc, RestrictionDoc, SecretRef, SourceDoc, StatusDoc, TypeDoc, UserDoc, UserRole,
};
pub use lifecycle::Lifecycle;
pub use listed::Listed;
pub use owner::{Owner, OwnerRole};
pub use retention::{KEEP_DAYS, Retention};
pub use ruleset::{LinkFact, LinkKind, RuleSet, SetupError, SetupFacts};
pub use statuses::{MappedBy, Meaning, ReadFrom, StatusOrigin, StatusTable};
pub use types::{ApprovedType, TypeFinding, TypeTable};
