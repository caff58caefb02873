//! What a source profile says.

use crate::profile::{FhirRules, FileRules, PollingRules, ProfileId, StatusWords};
use crate::reasons::Reason;
use crate::status::Status;
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
    /// Statuses that need more than the word: a reason code, a phrase of the note.
    #[serde(default)]
    pub status_rules: Vec<StatusRule>,
    /// Statuses that may hide in notes and reason codes.
    #[serde(default)]
    pub free_text: FreeText,
    /// How visits of this system follow one another.
    #[serde(default)]
    pub lineage: LineageRules,
    /// What can be done through its interface.
    #[serde(default)]
    pub can: SourceAbilities,
    /// How it writes times.
    #[serde(default)]
    pub zones: ZoneRule,
    /// Where things stand in its HL7 v2 messages.
    #[serde(default)]
    pub hl7v2: Hl7Rules,
    /// Where things stand in its FHIR R4 resources.
    #[serde(default)]
    pub fhir_r4: FhirRules,
    /// How it writes files, where it hands files over.
    #[serde(default)]
    pub files: FileRules,
    /// How it is read by asking.
    #[serde(default)]
    pub polling: PollingRules,
    /// Words and places of its own interface.
    #[serde(default)]
    pub api: ApiRules,
    /// Where somebody goes in that system when it does not let us in.
    #[serde(default)]
    pub access: AccessSteps,
}

/// Where somebody goes in a vendor's system, in the vendor's own words, when it does not let us in.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessSteps {
    /// The credential is not taken.
    pub rejected: Option<Text>,
    /// The grant was taken back; where nothing is said, what is done about a credential.
    pub revoked: Option<Text>,
    /// The login works, and what is asked is refused.
    pub refused: Option<Text>,
    /// Nobody answers.
    pub unreachable: Option<Text>,
    /// The folder that the set-up names is not there or may not be read.
    pub missing: Option<Text>,
}

impl AccessSteps {
    /// What to do when the source cannot be read for this reason, if the system has its own words for it.
    pub fn of(&self, reason: Reason) -> Option<&Text> {
        match reason {
            Reason::CredentialRejected => self.rejected.as_ref(),
            // Where nobody approves anything, the credential is all there is to a grant.
            Reason::GrantRevoked => self.revoked.as_ref().or(self.rejected.as_ref()),
            Reason::ScopeInsufficient => self.refused.as_ref(),
            Reason::UpstreamOutage => self.unreachable.as_ref(),
            Reason::DatabaseTargetMoved => self.missing.as_ref(),
            _ => None,
        }
    }
}

/// Words and places of a vendor's own interface.
#[derive(Clone, Debug, PartialEq, Default, Deserialize)]
pub struct ApiRules {
    /// Where it tells of a patient, for evidence.
    pub patient_place: Option<Text>,
    /// Where it would tell a patient's e-mail address, for evidence where it told none.
    pub email_place: Option<Text>,
    /// What only the connector of this interface reads: each says which keys it knows, and refuses others.
    #[serde(flatten)]
    pub own: toml::Table,
}

/// A status that needs more than the word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRule {
    /// The word; empty: whatever the word.
    #[serde(default)]
    pub word: Text,
    /// The reason code.
    #[serde(default)]
    pub reason: Option<Text>,
    /// A phrase of the note; `*` stands for any words.
    #[serde(default)]
    pub note: Option<Text>,
    /// What they mean together.
    pub means: Status,
}

/// Statuses that may hide in notes and reason codes (requirement S3-5).
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FreeText {
    /// Phrases that stop a visit until somebody said what they mean there.
    pub watch: Vec<Text>,
}

/// How visits of this system follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LineageRules {
    /// A visit that was given up and one booked for the same patient so many minutes before or after are one move; 0:
    /// never.
    pub pair_within_minutes: u32,
    /// Another provider makes a second visit and leaves the first.
    pub provider_change_splits: bool,
    /// What is told as moved and was never heard of waits until somebody confirms it.
    pub unknown_moves: UnknownMoves,
}

impl Default for LineageRules {
    fn default() -> LineageRules {
        LineageRules { pair_within_minutes: 10, provider_change_splits: false, unknown_moves: UnknownMoves::Hold }
    }
}

/// What becomes of a move of a visit that was never heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownMoves {
    /// It waits.
    #[default]
    Hold,
    /// It is a booking like any other.
    Accept,
}

/// What can be done through the system's interface. Nothing is claimed that no page of the vendor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceAbilities {
    /// One visit can be read by its id.
    pub read_one: bool,
    /// Patients can be searched by name and date of birth, and one can be read by their id.
    pub search_patients: bool,
    /// Free slots can be read.
    pub slots: bool,
    /// A visit can be booked.
    pub book: bool,
    /// A visit can be moved.
    pub reschedule: bool,
    /// A visit can be cancelled.
    pub cancel: bool,
    /// A visit may have several patients.
    pub groups: bool,
    /// Visits may belong to a series.
    pub series: bool,
}

/// How the system writes times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneRule {
    /// By the clock of the place of the visit, without a zone.
    #[default]
    PlaceClock,
    /// With the offset from UTC.
    Offset,
    /// By the clock of the provider's own zone.
    ProviderClock,
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
    /// Free text in which statuses may hide; read only where rules or watched phrases want it.
    pub status_note: Vec<Text>,
    /// The status of one participant, in the segments that follow their PID.
    pub participant_status: Vec<Text>,
    /// The id of the visit whose place this one takes.
    pub replaces: Vec<Text>,
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
    /// Codes of PD1-11 (table 0215) that let patients be told of their visits. Any other one closes every way, also one
    /// that nobody knows.
    pub publicity_allows: Vec<Text>,
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
            status_note: paths(&["NTE-3"]),
            participant_status: Vec::new(),
            replaces: Vec::new(),
            provider: paths(&["AIP-3"]),
            email: paths(&["PID-13", "PID-14", "PID-40"]),
            modality: Vec::new(),
            appointment_id: paths(&["SCH-2", "SCH-1"]),
            patient_id_type: Text::literal("MR"),
            // 02 and 04: by any method; 03 and 05: no calls, and nobody calls; 11: recalls go to the provider.
            publicity_allows: paths(&["02", "03", "04", "05", "11"]),
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
