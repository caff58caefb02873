//! Practice documents: the set-up of one practice as people write it (TOML) or send it (JSON).

use crate::checks::DataCheck;
use crate::model::{Modality, Way};
use crate::reasons::Reason;
use crate::setup::{Lifecycle, Listed, OwnerRole};
use crate::status::Status;
use crate::text::Text;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One practice with its integrations.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The practice.
    pub practice: PracticeDoc,
    /// Its integrations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub integration: Vec<IntegrationDoc>,
}

/// The clinic organisation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PracticeDoc {
    /// Stable id, chosen by whoever writes the document.
    pub id: Text,
    /// As people call it.
    pub name: Text,
    /// IANA zone of the clinic.
    pub time_zone: Text,
    /// Days on which the practice does not work, besides weekends.
    #[serde(default, skip_serializing_if = "Listed::is_left_out")]
    pub holidays: Listed<Date>,
}

/// One source joined to one platform.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationDoc {
    /// Stable id, unique in the whole installation.
    pub id: Text,
    /// Where it stands when the document creates it; later changes go step by step through the lifecycle call.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// Where staff schedule.
    pub source: SourceDoc,
    /// Where patients meet the clinic.
    pub platform: PlatformDoc,
    /// Who tells people.
    #[serde(default, skip_serializing_if = "NoticeDoc::is_default")]
    pub notices: NoticeDoc,
    /// Approved visit types.
    #[serde(default, rename = "type", skip_serializing_if = "Listed::is_left_out")]
    pub types: Listed<TypeDoc>,
    /// Registered departments.
    #[serde(default, rename = "department", skip_serializing_if = "Listed::is_left_out")]
    pub departments: Listed<DepartmentDoc>,
    /// Providers.
    #[serde(default, rename = "provider", skip_serializing_if = "Listed::is_left_out")]
    pub providers: Listed<ProviderDoc>,
    /// The platform's staff accounts.
    #[serde(default, rename = "user", skip_serializing_if = "Listed::is_left_out")]
    pub users: Listed<UserDoc>,
    /// The platform's patient accounts.
    #[serde(default, rename = "patient", skip_serializing_if = "Listed::is_left_out")]
    pub patients: Listed<PatientDoc>,
    /// Status words of this practice.
    #[serde(default, rename = "status", skip_serializing_if = "Listed::is_left_out")]
    pub statuses: Listed<StatusDoc>,
    /// Who acts on which kind of cause.
    #[serde(default, rename = "owner", skip_serializing_if = "Listed::is_left_out")]
    pub owners: Listed<OwnerDoc>,
    /// Profile values changed by this practice.
    #[serde(default, rename = "override", skip_serializing_if = "Listed::is_left_out")]
    pub overrides: Listed<OverrideDoc>,
}

/// The practice system and how it is reached.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SourceDoc {
    /// Source profile.
    pub profile: Text,
    /// How data come: `hl7v2`, `fhir-r4`, `csv` or the vendor's own.
    pub route: Text,
    /// The sending facility (MSH-4) that belongs to this integration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<Text>,
    /// A port of its own for this integration's HL7 v2 feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mllp_port: Option<u16>,
    /// Base address of an API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
    /// Seconds between polls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll_seconds: Option<u32>,
    /// The business identifier that is the source id, instead of the resource id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier_system: Option<Text>,
    /// A drop folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop: Option<Text>,
    /// Credentials; secrets inside are references, never literals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<toml::Table>,
}

/// The patient-facing side and how it is reached.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformDoc {
    /// Platform profile.
    pub profile: Text,
    /// How it is told: `webhook`, `fhir-r4` or `pull`.
    pub route: Text,
    /// Where it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
    /// The signing secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretRef>,
    /// The previous secret while it is being replaced; both sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret: Option<SecretRef>,
}

/// Where a secret is kept. A literal is refused, so that no export and no backup of a document can hold one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a secret is { env = \"NAME\" } or { file = \"PATH\" }, never the secret itself"
)]
pub enum SecretRef {
    /// In an environment variable of the service.
    Env {
        /// Its name.
        env: Text,
    },
    /// In a file that only the service can read.
    File {
        /// Its path.
        file: Text,
    },
}

/// An approved visit type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TypeDoc {
    /// The name, exactly as the source writes it.
    pub source_name: Text,
    /// The source's id; needed where the profile matches by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<Text>,
    /// How patient and provider meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modality: Option<Modality>,
}

/// A registered department.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentDoc {
    /// The source's id.
    pub source_id: Text,
    /// As people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// IANA zone, when it differs from the practice's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Text>,
}

fn yes() -> bool {
    true
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderDoc {
    /// The source's id.
    pub source_id: Text,
    /// The platform's account; absent: not linked yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<Text>,
    /// As people call them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Enabled on the platform.
    #[serde(default = "yes")]
    pub active: bool,
}

/// What a platform user may do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Staff without patients of their own.
    #[default]
    Staff,
    /// Someone patients can be booked with.
    Provider,
}

/// A staff account of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UserDoc {
    /// Their address.
    pub email: Text,
    /// The source's id, when the source knows them too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<Text>,
    /// What they may do.
    #[serde(default)]
    pub role: UserRole,
    /// As people call them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
}

/// A patient account of the platform. Synthetic in every document that is committed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PatientDoc {
    /// The platform's id.
    pub platform_id: Text,
    /// The source's id, when linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<Text>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Text>,
    /// Given names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Text>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// The address they log in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Text>,
    /// Phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text>,
    /// The patient can log in; `false`: it was not activated yet, or is switched off (requirement S3-15).
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// What stands against telling the patient things (requirement S3-17).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<RestrictionDoc>,
}

/// What somebody said against being told things.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RestrictionDoc {
    /// The way that is closed: `any`, `mail`, `sms` or `call`.
    #[serde(default = "any_way")]
    pub way: Way,
    /// In the words in which it was said, with the day: they are quoted.
    pub said: Text,
}

fn is_yes(said: &bool) -> bool {
    *said
}

fn any_way() -> Way {
    Way::Any
}

/// What a status of the source means at this practice: by its word, by the reason code beside it, by a phrase of the
/// note, or by several of them together (requirement S3-5).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StatusDoc {
    /// The word; empty: whatever the word.
    #[serde(default, skip_serializing_if = "no_word")]
    pub source: Text,
    /// Only with this reason code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Only when the note has this phrase; `*` stands for any words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// Only in this department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Text>,
    /// What it means.
    pub means: Status,
}

fn no_word(word: &Text) -> bool {
    word.is_empty()
}

fn is_first(step: &u32) -> bool {
    *step == 0
}

/// Who acts on a kind of cause.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerDoc {
    /// Which kind.
    pub role: OwnerRole,
    /// Only causes of this reason, whoever else acts for the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Reason>,
    /// Only what this data check found, whoever else acts on `DATA_CHECK_FAILED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<DataCheck>,
    /// Their place on the path of such causes: 0 acts first, the next one when that did not help in time.
    #[serde(default, skip_serializing_if = "is_first")]
    pub step: u32,
    /// Who.
    pub name: Text,
    /// Where to write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Text>,
}

/// Who tells patients about their visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PatientNotices {
    /// Punctual.
    Punctual,
    /// The platform, as soon as it shows the visit.
    #[default]
    Platform,
    /// Nobody.
    Off,
}

/// Who tells whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticeDoc {
    /// Who tells patients.
    pub patients: PatientNotices,
    /// The clinic is told about what stops its visits.
    pub clinic: bool,
}

impl Default for NoticeDoc {
    fn default() -> NoticeDoc {
        NoticeDoc { patients: PatientNotices::Platform, clinic: true }
    }
}

impl NoticeDoc {
    fn is_default(&self) -> bool {
        *self == NoticeDoc::default()
    }
}

/// A profile value changed by the practice.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideDoc {
    /// `source.` or `platform.` and the path inside the profile: `platform.times.horizon_months`.
    pub path: Text,
    /// The new value.
    pub value: toml::Value,
    /// Who decided it.
    pub author: Text,
    /// Why.
    pub reason: Text,
}

impl IntegrationDoc {
    /// Lists that this document leaves out stay as they were. Patients are not part of a stored document.
    pub fn leave_what_is_left_out(&mut self, before: &IntegrationDoc) {
        self.types.or_as_before(&before.types);
        self.departments.or_as_before(&before.departments);
        self.providers.or_as_before(&before.providers);
        self.users.or_as_before(&before.users);
        self.statuses.or_as_before(&before.statuses);
        self.owners.or_as_before(&before.owners);
        self.overrides.or_as_before(&before.overrides);
    }

    /// Says of every list what is in it, so that applying the document gives exactly this set-up.
    pub fn name_every_list(&mut self) {
        self.types.name();
        self.departments.name();
        self.providers.name();
        self.users.name();
        self.patients.name();
        self.statuses.name();
        self.owners.name();
        self.overrides.name();
    }
}

impl Document {
    /// Reads a document from TOML. The error names line and column.
    pub fn from_toml(text: &str) -> Result<Document, toml::de::Error> {
        toml::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = r#"
        [practice]
        id = "northside"
        name = "Northside Family Clinic"
        time_zone = "America/Chicago"
        holidays = ["2026-11-26"]

        [[integration]]
        id = "northside-chiron"
        lifecycle = "live"
        source = { profile = "kareo", route = "hl7v2", facility = "NORTHSIDE" }
        platform = { profile = "chiron", route = "webhook", url = "http://127.0.0.1:9900/hook", secret = { env = "HOOK_SECRET" } }
        [[integration.type]]
        source_name = "Telemedicine Visit"
        modality = "video"
    "#;

    #[test]
    fn a_document_reads_and_writes_back_the_same() {
        let document = Document::from_toml(MINIMAL).unwrap();
        assert_eq!(document.integration[0].types[0].modality, Some(Modality::Video));
        let again = Document::from_toml(&toml::to_string(&document).unwrap()).unwrap();
        assert_eq!(document, again);
    }

    #[test]
    fn a_list_that_is_left_out_stays_and_one_that_is_named_replaces() {
        let before = Document::from_toml(MINIMAL).unwrap().integration.remove(0);
        let without = MINIMAL.split("[[integration.type]]").next().unwrap();
        let after = |text: &str| {
            let mut after = Document::from_toml(text).unwrap().integration.remove(0);
            after.leave_what_is_left_out(&before);
            after
        };
        assert_eq!(after(without), before, "it speaks of no types");
        let mut named = after(&without.replace("lifecycle =", "type = []\nlifecycle ="));
        assert!(named.types.is_empty() && named.types.is_named(), "it says that there are none");
        named.name_every_list();
        let written = Document { integration: vec![named], ..Document::from_toml(MINIMAL).unwrap() };
        let again = Document::from_toml(&toml::to_string(&written).unwrap()).unwrap().integration.remove(0);
        assert!(again.types.is_named() && again.patients.is_named() && again.owners.is_named(), "{again:?}");
        let left = toml::to_string(&Document::from_toml(without).unwrap()).unwrap();
        assert!(!left.contains("type ="), "what is left out is not written: {left}");
    }

    #[test]
    fn a_literal_secret_is_refused_with_the_way_out() {
        let literal = MINIMAL.replace(r#"{ env = "HOOK_SECRET" }"#, r#""whsec_c2VjcmV0""#);
        let error = Document::from_toml(&literal).unwrap_err().to_string();
        assert!(error.contains("{ env ="), "{error}");
        assert!(!error.contains("whsec_c2VjcmV0") || error.contains('^'), "the reader quotes the line it points at");
    }

    #[test]
    fn a_misspelt_key_is_refused_with_its_place() {
        let error = Document::from_toml(&MINIMAL.replace("modality", "modalty")).unwrap_err();
        assert!(error.to_string().contains("line 15"), "{error}");
        assert!(error.to_string().contains("modalty"), "{error}");
    }
}
