//! Profiles: how one source or platform behaves, as data. Every number, word and limit of a vendor lives in a TOML
//! file under `profiles/`; rules read it from here and explanations quote it with the profile's version.

mod exceptions;
mod fhir;
mod files;
mod library;
mod phrase;
mod platform;
mod polling;
mod source;
mod words;

pub use exceptions::ExceptionRules;
pub use fhir::FhirRules;
pub use files::{AfterReading, FileColumns, FileKind, FileRules, FileStyle, MissingRow, RowsAre};
pub use library::{ProfileError, ProfileId, load_platform, load_source, profile_texts};
pub use phrase::Phrase;
pub use platform::{
    Approval, Confirmation, DeliveryRules, DemographicField, Demographics, EmailRules, GroupRules, InsuranceRule,
    ModalityRules, PatientRules, PlatformProfile, PlatformStatuses, PlatformTimes, ProviderRules, SwapInPlace,
    TypeRules, UnregisteredProvider, UnseenEnds,
};
pub use polling::{LimitScope, PollingRules, RateLimit};
pub use source::{
    ApiRules, Cadence, DepartmentRules, FreeText, Hl7Rules, LengthUnit, LineageRules, PatientStyle, ResourceStyle,
    SourceAbilities, SourceProfile, SourceTypes, StatusRule, TypeMatch, UnknownMoves, ZoneRule,
};
pub use words::{StatusWords, fold_word};
