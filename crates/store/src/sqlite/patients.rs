//! Patients and accounts in SQLite.

use crate::bodies::{account_columns, account_of_columns, decode_patient, encode_patient};
use crate::sqlite::session::{Session, column, text, text_or_null};
use crate::sqlite::values::{limit_column, page_start, prefix_end};
use crate::{AccountQuery, AccountRow, PatientReads, PatientRow, PatientWrites, Result};
use domain::explain::plain_form;
use domain::ids::IntegrationKey;
use domain::setup::fold_email;
use domain::text::Text;

fn patient_row(row: &rusqlite::Row<'_>) -> Result<PatientRow> {
    decode_patient(&column::<Vec<u8>>(row, 0)?)
}

fn account_row(row: &rusqlite::Row<'_>) -> Result<AccountRow> {
    account_of_columns(text(row, 0)?, text_or_null(row, 1)?, &column::<String>(row, 2)?)
}

// The indices are named because SQLite, which knows nothing of how many rows there are, takes every key that begins
// with the practice for equally good and walks through all of a practice.
impl PatientReads for Session {
    fn patient(&mut self, integration: IntegrationKey, source_id: &str) -> Result<Option<PatientRow>> {
        self.one(
            "SELECT body FROM patient WHERE practice = ?1 AND integration = ?2 AND source_id = ?3 AND visit = ''",
            (integration.practice.0, integration.integration, source_id),
            patient_row,
        )
    }

    fn email_holders(&mut self, integration: IntegrationKey, email_key: &str, source_id: &str) -> Result<Vec<Text>> {
        self.all(
            "SELECT source_id FROM patient INDEXED BY patient_by_email
             WHERE practice = ?1 AND email_key = ?2 AND linked = 1 AND source_id <> ?3
             UNION SELECT source_id FROM account INDEXED BY account_by_email
             WHERE practice = ?1 AND email_key = ?2 AND source_id IS NOT NULL AND source_id <> ?3
             ORDER BY source_id",
            (integration.practice.0, email_key, source_id),
            |row| text(row, 0),
        )
    }

    fn unlinked_accounts(&mut self, integration: IntegrationKey, query: &AccountQuery) -> Result<Vec<AccountRow>> {
        let name_prefix = query.name_prefix.as_deref();
        self.all(
            "SELECT platform_id, source_id, body FROM account INDEXED BY account_by_email
             WHERE practice = ?1 AND email_key = ?3 AND integration = ?2 AND source_id IS NULL
             UNION SELECT platform_id, source_id, body FROM account INDEXED BY account_unlinked_by_birth
             WHERE practice = ?1 AND integration = ?2 AND birth_date = ?4 AND source_id IS NULL
             UNION SELECT platform_id, source_id, body FROM account INDEXED BY account_unlinked_by_name
             WHERE practice = ?1 AND integration = ?2 AND name_key >= ?5 AND name_key < ?6 AND source_id IS NULL
             ORDER BY platform_id",
            (
                integration.practice.0,
                integration.integration,
                query.email_key.as_deref(),
                query.birth_date.as_deref(),
                name_prefix,
                name_prefix.map(prefix_end),
            ),
            account_row,
        )
    }

    fn has_unlinked_accounts(&mut self, integration: IntegrationKey) -> Result<bool> {
        self.one(
            "SELECT 1 FROM account INDEXED BY account_unlinked_by_name
             WHERE practice = ?1 AND integration = ?2 AND source_id IS NULL LIMIT 1",
            (integration.practice.0, integration.integration),
            |_| Ok(()),
        )
        .map(|found| found.is_some())
    }

    fn account_of(&mut self, integration: IntegrationKey, source_id: &str) -> Result<Option<AccountRow>> {
        self.one(
            "SELECT platform_id, source_id, body FROM account INDEXED BY account_by_source
             WHERE practice = ?1 AND integration = ?2 AND source_id = ?3 ORDER BY platform_id",
            (integration.practice.0, integration.integration, source_id),
            account_row,
        )
    }

    fn account(&mut self, integration: IntegrationKey, platform_id: &str) -> Result<Option<AccountRow>> {
        self.one(
            "SELECT platform_id, source_id, body FROM account WHERE practice = ?1 AND integration = ?2 AND platform_id = ?3",
            (integration.practice.0, integration.integration, platform_id),
            account_row,
        )
    }

    fn accounts(&mut self, integration: IntegrationKey, after: Option<&str>, limit: usize) -> Result<Vec<AccountRow>> {
        self.all(
            "SELECT platform_id, source_id, body FROM account
             WHERE practice = ?1 AND integration = ?2 AND platform_id >= ?3 ORDER BY platform_id LIMIT ?4",
            (integration.practice.0, integration.integration, page_start(after), limit_column(limit)),
            account_row,
        )
    }

    fn patients_like(&mut self, integration: IntegrationKey, query: &str, limit: usize) -> Result<Vec<PatientRow>> {
        let (name, email) = (plain_form(query), fold_email(query));
        self.all(
            "SELECT body, name_key, source_id FROM patient INDEXED BY patient_by_name
             WHERE practice = ?1 AND integration = ?2 AND name_key >= ?3 AND name_key < ?4
             UNION ALL SELECT body, name_key, source_id FROM patient INDEXED BY patient_by_email
             WHERE practice = ?1 AND integration = ?2 AND email_key = ?5
               AND (name_key IS NULL OR name_key < ?3 OR name_key >= ?4)
             ORDER BY name_key, source_id LIMIT ?6",
            (
                integration.practice.0,
                integration.integration,
                &name,
                prefix_end(&name),
                email.as_str(),
                limit_column(limit),
            ),
            patient_row,
        )
    }

    fn patients_named(&mut self, integration: IntegrationKey, name_key: &str, limit: usize) -> Result<Vec<PatientRow>> {
        self.all(
            "SELECT body FROM patient INDEXED BY patient_by_name
             WHERE practice = ?1 AND integration = ?2 AND name_key = ?3 ORDER BY source_id LIMIT ?4",
            (integration.practice.0, integration.integration, name_key, limit_column(limit)),
            patient_row,
        )
    }

    fn patients_with_email(&mut self, integration: IntegrationKey, email_key: &str, limit: usize) -> Result<Vec<Text>> {
        self.all(
            "SELECT source_id FROM patient INDEXED BY patient_by_email
             WHERE practice = ?1 AND integration = ?2 AND email_key = ?3 ORDER BY source_id LIMIT ?4",
            (integration.practice.0, integration.integration, email_key, limit_column(limit)),
            |row| text(row, 0),
        )
    }
}

impl PatientWrites for Session {
    fn put_patient(
        &mut self,
        integration: IntegrationKey,
        before: Option<&PatientRow>,
        row: &PatientRow,
    ) -> Result<()> {
        let mut bytes = self.empty_buffer();
        encode_patient(row, &mut bytes)?;
        let id = row.patient.source_id.as_str();
        let (email_key, name_key) = (row.email_key(), row.name_key());
        let same_keys = before.is_some_and(|before| {
            before.email_key() == email_key
                && before.name_key() == name_key
                && before.link.is_some() == row.link.is_some()
        });
        if same_keys {
            self.change(
                "UPDATE patient SET body = ?4 WHERE practice = ?1 AND integration = ?2 AND source_id = ?3 AND visit = ''",
                (integration.practice.0, integration.integration, id, &bytes),
            )?;
        } else {
            self.change(
                "INSERT INTO patient (practice, integration, source_id, visit, email_key, name_key, linked, body)
                 VALUES (?1, ?2, ?3, '', ?4, ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET email_key = excluded.email_key, name_key = excluded.name_key, linked = excluded.linked,
                                           body = excluded.body",
                (
                    integration.practice.0,
                    integration.integration,
                    id,
                    email_key.as_deref(),
                    name_key.as_deref(),
                    row.link.is_some(),
                    &bytes,
                ),
            )?;
        }
        self.keep(bytes);
        Ok(())
    }

    fn put_account(&mut self, integration: IntegrationKey, row: &AccountRow) -> Result<()> {
        let account = &row.account;
        let columns = account_columns(account)?;
        self.change(
            "INSERT INTO account (practice, integration, platform_id, source_id, email_key, name_key, birth_date, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET source_id = excluded.source_id, email_key = excluded.email_key, name_key = excluded.name_key,
                                       birth_date = excluded.birth_date, body = excluded.body",
            (
                integration.practice.0,
                integration.integration,
                account.platform_id.as_str(),
                row.source_id.as_deref(),
                columns.email_key.as_deref(),
                columns.name_key.as_deref(),
                columns.birth_date,
                columns.body,
            ),
        )
        .map(|_| ())
    }

    fn delete_account(&mut self, integration: IntegrationKey, platform_id: &str) -> Result<()> {
        self.change(
            "DELETE FROM account WHERE practice = ?1 AND integration = ?2 AND platform_id = ?3",
            (integration.practice.0, integration.integration, platform_id),
        )
        .map(|_| ())
    }
}
