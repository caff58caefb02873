//! A single visit that was read: on a hint, on demand, or as the second look before it counts as removed.

use crate::Result;
use crate::poll::kept::PATIENT;
use crate::poll::listed::Reading;
use crate::poll::removed::{is_awaited, looked_for_twice, remove};
use crate::poll::sheets::{Poison, Storing, Tally};
use crate::poll::work::Step;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::text::Text;
use domain::time::Moment;
use std::sync::Arc;
use store::PollRow;

/// A visit that was not found the first time is looked for again after so many seconds.
const SECOND_LOOK_SECS: i64 = 60;

/// What a read of one visit came to.
pub(crate) struct SingleStep {
    pub(crate) source_id: Text,
    /// It was there; its sheet is handed in.
    pub(crate) found: bool,
    pub(crate) stamps: bool,
    pub(crate) asked_at: Moment,
}

impl Step for SingleStep {
    fn run(
        &self,
        batch: &mut Batch<'_>,
        integration: &Arc<Integration>,
        row: &mut PollRow,
        take: &mut dyn FnMut(&mut Batch<'_>, &Storing<'_>) -> Result<Tally>,
        poison: &Poison,
    ) -> Result<()> {
        let now = batch.now;
        row.state.asked.retain(|asked| asked.source_id != self.source_id);
        let source_time = self.asked_at.plus_millis(row.state.skew_millis.unwrap_or(0));
        if self.found {
            let reading = Reading { began: self.asked_at, source_time, as_of: None, stamps: self.stamps, lists: true };
            let storing = Storing { integration, reading, channel: "poll one", keep_all: false, poison };
            let tally = take(batch, &storing)?;
            for id in tally.listed.iter().chain([&self.source_id]) {
                row.state.heard_present(id);
            }
            return Ok(());
        }
        if !is_awaited(batch, integration, &self.source_id)? {
            // Not known, or over: nothing to take off.
            row.state.heard_present(&self.source_id);
            return Ok(());
        }
        let rules = &integration.rules.source.polling;
        if row.state.heard_not_found(&self.source_id, rules, now) {
            let gone = [self.source_id.clone()];
            return remove(batch, integration, &gone, source_time, &looked_for_twice());
        }
        let waits = row.state.missing.iter().any(|m| m.source_id == self.source_id && !m.guarded && !m.kept);
        if waits {
            row.state.ask_for(&self.source_id, now.plus_secs(SECOND_LOOK_SECS));
        }
        Ok(())
    }
}

/// What a read of one patient brought; the sheet is handed in.
pub(crate) struct PatientStep {
    pub(crate) stamps: bool,
    pub(crate) asked_at: Moment,
}

impl Step for PatientStep {
    fn run(
        &self,
        batch: &mut Batch<'_>,
        integration: &Arc<Integration>,
        row: &mut PollRow,
        take: &mut dyn FnMut(&mut Batch<'_>, &Storing<'_>) -> Result<Tally>,
        poison: &Poison,
    ) -> Result<()> {
        let source_time = self.asked_at.plus_millis(row.state.skew_millis.unwrap_or(0));
        // It lists no visits, and says nothing of those that it does not name.
        let reading = Reading { began: self.asked_at, source_time, as_of: None, stamps: self.stamps, lists: false };
        take(batch, &Storing { integration, reading, channel: PATIENT, keep_all: false, poison })?;
        Ok(())
    }
}

/// Keeps a patient who was read on demand.
pub(crate) async fn keep_patient_now(
    engine: &crate::Engine,
    key: domain::ids::IntegrationKey,
    sheet: crate::poll::Sheet,
    stamps: bool,
    asked_at: Moment,
) -> Result<()> {
    crate::poll::work::keep_beside(&engine.scribe, key, vec![sheet], PatientStep { stamps, asked_at }).await
}

/// Keeps what a read on demand brought, beside whoever holds the integration: taking the same in twice makes no two.
pub(crate) async fn keep_one_now(
    engine: &crate::Engine,
    key: domain::ids::IntegrationKey,
    source_id: Text,
    one: crate::poll::One,
    stamps: bool,
    asked_at: Moment,
) -> Result<()> {
    let (found, sheets) = match one {
        crate::poll::One::Found(sheet) => (true, vec![sheet]),
        crate::poll::One::NotFound => (false, Vec::new()),
    };
    let step = SingleStep { source_id, found, stamps, asked_at };
    crate::poll::work::keep_beside(&engine.scribe, key, sheets, step).await
}
