//! Taking a practice document in: what it changes, and how many visits would change their verdict.

use crate::decide::would_become;
use crate::ops::Actor;
use crate::ops::apply_accounts::{AccountChange, write_accounts};
use crate::ports::Carrier;
use crate::scribe::Batch;
use crate::setup::{Changed, Integration, SetupBook};
use crate::{Engine, Error, Result};
use domain::decide::Verdict;
use domain::gates::WakeKey;
use domain::ids::{AppointmentKey, IntegrationKey, PracticeNo};
use domain::setup::{Document, IntegrationDoc, LinkKind, Listed, PatientDoc};
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use store::{AppointmentFilter, IntegrationRow, Page, Reader, WakeScope};

/// What applying a document did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ApplyReport {
    /// The practice's id.
    pub practice: Text,
    /// `created`, `changed` or `unchanged`.
    pub action: &'static str,
    /// Nothing was written.
    pub dry_run: bool,
    /// What happened to each integration.
    pub integrations: Vec<AppliedIntegration>,
    /// Visits still to come whose verdict would change.
    pub would_change: u64,
    /// The moves by verdict.
    pub moves: Vec<VerdictMove>,
}

/// What happened to one integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppliedIntegration {
    /// Its id.
    pub id: Text,
    /// `created`, `changed` or `unchanged`.
    pub action: &'static str,
    /// What is worth knowing, in sentences.
    pub notes: Vec<String>,
}

/// How many visits move from one verdict to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictMove {
    /// From.
    pub from: Verdict,
    /// To.
    pub to: Verdict,
    /// How many.
    pub count: u64,
}

/// Visits looked at for a preview, for each integration.
const PREVIEW: usize = 20_000;

impl Engine {
    /// Applies a document, or only says what it would do.
    pub async fn apply_document(&self, actor: &Actor, document: Document, dry_run: bool) -> Result<ApplyReport> {
        if !actor.may_see(&document.practice.id) {
            return Err(Error::NotFound { what: "practice", id: document.practice.id });
        }
        // Somebody may change the set-up between planning and writing: then the plan is made anew, so that nothing of
        // theirs is undone.
        loop {
            let (book, carrier) = (self.setup(), self.carrier.clone());
            let mut plan = Plan::of(document.clone(), &book, &*carrier)?;
            plan.check(self.registry.secrets())?;
            self.compare_accounts(&mut plan).await?;
            let mut report = plan.report(dry_run);
            self.preview(&plan, &mut report).await?;
            if dry_run {
                return Ok(report);
            }
            let (plan, actor, epoch) = (Arc::new(plan), actor.clone(), book.epoch);
            let written = self.scribe.run(move |batch| {
                if batch.book().epoch != epoch {
                    return Ok(false);
                }
                plan.write(batch, &actor).map(|()| true)
            });
            if written.await? {
                return Ok(report);
            }
        }
    }

    /// What the document does to the platform's patient accounts, which are not part of a stored document.
    async fn compare_accounts(&self, plan: &mut Plan) -> Result<()> {
        for part in &mut plan.parts {
            let (Some(before), Some(patients)) = (&part.before, &part.patients) else { continue };
            let (key, patients) = (before.key(), patients.clone());
            let change = self.read(move |reader| AccountChange::of(reader, key, &patients)).await?;
            if change.is_any() {
                part.changed = true;
                part.notes.push(change.told());
            }
        }
        Ok(())
    }

    async fn preview(&self, plan: &Plan, report: &mut ApplyReport) -> Result<()> {
        let now = self.clock.now();
        for part in &plan.parts {
            let Some(before) = &part.before else { continue };
            let next = Arc::new(part.assemble(plan, self.registry.secrets(), before)?);
            let moves = self.read(move |reader| moves(reader, &next, now)).await?;
            for ((from, to), count) in moves {
                report.would_change += count;
                match report.moves.iter_mut().find(|known| known.from == from && known.to == to) {
                    Some(known) => known.count += count,
                    None => report.moves.push(VerdictMove { from, to, count }),
                }
            }
        }
        Ok(())
    }
}

/// How the verdicts of visits still to come would move under other rules.
fn moves(reader: &mut dyn Reader, next: &Integration, now: Moment) -> Result<BTreeMap<(Verdict, Verdict), u64>> {
    let filter = AppointmentFilter { from: Some(now.plus_secs(-86_400)), ..AppointmentFilter::default() };
    let (mut moves, mut after, mut seen) = (BTreeMap::new(), None::<Page>, 0);
    while seen < PREVIEW {
        let page = reader.appointments(next.key(), &filter, after.as_ref(), 500)?;
        let Some(last) = page.last() else { break };
        after = Some(Page { start: last.row.start, source_id: last.source_id.clone() });
        seen += page.len();
        for listed in page {
            let key = AppointmentKey { integration: next.key(), source_id: listed.source_id };
            if let Some((from, to)) = would_become(reader, next, &key, now)?
                && from != to
            {
                *moves.entry((from, to)).or_default() += 1;
            }
        }
    }
    Ok(moves)
}

/// A document, checked against what is there.
struct Plan {
    document: Document,
    practice_changed: Option<bool>,
    parts: Vec<Part>,
}

/// One integration of a plan.
struct Part {
    /// What this document says.
    given: IntegrationDoc,
    /// The document as it will be stored: with the lists that this one leaves out, and without patients.
    document: IntegrationDoc,
    /// The platform's patient accounts; `None`: the document does not speak of them.
    patients: Option<Vec<PatientDoc>>,
    before: Option<Arc<Integration>>,
    notes: Vec<String>,
    changed: bool,
}

impl Plan {
    fn of(mut document: Document, book: &SetupBook, carrier: &dyn Carrier) -> Result<Plan> {
        let known = book.practice(&document.practice.id);
        if let Some(known) = known {
            document.practice.holidays.or_as_before(&known.document.holidays);
        }
        let practice = &document.practice;
        let practice_changed = known.map(|known| known.document != *practice);
        let mut ids = HashSet::new();
        let mut parts = Vec::new();
        for integration in &document.integration {
            if !ids.insert(integration.id.clone()) {
                return Err(Error::Invalid(format!("the document names integration {} twice", integration.id)));
            }
            parts.push(Part::of(integration, practice.id.clone(), practice_changed.unwrap_or(true), book, carrier)?);
        }
        Ok(Plan { practice_changed, parts, document })
    }

    /// Every integration must compile before anything is written.
    fn check(&self, secrets: &dyn crate::ports::Secrets) -> Result<()> {
        for part in &self.parts {
            let row = part.row(part.before.as_deref(), Moment::default());
            crate::setup::assemble(secrets, &self.document.practice, &row, Vec::new(), false)?;
        }
        Ok(())
    }

    fn report(&self, dry_run: bool) -> ApplyReport {
        let action = |changed: Option<bool>| match changed {
            None => "created",
            Some(true) => "changed",
            Some(false) => "unchanged",
        };
        ApplyReport {
            practice: self.document.practice.id.clone(),
            action: action(self.practice_changed),
            dry_run,
            integrations: self
                .parts
                .iter()
                .map(|part| AppliedIntegration {
                    id: part.document.id.clone(),
                    action: action(part.before.as_ref().map(|_| part.changed)),
                    notes: part.notes.clone(),
                })
                .collect(),
            would_change: 0,
            moves: Vec::new(),
        }
    }

    fn write(&self, batch: &mut Batch<'_>, actor: &Actor) -> Result<()> {
        let now = batch.now;
        let practice = batch.writer().put_practice(&self.document.practice, now)?;
        for part in &self.parts {
            part.write(batch, practice, actor)?;
        }
        actor.audit(batch, practice, "apply", &self.document.practice.id, "")?;
        batch.refresh_book(&Changed {
            practice: Some(self.document.practice.id.clone()),
            integrations: self.parts.iter().map(|part| part.document.id.clone()).collect(),
        })
    }
}

impl Part {
    fn of(
        doc: &IntegrationDoc,
        practice: Text,
        practice_changed: bool,
        book: &SetupBook,
        carrier: &dyn Carrier,
    ) -> Result<Part> {
        let before = book.named(&doc.id).cloned();
        if let Some(before) = before.as_ref().filter(|before| before.rules.practice != practice) {
            return Err(Error::Taken(format!("integration {} belongs to practice {}", doc.id, before.rules.practice)));
        }
        if let Some(facility) = &doc.source.facility {
            let taken = book.of_facility(facility).iter().find(|other| other.rules.practice != practice);
            if let Some(other) = taken {
                return Err(Error::Taken(format!(
                    "facility {facility} already belongs to integration {}",
                    other.rules.integration
                )));
            }
        }
        if let Some(url) = &doc.platform.url {
            carrier.check_address(url).map_err(|why| Error::Invalid(format!("integration {}: {why}", doc.id)))?;
        }
        let mut document = doc.clone();
        let patients = Some(std::mem::take(&mut document.patients)).filter(Listed::is_named);
        let mut notes = Vec::new();
        if let Some(before) = &before {
            if document.lifecycle != before.rules.lifecycle {
                notes.push(format!(
                    "The integration is {} and stays so: a document sets the state only when it creates an integration.",
                    before.rules.lifecycle
                ));
            }
            document.lifecycle = before.document.lifecycle;
            document.leave_what_is_left_out(&before.document);
        }
        let changed = practice_changed || before.as_ref().is_none_or(|before| before.document != document);
        let patients = patients.map(|patients| patients.to_vec());
        Ok(Part { given: doc.clone(), document, patients, before, notes, changed })
    }

    fn row(&self, before: Option<&Integration>, now: Moment) -> IntegrationRow {
        let unknown = IntegrationKey { practice: PracticeNo::UNROUTED, integration: 0 };
        match before {
            Some(before) => {
                let same_address = before.document.platform.url == self.document.platform.url;
                IntegrationRow {
                    key: before.key(),
                    document: self.document.clone(),
                    lifecycle: before.rules.lifecycle,
                    lifecycle_since: before.rules.lifecycle_since,
                    gone_since: before.rules.gone_since.filter(|_| same_address),
                    version: before.rules.version + 1,
                    changed_at: now,
                }
            }
            None => IntegrationRow {
                key: unknown,
                document: self.document.clone(),
                lifecycle: self.document.lifecycle,
                lifecycle_since: now,
                gone_since: None,
                version: 1,
                changed_at: now,
            },
        }
    }

    /// The integration as it would be, for a preview. Links that people made stay; those of new patients are not yet
    /// made.
    fn assemble(&self, plan: &Plan, secrets: &dyn crate::ports::Secrets, before: &Integration) -> Result<Integration> {
        let row = self.row(Some(before), before.rules.changed_at);
        let links = before.rules.links.iter().filter(|link| !self.names(link.kind, &link.source_id)).cloned().collect();
        crate::setup::assemble(secrets, &plan.document.practice, &row, links, before.has_unlinked_accounts)
    }

    /// The document itself says to what this thing is linked, so a person's link gives way.
    fn names(&self, kind: LinkKind, source_id: &str) -> bool {
        let given = &self.given;
        match kind {
            LinkKind::Provider => {
                given.providers.iter().any(|known| known.source_id == *source_id && known.platform_id.is_some())
            }
            LinkKind::Patient => given.patients.iter().any(|known| known.source_id.as_deref() == Some(source_id)),
            LinkKind::Type => given.types.iter().any(|known| known.source_name == *source_id),
            LinkKind::Department => given.departments.iter().any(|known| known.source_id == *source_id),
            LinkKind::Location | LinkKind::Book | LinkKind::Reason => false,
        }
    }

    fn write(&self, batch: &mut Batch<'_>, practice: PracticeNo, actor: &Actor) -> Result<()> {
        let now = batch.now;
        let row = self.row(self.before.as_deref(), now);
        let key = batch.writer().put_integration(practice, &row, self.before.is_none())?;
        for link in self.before.iter().flat_map(|before| &before.rules.links) {
            if self.names(link.kind, &link.source_id) {
                batch.writer().delete_link(key, link.kind, &link.source_id)?;
            }
        }
        let accounts_changed = match &self.patients {
            Some(patients) => write_accounts(batch, key, patients)?,
            None => false,
        };
        // A secret that could not be read is looked for again, also by a document that changes nothing.
        let secret_awaited = self.before.as_ref().is_some_and(|before| before.rules.secret_problem.is_some());
        if self.before.is_some() && (self.changed || accounts_changed || secret_awaited) {
            let why = format!("the set-up was applied by {}", actor.name);
            for wake_key in [WakeKey::Integration, WakeKey::Profile] {
                // One pass over what is still to come is enough; the other key only has its own waiters.
                let scope = if wake_key == WakeKey::Profile { WakeScope::Upcoming } else { WakeScope::Waiting };
                batch.writer().fire(key, &wake_key.to_string(), scope, &why, now)?;
            }
            batch.effects.fired = true;
        }
        Ok(())
    }
}
