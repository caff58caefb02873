//! What people and programs ask of the engine: one file a use case, called by the web server and the command line
//! alike.
//!
//! Every call takes the [`Actor`] who asks. Whoever is confined to a practice finds nothing of others; every view of
//! patient data and every change leaves a row in the audit log.

mod actor;
mod answer_why;
mod apply_accounts;
mod apply_document;
mod bundle_case;
mod change_lifecycle;
mod check_readiness;
mod confirm_patient;
mod cover_statuses;
mod decide_cause;
mod explain_appointment;
mod export_causes;
mod export_practice;
mod give_feedback;
mod handle_cause;
mod hear_hook;
mod import_patient;
mod know;
mod list_appointments;
mod list_cards;
mod list_causes;
mod list_changes;
mod list_checks;
mod list_integrations;
mod list_set_aside;
mod list_users;
mod mark_restored;
mod measure;
mod note_coverage;
mod people;
mod polling;
mod preview_cause;
mod read_audit;
mod read_envelope;
mod receive_receipt;
mod redrive_appointment;
mod request_system;
mod run_checks;
mod search;
mod search_source;
mod set_link;
mod show_patient;
mod show_today;
mod tokens;
mod use_queue;

pub use actor::{Actor, Role};
pub use answer_why::{AbsenceAnswer, CoverageView, PatientAsked, SetAsideView, StartAsked, WhyAnswer, WhyAsked};
pub use apply_document::{AppliedIntegration, ApplyReport, VerdictMove};
pub use bundle_case::CaseBundle;
pub use check_readiness::{Readiness, ReadinessItem, ReadinessOwner, ReadinessState};
pub use confirm_patient::ConfirmationGiven;
pub use cover_statuses::{StatusCoverage, StatusWordItem};
pub use explain_appointment::{Explained, FixOnce};
pub use give_feedback::{FeedbackItem, FeedbackList, FeedbackRate};
pub use hear_hook::HookAnswer;
pub use know::Subject;
pub use list_appointments::{AppointmentItem, AppointmentsAsked, Listing};
pub use list_cards::{CardItem, CardPerson};
pub(crate) use list_causes::item as cause_item;
pub use list_causes::{CauseItem, CauseOrder, CauseOwner, CauseStory, CausesAsked};
pub use list_changes::ChangeItem;
pub use list_checks::{CheckItem, CheckList, CheckPoint};
pub use list_integrations::{FeedView, IntegrationItem, LiveNotice, SideView};
pub use list_set_aside::SetAsideItem;
pub use list_users::UserItem;
pub use measure::{IntegrationMeasures, Measures, PlaceMeasures};
pub use note_coverage::Coverage;
pub use people::PersonView;
pub(crate) use polling::feed_incidents;
pub use polling::{CensusView, GuardView, PollingView, ReadNow, ReadView};
pub use preview_cause::{CausePreview, PreviewCounts, PreviewVisit};
pub use read_audit::{AuditItem, ChainCheck};
pub use read_envelope::EnvelopeView;
pub use receive_receipt::{ReceiptGiven, ReceiptParticipant};
pub use redrive_appointment::Redriven;
pub use request_system::SystemRequest;
pub use search_source::{SourceAsked, SourceFound};
pub use show_patient::{
    Availability, CandidateFacts, ConfirmationFacts, ContactFact, FieldFacts, Imported, LinkFacts, PatientFacts,
    PatientHit,
};
pub use show_today::{Today, TodayCounts, TodayRow};
pub use tokens::{NewToken, TokenItem};
pub use use_queue::{LooksOfLate, QueueUses, UseOfPractice};
