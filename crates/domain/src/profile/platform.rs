//! What a platform profile says.

use crate::checks::{CheckChange, DataCheck};
use crate::model::Modality;
use crate::profile::{ExceptionRules, ProfileId};
use crate::status::Status;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one patient-facing platform demands and how it confirms.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformProfile {
    /// Stable id and version, quoted in explanations.
    #[serde(flatten)]
    pub profile: ProfileId,
    /// Source profiles it works with; `None`: any (requirement S1-2).
    #[serde(default)]
    pub sources: Option<Vec<Text>>,
    /// What counts as confirmation of a card.
    pub confirmed_by: Confirmation,
    /// Demands on providers.
    #[serde(default)]
    pub provider: ProviderRules,
    /// Demands on patient accounts.
    #[serde(default)]
    pub patient: PatientRules,
    /// Demands on e-mail addresses.
    #[serde(default)]
    pub email: EmailRules,
    /// Fields of the patient record that must be filled.
    #[serde(default)]
    pub demographics: Demographics,
    /// Which visit types travel.
    #[serde(default)]
    pub types: TypeRules,
    /// Horizon, slow lane, the past.
    #[serde(default)]
    pub times: PlatformTimes,
    /// How patient and provider may meet.
    #[serde(default)]
    pub modality: ModalityRules,
    /// Group visits.
    #[serde(default)]
    pub group: GroupRules,
    /// Which statuses travel.
    #[serde(default)]
    pub statuses: PlatformStatuses,
    /// Attempts and time limits.
    #[serde(default)]
    pub delivery: DeliveryRules,
    /// By when people have to have acted on what stops visits, and whom it goes to else.
    #[serde(default)]
    pub exceptions: ExceptionRules,
    /// What is changed of the limits of data-quality checks; the others are as they are by default.
    #[serde(default)]
    pub checks: BTreeMap<DataCheck, CheckChange>,
}

/// What counts as confirmation that a card is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// A `platform_id` in the answer, or a receipt.
    PlatformId,
    /// A receipt only.
    Receipt,
    /// Reading the card back.
    ReadBack,
    /// Nothing: accepted is the most that can be said.
    Nothing,
}

/// What happens to a visit whose provider the platform does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnregisteredProvider {
    /// It is held.
    #[default]
    Hold,
    /// It is sent under nobody, and counts as misfiled (requirement S1-30).
    SendUnassigned,
}

/// Demands on providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderRules {
    /// Only visits of providers in the integration's directory travel, linked and active.
    pub must_be_linked: bool,
    /// The demand holds only once the practice has listed any provider.
    pub only_when_listed: bool,
    /// What happens to visits of others.
    pub unregistered: UnregisteredProvider,
}

impl Default for ProviderRules {
    fn default() -> ProviderRules {
        ProviderRules { must_be_linked: true, only_when_listed: false, unregistered: UnregisteredProvider::Hold }
    }
}

/// Demands on patient accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PatientRules {
    /// The visit's patient must have a linked account; one is created when nobody alike exists.
    pub must_be_linked: bool,
    /// From this likeness on (0–100) an unlinked account might be the same person, and nothing is created.
    pub likely_from: u8,
}

impl Default for PatientRules {
    fn default() -> PatientRules {
        PatientRules { must_be_linked: true, likely_from: 75 }
    }
}

/// Demands on e-mail addresses (requirements S1-9…15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmailRules {
    /// Must be there and well formed.
    pub required: bool,
    /// No other patient of the practice may hold it.
    pub unique: bool,
    /// No staff user of the practice may hold it.
    pub not_staff: bool,
    /// A changed address reaches new visits only; those already shown keep the old one (requirement S4-15).
    pub old_visits_keep: bool,
}

/// A field of the patient record that a platform may demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DemographicField {
    /// Family name.
    Family,
    /// Given name.
    Given,
    /// Date of birth.
    BirthDate,
    /// Postal address.
    Address,
    /// Administrative sex.
    Sex,
    /// Any phone number.
    Phone,
}

impl DemographicField {
    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            DemographicField::Family => "last name",
            DemographicField::Given => "first name",
            DemographicField::BirthDate => "date of birth",
            DemographicField::Address => "address",
            DemographicField::Sex => "sex",
            DemographicField::Phone => "phone number",
        }
    }
}

/// When insurance data are demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsuranceRule {
    /// Never.
    #[default]
    Never,
    /// When the source says that the patient is insured ("where applicable", requirement S1-23).
    WhenInsured,
}

/// Fields of the patient record that must be filled (requirements S1-22, S1-23).
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Demographics {
    /// Always.
    pub required: Vec<DemographicField>,
    /// Company and policy number.
    pub insurance: InsuranceRule,
}

/// Which visit types travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Those the practice has listed.
    #[default]
    Listed,
    /// Those listed; all while none is listed.
    ListedElseAll,
}

/// Which visit types travel (requirements S0-24, S1-4).
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TypeRules {
    /// Listed ones, or all while none is listed.
    pub approved: Approval,
    /// Name of the type created with a new integration (requirement S0-25).
    pub default_name: Option<Text>,
}

/// Time rules (requirements S1-18…20, S1-25…27).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlatformTimes {
    /// Visits further ahead wait, in calendar months.
    pub horizon_months: Option<u32>,
    /// Visits further ahead travel slowly, in business days of the practice.
    pub slow_lane_business_days: Option<u32>,
    /// How long the slow lane takes at least, in hours.
    pub slow_lane_hours: u32,
    /// How long it may take before it is abnormal, in hours.
    pub slow_lane_abnormal_hours: u32,
    /// Visits already over are refused.
    pub refuses_past: bool,
}

/// How patient and provider may meet (requirement S4-5).
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModalityRules {
    /// What the platform carries; `None`: anything.
    pub carries: Option<Vec<Modality>>,
}

/// Group visits (requirement S4-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GroupRules {
    /// Most participants of one visit.
    pub max_participants: Option<u32>,
    /// What becomes of somebody put in the place of somebody else in one step.
    pub swap_in_place: SwapInPlace,
    /// Third parties and co-hosts are put on the card at the platform only.
    pub third_parties_there: bool,
}

/// What becomes of a participant put in the place of another in one step (requirements S4-7, S4-21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwapInPlace {
    /// The platform follows.
    #[default]
    Applied,
    /// It does not register; the visit waits for the two single steps.
    Ignored,
}

/// What is done about visits that ended before the platform ever saw them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnseenEnds {
    /// The platform is told, so that its lists are complete.
    #[default]
    Send,
    /// Nothing is sent.
    Drop,
}

/// Which statuses travel (requirements S4-16…20).
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlatformStatuses {
    /// Statuses the platform can show besides `booked`; `None`: all.
    pub carries: Option<Vec<Status>>,
    /// The first final status stays, whatever the source says later.
    pub first_final_stays: bool,
    /// Visits that ended unseen.
    pub unseen_ends: UnseenEnds,
    /// Staff complete visits on the platform; what the source says of it does not travel (requirement S4-20).
    pub completed_there: bool,
}

/// Attempts and time limits of deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeliveryRules {
    /// Waits before each further attempt, in seconds.
    pub retry_after_secs: Vec<u32>,
    /// Each wait is moved at random by up to so many percent, so that retries do not march in step.
    pub jitter_percent: u8,
    /// An attempt without an answer after so many seconds has an unknown outcome.
    pub timeout_secs: u32,
}

impl Default for DeliveryRules {
    fn default() -> DeliveryRules {
        // The published schedule: 5 s, 30 s, 2 min, 10 min, 30 min, 2 h, 6 h, 12 h, 24 h.
        DeliveryRules {
            retry_after_secs: vec![5, 30, 120, 600, 1800, 7200, 21_600, 43_200, 86_400],
            jitter_percent: 10,
            timeout_secs: 15,
        }
    }
}
