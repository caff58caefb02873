//! The platform's patient accounts, as a practice document names them.

use crate::Result;
use crate::decide::is_own_account;
use crate::scribe::Batch;
use domain::ids::IntegrationKey;
use domain::matching::Account;
use domain::model::{BirthDate, LinkMethod, Patient, PatientLink, Restriction};
use domain::setup::{PatientDoc, RestrictionDoc};
use domain::text::Text;
use domain::time::Moment;
use std::collections::{HashMap, HashSet};
use store::{AccountRow, PatientRow, Reader};

/// What a document does to the accounts that documents named before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AccountChange {
    added: usize,
    changed: usize,
    removed: usize,
}

impl AccountChange {
    /// Compares what a document names with what is there.
    pub(super) fn of(reader: &mut dyn Reader, key: IntegrationKey, patients: &[PatientDoc]) -> Result<AccountChange> {
        let named = Named::in_document(patients);
        let known = by_documents(reader, key, &named)?;
        let by_id = by_id(&known);
        let mut change = AccountChange::default();
        for row in wanted(reader, key, patients, &named, &by_id, None)? {
            match by_id.get(row.account.platform_id.as_str()) {
                None => change.added += 1,
                Some(held) if **held == row && is_linked(reader, key, &row)? => {}
                Some(_) => change.changed += 1,
            }
        }
        change.removed = by_id.keys().filter(|id| !named.accounts.contains(*id)).count();
        Ok(change)
    }

    pub(super) fn is_any(self) -> bool {
        self != AccountChange::default()
    }

    /// In a sentence.
    pub(super) fn told(self) -> String {
        let AccountChange { added, changed, removed } = self;
        format!(
            "The platform's patient accounts: {added} added, {changed} changed, {removed} removed. The visits still to come are decided again."
        )
    }
}

/// Whom a document names.
struct Named<'a> {
    accounts: HashSet<&'a str>,
    patients: HashSet<&'a str>,
}

impl<'a> Named<'a> {
    fn in_document(patients: &'a [PatientDoc]) -> Named<'a> {
        Named {
            accounts: patients.iter().map(|patient| patient.platform_id.as_str()).collect(),
            patients: patients.iter().filter_map(|patient| patient.source_id.as_deref()).collect(),
        }
    }
}

/// The accounts that documents named before, or that this one does.
fn by_documents(reader: &mut dyn Reader, key: IntegrationKey, named: &Named<'_>) -> Result<Vec<AccountRow>> {
    let mut known = reader.accounts(key, None, usize::MAX)?;
    known.retain(|row| {
        let id = row.account.platform_id.as_str();
        !is_own_account(id) || named.accounts.contains(id)
    });
    Ok(known)
}

fn by_id(known: &[AccountRow]) -> HashMap<&str, &AccountRow> {
    known.iter().map(|row| (row.account.platform_id.as_str(), row)).collect()
}

/// The accounts as the document wants them: a link that a person made outlives one that names no patient.
fn wanted(
    reader: &mut dyn Reader,
    key: IntegrationKey,
    patients: &[PatientDoc],
    named: &Named<'_>,
    known: &HashMap<&str, &AccountRow>,
    now: Option<Moment>,
) -> Result<Vec<AccountRow>> {
    let mut rows = Vec::with_capacity(patients.len());
    for patient in patients {
        let kept = match known.get(patient.platform_id.as_str()) {
            Some(held) if patient.source_id.is_none() && linked_by_person(reader, key, held, named)? => {
                held.source_id.clone()
            }
            _ => None,
        };
        let mut account = account_of(patient);
        // Whoever says the same again leaves it as old as it was.
        let held = known.get(patient.platform_id.as_str()).map(|held| &held.account);
        let told_before = held.and_then(|held| held.told_at);
        account.told_at = told_before;
        if held != Some(&account) {
            account.told_at = now;
        }
        rows.push(AccountRow { source_id: patient.source_id.clone().or(kept), account });
    }
    Ok(rows)
}

/// The link of the account is with its patient, too.
fn is_linked(reader: &mut dyn Reader, key: IntegrationKey, row: &AccountRow) -> Result<bool> {
    let Some(source_id) = &row.source_id else { return Ok(true) };
    let link = reader.patient(key, source_id)?.and_then(|patient| patient.link);
    Ok(link.is_some_and(|link| link.platform_id == row.account.platform_id))
}

/// Accounts that documents named before and this one does not are gone; links that people made outlive that. `true`
/// when anything changed.
pub(super) fn write_accounts(batch: &mut Batch<'_>, key: IntegrationKey, patients: &[PatientDoc]) -> Result<bool> {
    if !AccountChange::of(batch.reader(), key, patients)?.is_any() {
        return Ok(false);
    }
    let named = Named::in_document(patients);
    let known = by_documents(batch.reader(), key, &named)?;
    let now = Some(batch.now);
    let wanted = wanted(batch.reader(), key, patients, &named, &by_id(&known), now)?;
    for account in &known {
        let platform_id = &account.account.platform_id;
        if let Some(source_id) = &account.source_id
            && !linked_by_person(batch.reader(), key, account, &named)?
        {
            unlink(batch, key, source_id, platform_id)?;
        }
        if !named.accounts.contains(platform_id.as_str()) {
            batch.writer().delete_account(key, platform_id)?;
        }
    }
    for (patient, row) in patients.iter().zip(wanted) {
        if let Some(source_id) = &patient.source_id {
            link(batch, key, source_id, &patient.platform_id)?;
        }
        batch.writer().put_account(key, &row)?;
    }
    Ok(true)
}

/// The account is linked by a person, and the document names no account for that patient.
fn linked_by_person(
    reader: &mut dyn Reader,
    key: IntegrationKey,
    account: &AccountRow,
    named: &Named<'_>,
) -> Result<bool> {
    let Some(source_id) = &account.source_id else { return Ok(false) };
    let link = reader.patient(key, source_id)?.and_then(|row| row.link);
    Ok(link.is_some_and(|link| link.method == LinkMethod::Person && link.platform_id == account.account.platform_id)
        && !named.patients.contains(source_id.as_str()))
}

fn account_of(patient: &PatientDoc) -> Account {
    Account {
        platform_id: patient.platform_id.clone(),
        family: patient.family.clone(),
        given: patient.given.clone(),
        birth_date: patient.birth_date.map(BirthDate),
        email: patient.email.clone(),
        phone: patient.phone.clone(),
        restrictions: patient.restrictions.iter().map(restriction).collect(),
        inactive: !patient.active,
        told_at: None,
    }
}

fn restriction(said: &RestrictionDoc) -> Restriction {
    Restriction { way: said.way, said: said.said.clone(), place: Text::literal("the platform's account") }
}

fn link(batch: &mut Batch<'_>, key: IntegrationKey, source_id: &Text, platform_id: &Text) -> Result<()> {
    let held = batch.reader().patient(key, source_id)?;
    let mut row =
        held.clone().unwrap_or_else(|| PatientRow { patient: Patient::unknown(source_id.clone()), link: None });
    row.link = Some(PatientLink {
        platform_id: platform_id.clone(),
        method: LinkMethod::Document,
        at: batch.now,
        author: None,
    });
    Ok(batch.writer().put_patient(key, held.as_ref(), &row)?)
}

fn unlink(batch: &mut Batch<'_>, key: IntegrationKey, source_id: &Text, platform_id: &Text) -> Result<()> {
    let Some(held) = batch.reader().patient(key, source_id)? else { return Ok(()) };
    if held.link.as_ref().is_some_and(|link| link.platform_id == *platform_id && link.method == LinkMethod::Document) {
        batch.writer().put_patient(key, Some(&held), &PatientRow { link: None, ..held.clone() })?;
    }
    Ok(())
}
