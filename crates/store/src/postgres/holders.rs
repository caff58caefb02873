//! Who holds which address, for a batch that looks at many.

use crate::PatientRow;
use crate::Result;
use crate::postgres::values::{column, number, text};
use domain::ids::{IntegrationKey, PracticeNo};
use domain::text::Text;
use std::collections::{BTreeSet, HashMap};
use tokio_postgres::Row;

/// Linked patients and accounts of patients under an address; an account is told by an empty integration.
pub(super) const HOLDERS: &str =
    "SELECT integration, source_id FROM patient WHERE practice = $1 AND email_key = $2 AND linked
    UNION ALL SELECT NULL, source_id FROM account WHERE practice = $1 AND email_key = $2 AND source_id IS NOT NULL";

/// Those who hold one address: patients by their integration, and accounts without one.
type Held = BTreeSet<(Option<u32>, Text)>;

/// Addresses whose holders are known. Whatever the batch changes about patients is brought in at once.
#[derive(Default)]
pub(super) struct Holders(HashMap<(PracticeNo, Text), Held>);

impl Holders {
    /// These addresses are asked about; nobody holds them unless added.
    pub(super) fn ask(&mut self, addresses: &BTreeSet<(PracticeNo, Text)>) {
        self.0.extend(addresses.iter().map(|address| (address.clone(), Held::new())));
    }

    /// Somebody holds an address.
    pub(super) fn add(&mut self, practice: PracticeNo, address: Text, integration: Option<u32>, source_id: Text) {
        self.0.entry((practice, address)).or_default().insert((integration, source_id));
    }

    /// What [`HOLDERS`] found.
    pub(super) fn add_rows(&mut self, practice: PracticeNo, address: &Text, rows: &[Row]) -> Result<()> {
        self.ask(&BTreeSet::from([(practice, address.clone())]));
        for row in rows {
            let integration = match column::<Option<i64>>(row, 0)? {
                Some(_) => Some(number("integration number", row, 0)?),
                None => None,
            };
            self.add(practice, address.clone(), integration, text(row, 1)?);
        }
        Ok(())
    }

    /// Adds what is known of other addresses.
    pub(super) fn join(&mut self, more: Holders) {
        self.0.extend(more.0);
    }

    /// Who holds an address besides one; `None`: not known.
    pub(super) fn besides(&self, practice: PracticeNo, address: &str, source_id: &str) -> Option<Vec<Text>> {
        let held = self.0.get(&(practice, Text::from(address)))?;
        let others: BTreeSet<&Text> = held.iter().map(|(_, id)| id).filter(|id| id.as_str() != source_id).collect();
        Some(others.into_iter().cloned().collect())
    }

    /// A patient changes.
    pub(super) fn replace(&mut self, integration: IntegrationKey, before: Option<&PatientRow>, row: &PatientRow) {
        let address = |row: &PatientRow| {
            let address = row.email_key().filter(|_| row.link.is_some())?;
            Some((integration.practice, address))
        };
        let holder = (Some(integration.integration), row.patient.source_id.clone());
        if let Some(held) = before.and_then(address).and_then(|address| self.0.get_mut(&address)) {
            held.remove(&holder);
        }
        if let Some(held) = address(row).and_then(|address| self.0.get_mut(&address)) {
            held.insert(holder);
        }
    }

    /// Accounts change: what is asked next is asked anew.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}
