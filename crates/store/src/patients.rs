//! Patients of the source with their links, and the platform's accounts.

use crate::Result;
use domain::gates::name_key;
use domain::ids::IntegrationKey;
use domain::matching::Account;
use domain::model::{Patient, PatientLink};
use domain::setup::fold_email;
use domain::text::Text;

/// A patient of the source.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientRow {
    /// What the source says.
    pub patient: Patient,
    /// The platform's account.
    pub link: Option<PatientLink>,
}

/// Whether somebody can be found by it: an address with a zero byte is none.
fn is_address(key: &str) -> bool {
    !key.is_empty() && !key.contains('\0')
}

impl PatientRow {
    /// The address by which the patient is found: folded.
    pub fn email_key(&self) -> Option<Text> {
        self.patient.email.value().map(|email| fold_email(email.open())).filter(|key| is_address(key))
    }

    /// The name by which the patient is found: `family|given|birth date`, folded. Needs all three.
    pub fn name_key(&self) -> Option<Text> {
        let patient = &self.patient;
        let (family, given) = (patient.family.value()?.open(), patient.given.value()?.open());
        Some(name_key(family, given, patient.birth_date.value()?.open().0))
    }
}

/// An account of the platform that a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The linked patient of the source.
    pub source_id: Option<Text>,
    /// What the platform knows.
    pub account: Account,
}

/// By what unlinked accounts are looked for.
#[derive(Clone, Debug, Default)]
pub struct AccountQuery {
    /// The folded address.
    pub email_key: Option<Text>,
    /// The birth date, `yyyy-mm-dd`.
    pub birth_date: Option<Text>,
    /// Family and given name, folded: `family|given|`.
    pub name_prefix: Option<Text>,
}

/// Reading patients and accounts.
pub trait PatientReads {
    /// One patient.
    fn patient(&mut self, integration: IntegrationKey, source_id: &str) -> Result<Option<PatientRow>>;

    /// Who else in the practice holds an address as a login: linked patients and linked accounts other than
    /// `source_id`, named by source id.
    fn email_holders(&mut self, integration: IntegrationKey, email_key: &str, source_id: &str) -> Result<Vec<Text>>;

    /// Unlinked accounts that could be a person: same address, same birth date, or same name.
    fn unlinked_accounts(&mut self, integration: IntegrationKey, query: &AccountQuery) -> Result<Vec<AccountRow>>;

    /// Whether the integration has any unlinked account at all.
    fn has_unlinked_accounts(&mut self, integration: IntegrationKey) -> Result<bool>;

    /// The account linked to a patient by a document.
    fn account_of(&mut self, integration: IntegrationKey, source_id: &str) -> Result<Option<AccountRow>>;

    /// One account.
    fn account(&mut self, integration: IntegrationKey, platform_id: &str) -> Result<Option<AccountRow>>;

    /// Every account a document named, in order of platform id.
    fn accounts(&mut self, integration: IntegrationKey, after: Option<&str>, limit: usize) -> Result<Vec<AccountRow>>;

    /// Patients whose folded family name begins so, or with the address.
    fn patients_like(&mut self, integration: IntegrationKey, text: &str, limit: usize) -> Result<Vec<PatientRow>>;

    /// Patients under an exact name and birth date.
    fn patients_named(&mut self, integration: IntegrationKey, name_key: &str, limit: usize) -> Result<Vec<PatientRow>>;

    /// Patients of the practice who hold an address, linked or not, named by source id.
    fn patients_with_email(&mut self, integration: IntegrationKey, email_key: &str, limit: usize) -> Result<Vec<Text>>;
}

/// Changing patients and accounts.
pub trait PatientWrites {
    /// Stores a patient. `before` is what was held, so that indices are only touched where a key changed.
    fn put_patient(&mut self, integration: IntegrationKey, before: Option<&PatientRow>, row: &PatientRow)
    -> Result<()>;

    /// Stores an account.
    fn put_account(&mut self, integration: IntegrationKey, row: &AccountRow) -> Result<()>;

    /// Removes an account.
    fn delete_account(&mut self, integration: IntegrationKey, platform_id: &str) -> Result<()>;
}
