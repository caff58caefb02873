//! What a source profile says.

use crate::profile::{FhirRules, PollingRules, ProfileId, StatusWords};
use crate::text::Text;
use serde::Deserialize;

/// How one EHR or practice-management system behaves as a source of appointments.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceProfile {
    /// Stable id and version, quoted in explanations.
    #[serde(flatten)]
    pub profile: ProfileId,
    /// Usual and abnormal times from booking to platform (requirement S1-17).
    pub cadence: Cadence,
    /// How visit types are recognised.
    #[serde(default)]
    pub types: SourceTypes,
    /// What is demanded of departments.
    #[serde(default)]
    pub departments: DepartmentRules,
    /// The system's status words.
    #[serde(default)]
    pub statuses: StatusWords,
    /// Where things stand in its HL7 v2 messages.
    #[serde(default)]
    pub hl7v2: Hl7Rules,
    /// Where things stand in its FHIR R4 resources.
    #[serde(default)]
    pub fhir_r4: FhirRules,
    /// How it is read by asking.
    #[serde(default)]
    pub polling: PollingRules,
}

/// Expected times, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cadence {
    /// Lower end of the average.
    pub usual_from: u32,
    /// Upper end of the average; the promise "expected by" and the booking buffer (S1-27).
    pub usual_to: u32,
    /// Later than this is abnormal.
    pub abnormal_after: u32,
}

/// What identifies a visit type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeMatch {
    /// The name, exactly as in the set-up instructions (S1-6).
    #[default]
    Name,
    /// The id; the name is only for people (S1-7).
    Id,
}

/// How visit types are recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceTypes {
    /// By name or by id.
    pub match_by: TypeMatch,
    /// So many edits (insert, delete, replace, swap) make a near miss worth showing; it is never accepted.
    pub near_miss_edits: usize,
}

impl Default for SourceTypes {
    fn default() -> SourceTypes {
        SourceTypes { match_by: TypeMatch::Name, near_miss_edits: 2 }
    }
}

/// What is demanded of departments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DepartmentRules {
    /// A department must be announced before its visits sync (S1-8).
    pub must_be_registered: bool,
}

/// Whether an absent resource is off the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceStyle {
    /// Every message carries all resources.
    Snapshot,
    /// Messages carry changes only.
    Delta,
    /// Told by the event and the segment action codes of each message (docs/systems/hl7v2.md).
    #[default]
    Auto,
}

/// Whether an empty patient field means "has none".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatientStyle {
    /// Empty means "nothing said"; only `""` clears (HL7 v2.5.1 §2.5.3).
    #[default]
    Delta,
    /// Empty means "has none".
    Snapshot,
}

/// The unit of a length that the source sends without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LengthUnit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
}

/// Where things stand in the HL7 v2 messages of a source. Field paths are `SEG-field` or `SEG-field.component`, tried
/// in order; a path without component means the code and, behind it, the text.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hl7Rules {
    /// The visit type.
    pub visit_type: Vec<Text>,
    /// The department.
    pub department: Vec<Text>,
    /// The status word.
    pub status: Vec<Text>,
    /// The reason code of the event.
    pub status_reason: Vec<Text>,
    /// The provider.
    pub provider: Vec<Text>,
    /// The patient's e-mail address.
    pub email: Vec<Text>,
    /// How patient and provider meet.
    pub modality: Vec<Text>,
    /// The appointment's id.
    pub appointment_id: Vec<Text>,
    /// The identifier type (CX.5) of the patient id that counts; the first identifier when none has it.
    pub patient_id_type: Text,
    /// Unit of a length without one; `None`: such a length is a finding, never a guess.
    pub length_unit: Option<LengthUnit>,
    /// Snapshot or delta of resources.
    pub resources: ResourceStyle,
    /// Snapshot or delta of patient fields.
    pub patient: PatientStyle,
    /// The offset of MSH-7 holds for the whole message.
    pub trust_message_offset: bool,
    /// Processing ids (MSH-11) that are taken in; others are refused.
    pub processing_ids: Vec<Text>,
    /// Character set used instead of MSH-18.
    pub charset: Option<Text>,
    /// Family names that mark a test patient (prefix, any letter case).
    pub test_families: Vec<Text>,
    /// A connected channel that was silent so many seconds has delivered everything up to then.
    pub quiet_secs: u32,
}

impl Default for Hl7Rules {
    fn default() -> Hl7Rules {
        let paths = |paths: &[&'static str]| paths.iter().map(|path| Text::literal(path)).collect();
        Hl7Rules {
            visit_type: paths(&["SCH-8", "SCH-7", "AIS-3"]),
            department: paths(&["PV1-3", "AIL-3"]),
            status: paths(&["SCH-25", "AIS-10", "AIP-12", "AIL-12", "AIG-14"]),
            status_reason: paths(&["SCH-6"]),
            provider: paths(&["AIP-3"]),
            email: paths(&["PID-13", "PID-14", "PID-40"]),
            modality: Vec::new(),
            appointment_id: paths(&["SCH-2", "SCH-1"]),
            patient_id_type: Text::literal("MR"),
            length_unit: None,
            resources: ResourceStyle::Auto,
            patient: PatientStyle::Delta,
            trust_message_offset: false,
            processing_ids: paths(&["P"]),
            charset: None,
            test_families: Vec::new(),
            quiet_secs: 60,
        }
    }
}
