//! Loading a snapshot: the patients of a visit with what is known on both sides.

use crate::Result;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::explain::plain_form;
use domain::gates::{Candidate, Double, Person};
use domain::ids::IntegrationKey;
use domain::matching::{Account, compare, is_comparable};
use domain::model::{Appointment, LinkMethod, PatientLink};
use domain::setup::PatientNotices;
use domain::text::Text;
use domain::time::Moment;
use store::{AccountQuery, PatientRow, Reader};

/// What is known about the patients of one visit, in the order of the visit's participants.
pub(crate) struct Accounts {
    known: Vec<Known>,
}

/// What is known about one patient.
struct Known {
    /// The record that took the place of the one on the visit, when it was merged.
    survivor: Option<Text>,
    row: Option<PatientRow>,
    link: Option<PatientLink>,
    holders: Vec<Text>,
    candidates: Vec<Candidate>,
    incomparable: bool,
    account: Option<Account>,
    doubles: Vec<Double>,
}

impl Known {
    /// An account is made with the visit: nobody is linked, and nobody there may be this person.
    fn lacks_account(&self) -> bool {
        self.link.is_none() && self.candidates.is_empty() && !self.incomparable
    }
}

/// So many merges are followed, one after another.
const MERGES: usize = 8;

/// Loads what is known about the patients of a visit.
pub(crate) fn load_people(
    reader: &mut dyn Reader,
    integration: &Integration,
    appointment: &Appointment,
    now: Moment,
) -> Result<Accounts> {
    let rules = &integration.rules;
    let key = integration.key();
    // Visits that are over keep the record they took place under.
    let to_come = appointment.start().is_none_or(|start| start > now);
    let mut known: Vec<Known> = Vec::with_capacity(1);
    for participant in appointment.participants.members() {
        let mut row = reader.patient(key, &participant.source_id)?;
        let mut survivor = None;
        // Merges follow one another; ones that lead in a circle are the source's mistake and end somewhere.
        for _ in 0..MERGES {
            let next = row.as_ref().and_then(|row| row.patient.merged_into.clone());
            let Some(next) = next.filter(|next| to_come && *next != participant.source_id) else { break };
            row = reader.patient(key, &next)?;
            survivor = Some(next);
        }
        let email_key = row.as_ref().and_then(PatientRow::email_key);
        let link = row.as_ref().and_then(|row| row.link.clone());
        let mut holders = Vec::new();
        if let Some(email_key) = email_key.as_ref().filter(|_| rules.platform.email.unique) {
            let own = survivor.as_ref().unwrap_or(&participant.source_id);
            holders = reader.email_holders(key, email_key, own)?;
            if survivor.is_some() {
                holders.retain(|holder| *holder != participant.source_id);
            }
        }
        let compares = link.is_none() && integration.has_unlinked_accounts && rules.platform.patient.must_be_linked;
        let candidates = match row.as_ref().filter(|_| compares) {
            Some(row) => candidates(reader, key, row, email_key, rules.platform.patient.likely_from)?,
            None => Vec::new(),
        };
        let told_apart = row.as_ref().is_some_and(is_told_apart);
        let incomparable = compares && candidates.is_empty() && !told_apart;
        let account = match &link {
            Some(link) => account_of(reader, key, link)?,
            None => None,
        };
        let doubles = match row.as_ref().filter(|_| rules.patient_notices == PatientNotices::Punctual) {
            Some(row) => doubles_of(reader, key, row)?,
            None => Vec::new(),
        };
        known.push(Known { survivor, row, link, holders, candidates, incomparable, account, doubles });
    }
    Ok(Accounts { known })
}

/// Enough is known of a patient to say which accounts are not theirs.
pub(crate) fn is_told_apart(row: &PatientRow) -> bool {
    is_comparable(&row.patient)
}

/// So many records under one name and birth date are named.
const DOUBLES: usize = 5;

/// Other records of the source that look like the same person.
pub(crate) fn doubles_of(reader: &mut dyn Reader, key: IntegrationKey, row: &PatientRow) -> Result<Vec<Double>> {
    let Some(name) = row.name_key() else { return Ok(Vec::new()) };
    let mut found = reader.patients_named(key, &name, DOUBLES)?;
    found.retain(|other| other.patient.source_id != row.patient.source_id && other.patient.merged_into.is_none());
    let double = |other: PatientRow| Double { source_id: other.patient.source_id, told_at: other.patient.read_at };
    Ok(found.into_iter().map(double).collect())
}

/// The account behind a link, where a document names it. One that was made here knows nothing of its own.
pub(crate) fn account_of(reader: &mut dyn Reader, key: IntegrationKey, link: &PatientLink) -> Result<Option<Account>> {
    if is_own_account(&link.platform_id) {
        return Ok(None);
    }
    Ok(reader.account(key, &link.platform_id)?.map(|row| row.account))
}

/// Accounts that nobody is linked to and that may be a patient's, most alike first.
pub(crate) fn candidates_of(
    reader: &mut dyn Reader,
    integration: &Integration,
    row: &PatientRow,
) -> Result<Vec<Candidate>> {
    let likely_from = integration.rules.platform.patient.likely_from;
    candidates(reader, integration.key(), row, row.email_key(), likely_from)
}

fn candidates(
    reader: &mut dyn Reader,
    key: IntegrationKey,
    row: &PatientRow,
    email_key: Option<Text>,
    likely_from: u8,
) -> Result<Vec<Candidate>> {
    let patient = &row.patient;
    let query = AccountQuery {
        email_key,
        birth_date: patient.birth_date.value().map(|date| Text::from(date.open().0.to_string())),
        name_prefix: patient
            .family
            .value()
            .zip(patient.given.value())
            .map(|(family, given)| name_query(family.open(), given.open())),
    };
    let accounts = reader.unlinked_accounts(key, &query)?;
    let mut found: Vec<Candidate> = accounts
        .iter()
        .map(|account| compare(patient, &account.account))
        .filter(|candidate| candidate.likeness >= likely_from)
        .collect();
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.likeness));
    Ok(found)
}

/// The beginning of a name key: every birth date under this family and given name.
pub(crate) fn name_query(family: &str, given: &str) -> Text {
    Text::from(format!("{}|{}|", plain_form(family), plain_form(given)))
}

impl Accounts {
    /// The patients as the gates look at them.
    pub(crate) fn people<'a>(&'a self, appointment: &'a Appointment) -> Vec<Person<'a>> {
        let members = appointment.participants.members().zip(&self.known);
        members
            .map(|(participant, known)| Person {
                source_id: known.survivor.as_ref().unwrap_or(&participant.source_id),
                merged_from: known.survivor.as_ref().map(|_| &participant.source_id),
                place: &participant.place,
                patient: known.row.as_ref().map(|row| &row.patient),
                link: known.link.as_ref(),
                email_also_held_by: &known.holders,
                candidates: &known.candidates,
                incomparable: known.incomparable,
                account: known.account.as_ref(),
                doubles: &known.doubles,
            })
            // Both records of a merge on one visit are one person.
            .filter(|person| {
                let named = |id: &Text| appointment.participants.members().any(|member| member.source_id == *id);
                person.merged_from.is_none() || !named(person.source_id)
            })
            .collect()
    }

    /// Somebody has no account yet, and nobody there may be them.
    pub(crate) fn anybody_lacks_account(&self) -> bool {
        self.known.iter().any(Known::lacks_account)
    }

    /// Creates the accounts that are lacking together with their links (requirement S0-2): in the same batch as the
    /// decision, so both are saved or neither.
    pub(crate) fn create_lacking(
        &mut self,
        batch: &mut Batch<'_>,
        integration: &Integration,
        appointment: &Appointment,
    ) -> Result<()> {
        let key = integration.key();
        for (participant, known) in appointment.participants.members().zip(&mut self.known) {
            if known.lacks_account() {
                let source_id = known.survivor.as_ref().unwrap_or(&participant.source_id);
                let made = PatientLink {
                    platform_id: account_id(key, source_id),
                    method: LinkMethod::Scheduling,
                    at: batch.now,
                    author: None,
                };
                let before = known.row.clone();
                let patient = known.row.get_or_insert_with(|| PatientRow {
                    patient: domain::model::Patient::unknown(source_id.clone()),
                    link: None,
                });
                patient.link = Some(made.clone());
                batch.writer().put_patient(key, before.as_ref(), patient)?;
                known.link = Some(made);
            }
        }
        Ok(())
    }
}

/// Whether an account was made here, with a visit or an import: no document names it, and none takes it away.
pub(crate) fn is_own_account(platform_id: &str) -> bool {
    let own = |hex: &str| hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    platform_id.strip_prefix("acc_").is_some_and(own)
}

/// The id of an account that is created with a visit: the same however often the visit is decided on.
pub(crate) fn account_id(key: IntegrationKey, patient: &str) -> Text {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&key.practice.0.to_le_bytes());
    hasher.update(&key.integration.to_le_bytes());
    hasher.update(patient.as_bytes());
    Text::from(format!("acc_{}", &hasher.finalize().to_hex()[..16]))
}
