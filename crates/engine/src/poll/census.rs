//! The other half of a full comparison: what the platform shows of the visits that the source was just asked for.

use crate::{Engine, Result};
use domain::decide::Verdict;
use domain::ids::IntegrationKey;
use domain::polling::Census;
use domain::reasons::Reason;
use std::collections::BTreeMap;
use store::{AppointmentFilter, Page, Reader};

/// So many rows are looked at at a time.
const PAGE: usize = 500;

/// Counts what is shown and why the rest is not, and keeps it with the comparison.
pub(crate) async fn count_shown(engine: &Engine, key: IntegrationKey) -> Result<()> {
    let row = engine.read(move |reader| Ok(reader.poll(key)?)).await?;
    let Some(census) = row.and_then(|row| row.state.census) else { return Ok(()) };
    let counted = engine.read(move |reader| count(reader, key, census)).await?;
    let kept = engine.scribe.run(move |batch| {
        let Some(mut row) = batch.reader().poll(key)? else { return Ok(()) };
        if row.state.census.as_ref().is_some_and(|census| census.at == counted.at) {
            row.state.census = Some(counted.clone());
            batch.writer().put_poll(&row)?;
        }
        Ok(())
    });
    kept.await
}

fn count(reader: &mut dyn Reader, key: IntegrationKey, mut census: Census) -> Result<Census> {
    let filter = AppointmentFilter { from: Some(census.from), to: Some(census.to), ..AppointmentFilter::default() };
    let mut explained: BTreeMap<u16, u32> = BTreeMap::new();
    let mut after = None;
    loop {
        let rows = reader.appointments(key, &filter, after.as_ref(), PAGE)?;
        for listed in &rows {
            census.known += 1;
            match (listed.row.verdict, listed.row.reason) {
                (Verdict::InSync, _) => census.shown += 1,
                (Verdict::Unexplained, _) => census.unexplained += 1,
                (_, Some(reason)) => *explained.entry(reason.number()).or_default() += 1,
                (Verdict::OnTime, None) => *explained.entry(Reason::OnTimeWaiting.number()).or_default() += 1,
                (_, None) => census.unexplained += 1,
            }
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE => {
                after = Some(Page { start: last.row.start, source_id: last.source_id.clone() });
            }
            _ => break,
        }
    }
    census.explained = explained.into_iter().collect();
    Ok(census)
}
