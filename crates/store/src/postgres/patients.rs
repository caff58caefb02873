//! Patients and accounts in PostgreSQL.

use crate::bodies::{account_columns, account_of_columns, decode_patient};
use crate::postgres::batch::Batch;
use crate::postgres::holders::{HOLDERS, Holders};
use crate::postgres::pending::{Replaced, Table};
use crate::postgres::session::Session;
use crate::postgres::values::{column, key_columns, limit_column, prefix_end, text, text_or_null};
use crate::{AccountQuery, AccountRow, Error, PatientReads, PatientRow, PatientWrites, Result};
use domain::explain::plain_form;
use domain::ids::IntegrationKey;
use domain::setup::fold_email;
use domain::text::Text;
use tokio_postgres::Row;

const TABLES: &[Table] = &[Table::Patients];

fn patient_row(row: &Row) -> Result<PatientRow> {
    decode_patient(column(row, 0)?)
}

fn account_row(row: &Row) -> Result<AccountRow> {
    account_of_columns(text(row, 0)?, text_or_null(row, 1)?, column(row, 2)?)
}

impl Session {
    /// A patient with the revision, as this batch holds it.
    fn held_patient(&mut self, integration: IntegrationKey, source_id: &str) -> Result<Option<(PatientRow, i64)>> {
        let key = (integration, Text::from(source_id));
        if let Some(batch) = &self.batch
            && let Some(held) = batch.held.patients.get(&key)
        {
            return Ok(held.clone());
        }
        let (practice, number) = key_columns(integration);
        let rows = self.all_under_lock(
            |locks| locks.patient(integration, source_id),
            &[],
            "SELECT body, revision FROM patient WHERE practice = $1 AND integration = $2 AND source_id = $3",
            &[&practice, &number, &source_id],
        )?;
        let held = rows.first().map(|row| Ok((patient_row(row)?, column(row, 1)?))).transpose()?;
        if let Some(batch) = &mut self.batch {
            batch.held.patients.insert(key, held.clone());
        }
        Ok(held)
    }
}

impl PatientReads for Session {
    fn patient(&mut self, integration: IntegrationKey, source_id: &str) -> Result<Option<PatientRow>> {
        let key = (integration, Text::from(source_id));
        if let Some(put) = self.batch.as_ref().and_then(|batch| batch.pending.patients.get(&key)) {
            return Ok(Some(put.row.clone()));
        }
        Ok(self.held_patient(integration, source_id)?.map(|(row, _)| row))
    }

    fn email_holders(&mut self, integration: IntegrationKey, email_key: &str, source_id: &str) -> Result<Vec<Text>> {
        let practice = integration.practice;
        let known = self.batch.as_ref().and_then(|batch| batch.held.holders.besides(practice, email_key, source_id));
        if let Some(known) = known {
            return Ok(known);
        }
        // Two batches that give one address to two patients must not both find that nobody has it.
        let rows = self.all_under_lock(
            |locks| locks.address(practice, email_key),
            TABLES,
            HOLDERS,
            &[&i64::from(practice.0), &email_key],
        )?;
        let mut holders = Holders::default();
        holders.add_rows(practice, &Text::from(email_key), &rows)?;
        let found = holders.besides(practice, email_key, source_id).unwrap_or_default();
        if let Some(batch) = &mut self.batch {
            batch.held.holders.join(holders);
        }
        Ok(found)
    }

    fn unlinked_accounts(&mut self, integration: IntegrationKey, query: &AccountQuery) -> Result<Vec<AccountRow>> {
        let (practice, number) = key_columns(integration);
        let name = query.name_prefix.as_deref();
        let rows = self.all(
            &[],
            "SELECT platform_id, source_id, body FROM account
             WHERE practice = $1 AND email_key = $3 AND integration = $2 AND source_id IS NULL
             UNION SELECT platform_id, source_id, body FROM account
             WHERE practice = $1 AND integration = $2 AND birth_date = $4 AND source_id IS NULL
             UNION SELECT platform_id, source_id, body FROM account
             WHERE practice = $1 AND integration = $2 AND name_key >= $5 AND name_key < $6 AND source_id IS NULL
             ORDER BY platform_id",
            &[
                &practice,
                &number,
                &query.email_key.as_deref(),
                &query.birth_date.as_deref(),
                &name,
                &name.map(prefix_end),
            ],
        )?;
        rows.iter().map(account_row).collect()
    }

    fn has_unlinked_accounts(&mut self, integration: IntegrationKey) -> Result<bool> {
        let (practice, number) = key_columns(integration);
        let row = self.one(
            &[],
            "SELECT 1 FROM account WHERE practice = $1 AND integration = $2 AND source_id IS NULL LIMIT 1",
            &[&practice, &number],
        )?;
        Ok(row.is_some())
    }

    fn account_of(&mut self, integration: IntegrationKey, source_id: &str) -> Result<Option<AccountRow>> {
        let (practice, number) = key_columns(integration);
        let row = self.one(
            &[],
            "SELECT platform_id, source_id, body FROM account
             WHERE practice = $1 AND integration = $2 AND source_id = $3 ORDER BY platform_id LIMIT 1",
            &[&practice, &number, &source_id],
        )?;
        row.as_ref().map(account_row).transpose()
    }

    fn account(&mut self, integration: IntegrationKey, platform_id: &str) -> Result<Option<AccountRow>> {
        let (practice, number) = key_columns(integration);
        let row = self.one(
            &[],
            "SELECT platform_id, source_id, body FROM account WHERE practice = $1 AND integration = $2 AND platform_id = $3",
            &[&practice, &number, &platform_id],
        )?;
        row.as_ref().map(account_row).transpose()
    }

    fn accounts(&mut self, integration: IntegrationKey, after: Option<&str>, limit: usize) -> Result<Vec<AccountRow>> {
        let (practice, number) = key_columns(integration);
        let sql = if after.is_some() {
            "SELECT platform_id, source_id, body FROM account WHERE practice = $1 AND integration = $2 AND platform_id > $3
             ORDER BY platform_id LIMIT $4"
        } else {
            "SELECT platform_id, source_id, body FROM account WHERE practice = $1 AND integration = $2 AND platform_id >= $3
             ORDER BY platform_id LIMIT $4"
        };
        let after = after.unwrap_or_default();
        let rows = self.all(&[], sql, &[&practice, &number, &after, &limit_column(limit)])?;
        rows.iter().map(account_row).collect()
    }

    fn patients_like(&mut self, integration: IntegrationKey, query: &str, limit: usize) -> Result<Vec<PatientRow>> {
        let (practice, number) = key_columns(integration);
        let (name, email) = (plain_form(query), fold_email(query));
        let rows = self.all(
            TABLES,
            // The index leads to the first of them only where each part is ordered as it is.
            "(SELECT body, name_key, source_id FROM patient
             WHERE practice = $1 AND integration = $2 AND name_key >= $3 AND name_key < $4
             ORDER BY name_key, source_id LIMIT $6)
             UNION ALL SELECT body, name_key, source_id FROM patient
             WHERE practice = $1 AND integration = $2 AND email_key = $5
               AND (name_key IS NULL OR name_key < $3 OR name_key >= $4)
             ORDER BY name_key NULLS FIRST, source_id LIMIT $6",
            &[&practice, &number, &name, &prefix_end(&name), &email.as_str(), &limit_column(limit)],
        )?;
        rows.iter().map(patient_row).collect()
    }

    fn patients_named(&mut self, integration: IntegrationKey, name_key: &str, limit: usize) -> Result<Vec<PatientRow>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            TABLES,
            "SELECT body FROM patient WHERE practice = $1 AND integration = $2 AND name_key = $3 ORDER BY source_id LIMIT $4",
            &[&practice, &number, &name_key, &limit_column(limit)],
        )?;
        rows.iter().map(patient_row).collect()
    }

    fn patients_with_email(&mut self, integration: IntegrationKey, email_key: &str, limit: usize) -> Result<Vec<Text>> {
        let (practice, number) = key_columns(integration);
        let rows = self.all(
            TABLES,
            "SELECT source_id FROM patient WHERE practice = $1 AND integration = $2 AND email_key = $3 ORDER BY source_id LIMIT $4",
            &[&practice, &number, &email_key, &limit_column(limit)],
        )?;
        rows.iter().map(|row| text(row, 0)).collect()
    }
}

impl PatientWrites for Session {
    fn put_patient(
        &mut self,
        integration: IntegrationKey,
        before: Option<&PatientRow>,
        row: &PatientRow,
    ) -> Result<()> {
        let key = (integration, row.patient.source_id.clone());
        let pending = self.batch()?.pending.patients.get(&key).map(|put| put.revision);
        let revision = match pending {
            Some(revision) => revision,
            None => {
                let held = self.held_patient(integration, &key.1)?;
                if let (Some(before), Some((held, _))) = (before, &held)
                    && before != held
                {
                    return Err(Error::Conflict("the patient that was to be replaced is not as it was read".into()));
                }
                held.map(|(_, revision)| revision)
            }
        };
        let Batch { held, pending, .. } = self.batch()?;
        let before = match pending.patients.get(&key) {
            Some(put) => Some(&put.row),
            None => held.patients.get(&key).and_then(Option::as_ref).map(|(row, _)| row),
        };
        held.holders.replace(integration, before, row);
        pending.patients.insert(key, Replaced { row: row.clone(), revision });
        Ok(())
    }

    fn put_account(&mut self, integration: IntegrationKey, row: &AccountRow) -> Result<()> {
        let (practice, number) = key_columns(integration);
        let columns = account_columns(&row.account)?;
        self.batch()?.held.holders.forget();
        self.change(
            &[],
            "INSERT INTO account (practice, integration, platform_id, source_id, email_key, name_key, birth_date, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (practice, integration, platform_id) DO UPDATE SET source_id = excluded.source_id,
               email_key = excluded.email_key, name_key = excluded.name_key, birth_date = excluded.birth_date, body = excluded.body",
            &[
                &practice,
                &number,
                &row.account.platform_id.as_str(),
                &row.source_id.as_deref(),
                &columns.email_key.as_deref(),
                &columns.name_key.as_deref(),
                &columns.birth_date,
                &columns.body,
            ],
        )
        .map(|_| ())
    }

    fn delete_account(&mut self, integration: IntegrationKey, platform_id: &str) -> Result<()> {
        let (practice, number) = key_columns(integration);
        self.batch()?.held.holders.forget();
        self.change(
            &[],
            "DELETE FROM account WHERE practice = $1 AND integration = $2 AND platform_id = $3",
            &[&practice, &number, &platform_id],
        )
        .map(|_| ())
    }
}
