//! Reading the set-up into a book, and no more of it than changed.
//!
//! An installation has thousands of integrations, and every link that a person makes changes one of them. What a
//! process changed itself is read alone. What another process changed shows in the rows' versions: rows are compared,
//! and the rules of those that are the same, with their links, are taken over as they are.

use crate::Result;
use crate::ports::Secrets;
use crate::setup::book::{Integration, SetupBook, integration};
use domain::ids::PracticeNo;
use domain::text::Text;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use store::{IntegrationRow, PracticeRow, Reader};

/// What a batch changed of the set-up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// A practice, by its id: all its integrations follow its document.
    pub practice: Option<Text>,
    /// Integrations, by their ids.
    pub integrations: Vec<Text>,
}

impl Changed {
    /// One integration.
    pub(crate) fn integration(id: &Text) -> Changed {
        Changed { practice: None, integrations: vec![id.clone()] }
    }
}

impl SetupBook {
    /// Reads the whole set-up.
    pub fn read(reader: &mut dyn Reader, secrets: &dyn Secrets) -> Result<SetupBook> {
        SetupBook::default().read_on(reader, secrets)
    }

    /// Reads the set-up anew. Of what stands in the store as this book has it, nothing further is read.
    pub(crate) fn read_on(&self, reader: &mut dyn Reader, secrets: &dyn Secrets) -> Result<SetupBook> {
        let (epoch, version_floor) = (reader.setup_epoch()?, reader.version_floor()?);
        // A store that was put back from an older copy gives versions a second time.
        let went_on = epoch >= self.epoch && version_floor == self.version_floor;
        let mut book = SetupBook::default();
        (book.epoch, book.version_floor) = (epoch, version_floor);
        let mut practices: HashMap<PracticeNo, Arc<PracticeRow>> = HashMap::new();
        for row in reader.practices()? {
            let row = Arc::new(row);
            practices.insert(row.practice, row.clone());
            book.put_practice(row);
        }
        for row in reader.integrations()? {
            let Some(practice) = practices.get(&row.key.practice) else { continue };
            let known = self.get(row.key).filter(|known| went_on && is_still(known, practice, &row)).cloned();
            book.put(match known {
                Some(known) => known,
                None => Arc::new(integration(reader, secrets, practice, &row)?),
            });
        }
        Ok(book)
    }

    /// The set-up after this batch changed so much of it. Nobody else changes any before the batch is committed.
    pub(crate) fn read_changed(
        &self,
        reader: &mut dyn Reader,
        secrets: &dyn Secrets,
        changed: &Changed,
    ) -> Result<SetupBook> {
        let mut book = self.clone();
        let mut ids: BTreeSet<Text> = changed.integrations.iter().cloned().collect();
        if let Some(id) = &changed.practice
            && let Some(row) = reader.practice(id)?
        {
            let of_practice = self.integrations().filter(|known| known.key().practice == row.practice);
            ids.extend(of_practice.map(|known| known.rules.integration.clone()));
            book.put_practice(Arc::new(row));
        }
        for id in ids {
            let Some(row) = reader.integration(&id)? else { continue };
            let Some(practice) = book.practice_numbered(row.key.practice).cloned() else { continue };
            book.put(Arc::new(integration(reader, secrets, &practice, &row)?));
        }
        book.epoch = reader.setup_epoch()?;
        Ok(book)
    }
}

/// Whether an integration is as the store has it. Every change of its links and of its accounts raises its version. A
/// secret that could not be read is looked for again.
fn is_still(known: &Integration, practice: &PracticeRow, row: &IntegrationRow) -> bool {
    let rules = &known.rules;
    rules.version == row.version
        && rules.secret_problem.is_none()
        && (rules.lifecycle, rules.lifecycle_since) == (row.lifecycle, row.lifecycle_since)
        && (rules.gone_since, rules.changed_at) == (row.gone_since, row.changed_at)
        && known.document == row.document
        && known.practice == practice.document
}
