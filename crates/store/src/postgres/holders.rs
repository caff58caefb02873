//! Who holds which address, for a batch that looks at many.

use crate::PatientRow;
use crate::Result;
use crate::postgres::values::{column, number, text};
use domain::ids::{IntegrationKey, PracticeNo};
use domain::text::Text;
use std::collections::{BTreeSet, HashMap};
use tokio_postgres::Row;

/// Linked patients and accounts of patients under addresses; an account is told by an empty integration.
pub(super) const HOLDERS: &str = "SELECT u.practice, u.address, h.integration, h.source_id
    FROM unnest($1::bigint[], $2::text[]) AS u (practice, address)
    CROSS JOIN LATERAL (
      SELECT integration, source_id FROM patient p WHERE p.practice = u.practice AND p.email_key = u.address AND linked
      UNION ALL SELECT NULL, source_id FROM account a
      WHERE a.practice = u.practice AND a.email_key = u.address AND source_id IS NOT NULL) AS h";

/// Those who hold one address: patients by their integration, and accounts without one.
type Held = BTreeSet<(Option<u32>, Text)>;

/// Addresses whose holders are known. Whatever the batch changes about patients is brought in at once.
#[derive(Default)]
pub(super) struct Holders(HashMap<(PracticeNo, Text), Held>);

impl Holders {
    /// What was found under the addresses that were asked for.
    pub(super) fn of(asked: &BTreeSet<(PracticeNo, Text)>, rows: &[Row]) -> Result<Holders> {
        let mut holders: HashMap<_, Held> = asked.iter().map(|address| (address.clone(), Held::new())).collect();
        for row in rows {
            let practice = PracticeNo(number("practice number", row, 0)?);
            let integration = match column::<Option<i64>>(row, 2)? {
                Some(_) => Some(number("integration number", row, 2)?),
                None => None,
            };
            holders.entry((practice, text(row, 1)?)).or_default().insert((integration, text(row, 3)?));
        }
        Ok(Holders(holders))
    }

    /// Adds what was found.
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
