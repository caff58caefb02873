//! One batch at work: the store's writer, ids, time and rules, and what will follow.

use crate::deliver::CourierHandle;
use crate::ids::IdSource;
use crate::ports::Secrets;
use crate::scribe::{Effects, News};
use crate::setup::{Changed, Integration, SetupBook, SetupRegistry};
use crate::{Error, Result};
use domain::ids::{AppointmentKey, AuditId, EntryId, EnvelopeId, IntegrationKey};
use domain::time::{Moment, TimeMarks};
use std::sync::Arc;
use store::Writer;

/// One batch at work.
pub struct Batch<'a> {
    writer: &'a mut dyn Writer,
    ids: &'a mut IdSource,
    registry: &'a SetupRegistry,
    pub(crate) courier: &'a CourierHandle,
    book: Arc<SetupBook>,
    /// The instant of the batch: everything in it happens at once.
    pub now: Moment,
    /// The number of this process.
    pub node: u32,
    /// What follows.
    pub effects: Effects,
    marks: Vec<(IntegrationKey, u64, TimeMarks)>,
    touched: bool,
    new_book: bool,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        writer: &'a mut dyn Writer,
        ids: &'a mut IdSource,
        registry: &'a SetupRegistry,
        courier: &'a CourierHandle,
        now: Moment,
        node: u32,
    ) -> Batch<'a> {
        let book = registry.book();
        Batch {
            writer,
            ids,
            registry,
            courier,
            book,
            now,
            node,
            effects: Effects::default(),
            marks: Vec::new(),
            touched: false,
            new_book: false,
        }
    }

    pub(super) fn into_effects(self) -> (Effects, Option<SetupBook>) {
        (self.effects, self.new_book.then(|| Arc::unwrap_or_clone(self.book)))
    }

    /// The next piece of work begins.
    pub(super) fn begin_work(&mut self) {
        self.touched = false;
    }

    /// The piece of work has changed nothing so far.
    pub(super) fn is_untouched(&self) -> bool {
        !self.touched
    }

    /// The store, for changes.
    pub fn writer(&mut self) -> &mut dyn Writer {
        self.touched = true;
        self.writer
    }

    /// The store, for looking.
    pub fn reader(&mut self) -> &mut dyn Writer {
        self.writer
    }

    /// The set-up in use.
    pub fn book(&self) -> Arc<SetupBook> {
        self.book.clone()
    }

    /// Where secrets are kept.
    pub fn secrets(&self) -> &dyn Secrets {
        self.registry.secrets()
    }

    /// Reads anew what this batch changed of the set-up, for what follows in the batch. Others see it after the commit.
    pub fn refresh_book(&mut self, changed: &Changed) -> Result<()> {
        self.book = Arc::new(self.book.read_changed(self.writer, self.registry.secrets(), changed)?);
        self.new_book = true;
        Ok(())
    }

    /// The same of everything.
    pub fn refresh_whole_book(&mut self) -> Result<()> {
        self.book = Arc::new(SetupBook::read(self.writer, self.registry.secrets())?);
        self.new_book = true;
        Ok(())
    }

    /// An integration that must exist.
    pub fn integration(&self, key: IntegrationKey) -> Result<Arc<Integration>> {
        let missing = || Error::NotFound { what: "integration", id: format!("{}", key.integration).into() };
        self.book.get(key).cloned().ok_or_else(missing)
    }

    /// The marks of time rules, worked out once for each integration of a batch.
    pub fn marks(&mut self, integration: &Integration) -> TimeMarks {
        let (key, version) = (integration.key(), integration.rules.version);
        if let Some((_, _, marks)) = self.marks.iter().find(|(k, v, _)| *k == key && *v == version) {
            return *marks;
        }
        let marks = integration.marks(self.now);
        self.marks.push((key, version, marks));
        marks
    }

    /// An id for a ledger entry.
    pub fn entry_id(&mut self) -> EntryId {
        self.ids.entry(self.now)
    }

    /// An id for an entry behind this one: another process may have written that, by a clock ahead of ours.
    pub(crate) fn entry_id_after(&mut self, before: Option<EntryId>) -> EntryId {
        if let Some(before) = before {
            self.ids.rise_above(before.0);
        }
        self.entry_id()
    }

    /// An id for an envelope.
    pub fn envelope_id(&mut self) -> EnvelopeId {
        self.ids.envelope(self.now)
    }

    /// An id for an audit row.
    pub fn audit_id(&mut self) -> AuditId {
        self.ids.audit(self.now)
    }

    /// Tells listeners that an appointment changed.
    pub fn tell(&mut self, key: &AppointmentKey) {
        self.effects.news.push(News::Appointment(key.clone()));
    }
}
