//! The book of integrations: immutable, swapped as a whole.

use crate::ports::Secrets;
use crate::setup::Endpoint;
use crate::shares::host_of;
use crate::{Error, Result};
use arc_swap::ArcSwap;
use domain::ids::{IntegrationKey, PracticeNo};
use domain::setup::{IntegrationDoc, PracticeDoc, RuleSet, SetupFacts};
use domain::text::Text;
use domain::time::TimeMarks;
use std::collections::HashMap;
use std::sync::Arc;
use store::{IntegrationRow, PracticeRow, Reader};

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// One integration, ready for use.
#[derive(Debug)]
pub struct Integration {
    /// Its rules.
    pub rules: RuleSet,
    /// Its document.
    pub document: IntegrationDoc,
    /// Its practice's document.
    pub practice: PracticeDoc,
    /// Where its cards go; `None`: the platform pulls.
    pub endpoint: Option<Arc<Endpoint>>,
    /// The platform has accounts that are not linked, so new patients must be compared with them.
    pub has_unlinked_accounts: bool,
}

impl Integration {
    /// Its key in the store.
    pub fn key(&self) -> IntegrationKey {
        self.rules.key
    }

    /// The marks of time rules at `now`.
    pub fn marks(&self, now: domain::time::Moment) -> TimeMarks {
        self.rules.marks(now)
    }
}

/// All integrations at one epoch of the set-up.
#[derive(Clone, Debug, Default)]
pub struct SetupBook {
    /// The store's epoch it was read at.
    pub epoch: u64,
    /// Versions of decisions go on above this.
    pub version_floor: u32,
    by_key: Map<IntegrationKey, Arc<Integration>>,
    by_id: Map<Text, Arc<Integration>>,
    by_facility: Map<Text, Vec<Arc<Integration>>>,
    /// By their ids.
    practices: Vec<Arc<PracticeRow>>,
}

impl SetupBook {
    /// Puts an integration in, in the place of what it was before.
    pub(super) fn put(&mut self, integration: Arc<Integration>) {
        if let Some(before) = self.by_key.insert(integration.key(), integration.clone()) {
            self.by_id.remove(&before.document.id);
            if let Some(all) = before.document.source.facility.as_ref().and_then(|name| self.by_facility.get_mut(name))
            {
                all.retain(|known| known.key() != before.key());
            }
        }
        if let Some(facility) = &integration.document.source.facility {
            let all = self.by_facility.entry(facility.clone()).or_default();
            let place = all.partition_point(|known| known.document.id < integration.document.id);
            all.insert(place, integration.clone());
        }
        self.by_id.insert(integration.document.id.clone(), integration);
    }

    /// Puts a practice in, in the place of what it was before.
    pub(super) fn put_practice(&mut self, row: Arc<PracticeRow>) {
        match self.place_of(&row.document.id) {
            Ok(place) => self.practices[place] = row,
            Err(place) => self.practices.insert(place, row),
        }
    }

    fn place_of(&self, practice: &str) -> std::result::Result<usize, usize> {
        self.practices.binary_search_by(|known| known.document.id.as_str().cmp(practice))
    }

    /// One practice by its number.
    pub(super) fn practice_numbered(&self, number: PracticeNo) -> Option<&Arc<PracticeRow>> {
        self.practices.iter().find(|known| known.practice == number)
    }

    /// By key.
    pub fn get(&self, key: IntegrationKey) -> Option<&Arc<Integration>> {
        self.by_key.get(&key)
    }

    /// By id.
    pub fn named(&self, id: &str) -> Option<&Arc<Integration>> {
        self.by_id.get(id)
    }

    /// By the sending facility of an HL7 v2 message (MSH-4.1): one source may feed several platforms.
    pub fn of_facility(&self, facility: &str) -> &[Arc<Integration>] {
        self.by_facility.get(facility).map_or(&[], Vec::as_slice)
    }

    /// All, in no order.
    pub fn integrations(&self) -> impl Iterator<Item = &Arc<Integration>> {
        self.by_key.values()
    }

    /// All practices, by id.
    pub fn practices(&self) -> impl Iterator<Item = &PracticeRow> {
        self.practices.iter().map(|practice| &**practice)
    }

    /// One practice by id.
    pub fn practice(&self, id: &str) -> Option<&PracticeRow> {
        self.place_of(id).ok().and_then(|place| self.practices.get(place)).map(|practice| &**practice)
    }
}

/// Builds one integration from what is stored about it.
pub(crate) fn integration(
    reader: &mut dyn Reader,
    secrets: &dyn Secrets,
    practice: &PracticeRow,
    row: &IntegrationRow,
) -> Result<Integration> {
    let links = reader.links(row.key)?;
    let has_unlinked_accounts = reader.has_unlinked_accounts(row.key)?;
    assemble(secrets, &practice.document, row, links, has_unlinked_accounts)
}

/// Joins document, facts and secrets.
pub(crate) fn assemble(
    secrets: &dyn Secrets,
    practice: &PracticeDoc,
    row: &IntegrationRow,
    links: Vec<domain::setup::LinkFact>,
    has_unlinked_accounts: bool,
) -> Result<Integration> {
    let platform = &row.document.platform;
    let references = platform.secret.iter().chain(&platform.previous_secret);
    let (mut values, mut secret_problem) = (Vec::new(), None);
    for reference in references {
        match secrets.read(reference) {
            Ok(secret) => values.push(secret),
            Err(problem) => secret_problem = Some(problem),
        }
    }
    let facts = SetupFacts {
        key: row.key,
        version: row.version,
        changed_at: row.changed_at,
        lifecycle: row.lifecycle,
        lifecycle_since: row.lifecycle_since,
        gone_since: row.gone_since,
        secret_problem,
        links,
    };
    let rules = RuleSet::compile(practice, &row.document, &facts)
        .map_err(|source| Error::Setup { integration: row.document.id.clone(), source })?;
    let endpoint = platform.url.as_ref().map(|url| {
        Arc::new(Endpoint {
            key: row.key,
            integration: row.document.id.clone(),
            route: platform.route.clone(),
            url: url.clone(),
            host: host_of(url),
            secrets: values,
            confirmed_by: rules.platform.confirmed_by,
            rules: rules.platform.delivery.clone(),
        })
    });
    Ok(Integration {
        rules,
        document: row.document.clone(),
        practice: practice.clone(),
        endpoint,
        has_unlinked_accounts,
    })
}

/// The book in use, for everybody.
pub struct SetupRegistry {
    book: ArcSwap<SetupBook>,
    secrets: Arc<dyn Secrets>,
}

impl SetupRegistry {
    /// An empty registry.
    pub fn new(secrets: Arc<dyn Secrets>) -> SetupRegistry {
        SetupRegistry { book: ArcSwap::from_pointee(SetupBook::default()), secrets }
    }

    /// The book as it is now.
    pub fn book(&self) -> Arc<SetupBook> {
        self.book.load_full()
    }

    /// Puts a book in use.
    pub(crate) fn install(&self, book: SetupBook) {
        self.book.store(Arc::new(book));
    }

    /// Where secrets are kept.
    pub fn secrets(&self) -> &dyn Secrets {
        &*self.secrets
    }

    /// The same, for another engine.
    pub(crate) fn kept_secrets(&self) -> Arc<dyn Secrets> {
        self.secrets.clone()
    }

    /// Reads the set-up anew when the store's epoch is not the book's. `true` when it did.
    pub fn refresh(&self, reader: &mut dyn Reader) -> Result<bool> {
        let book = self.book.load();
        if reader.setup_epoch()? == book.epoch {
            return Ok(false);
        }
        self.book.store(Arc::new(book.read_on(reader, &*self.secrets)?));
        Ok(true)
    }
}
