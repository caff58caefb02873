//! Runs: when each check is asked, and what is kept of it.

use crate::checks::measure::measure;
use crate::scribe::Batch;
use crate::setup::Integration;
use crate::tasks::{Stop, rest_after};
use crate::{Engine, Result};
use domain::checks::{CheckLimit, CheckResult, CheckState, DataCheck, is_due, limit_of};
use domain::setup::Lifecycle;
use domain::time::Moment;
use std::time::Duration;
use store::{CheckRunRow, Reader};

/// Before the first round: a process that has just been started has other things to do.
const FIRST: Duration = Duration::from_secs(20);
/// How often is looked for checks that are due.
const EVERY: Duration = Duration::from_secs(60);
/// Runs are kept for so many days.
pub(crate) const KEPT_DAYS: i64 = 90;
/// Uses of queues are kept for so many days.
const USE_DAYS: i32 = 400;

/// Asks checks as they become due, until told to stop.
pub(crate) async fn ask_checks(engine: Engine, mut stop: Stop) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.requested() => return,
        }
        rest_after("checks", engine.ask_due_checks().await).await;
        wait = EVERY;
    }
}

impl Engine {
    /// Asks every data-quality check that is due, of all integrations that were begun; in how many of them there were
    /// any. Other processes may do the same at the same time: there is one run of each hour.
    pub async fn ask_due_checks(&self) -> Result<usize> {
        let book = self.setup();
        let mut integrations: Vec<_> =
            book.integrations().filter(|known| known.rules.lifecycle != Lifecycle::Initiated).cloned().collect();
        integrations.sort_by_key(|known| known.key());
        // Several processes begin in different places, so that they seldom measure the same.
        let share = self.chance.fraction();
        let (behind, first) = integrations.split_at(place(share, integrations.len()));
        let integrations: Vec<_> = first.iter().chain(behind).cloned().collect();
        let mut asked = 0;
        for integration in integrations {
            let (known, now) = (integration.clone(), self.clock.now());
            let Some(row) = self.read(move |reader| due_run(reader, &known, now)).await? else { continue };
            asked += 1;
            self.scribe.run(move |batch| keep(batch, &integration, &row)).await?;
        }
        Ok(asked)
    }
}

/// A share of a list as a place in it.
fn place(share: f64, len: usize) -> usize {
    let thousandth = (0..1000_usize).find(|part| share * 1000.0 < (part + 1) as f64).unwrap_or(0);
    len * thousandth / 1000
}

/// The full hour of an instant.
fn hour_of(now: Moment) -> Moment {
    Moment::from_micros(0).plus_secs(now.seconds().div_euclid(3600) * 3600)
}

/// The full minute of an instant.
fn minute_of(now: Moment) -> Moment {
    Moment::from_micros(0).plus_secs(now.seconds().div_euclid(60) * 60)
}

/// What is found now of the checks that are due, together with what the others found before. `None`: none is due.
fn due_run(reader: &mut dyn Reader, integration: &Integration, now: Moment) -> Result<Option<CheckRunRow>> {
    let last = reader.last_check_run(integration.key())?;
    // Whatever else becomes due within the hour waits for the next one.
    if last.as_ref().is_some_and(|last| last.slot >= hour_of(now)) {
        return Ok(None);
    }
    let before = last.map(|last| last.results).unwrap_or_default();
    let due = |(check, limit): &(DataCheck, CheckLimit)| {
        let (rules, found_before) = (&integration.rules, before.iter().find(|result| result.check == *check));
        is_due(found_before, *limit, rules.lifecycle_since, &rules.zone, now)
    };
    let due: Vec<(DataCheck, CheckLimit)> = limits(integration).into_iter().filter(due).collect();
    if due.is_empty() {
        return Ok(None);
    }
    Ok(Some(ask(reader, integration, &due, &before, hour_of(now), now)?))
}

/// What is found now of every check that is switched on, whatever is due. `None`: they were all asked in this minute.
pub(crate) fn ordered_run(
    reader: &mut dyn Reader,
    integration: &Integration,
    now: Moment,
) -> Result<Option<CheckRunRow>> {
    let last = reader.last_check_run(integration.key())?;
    if last.as_ref().is_some_and(|last| last.slot >= minute_of(now)) {
        return Ok(None);
    }
    let before = last.map(|last| last.results).unwrap_or_default();
    Ok(Some(ask(reader, integration, &limits(integration), &before, minute_of(now), now)?))
}

/// Measures some checks, and keeps what the others found before.
fn ask(
    reader: &mut dyn Reader,
    integration: &Integration,
    asked: &[(DataCheck, CheckLimit)],
    before: &[CheckResult],
    slot: Moment,
    now: Moment,
) -> Result<CheckRunRow> {
    let found_before = |check: DataCheck| before.iter().find(|result| result.check == check);
    let checks: Vec<DataCheck> = asked.iter().map(|(check, _)| *check).collect();
    let measured = measure(reader, integration, &checks, now)?;
    let judged = asked
        .iter()
        .zip(measured)
        .map(|((check, limit), (_, measured))| CheckResult::judge(*check, *limit, measured, found_before(*check), now));
    let mut results: Vec<CheckResult> = judged.collect();
    // Those that are switched off are forgotten.
    let others = limits(integration).into_iter().filter(|(check, _)| !checks.contains(check));
    results.extend(others.filter_map(|(check, _)| found_before(check).copied()));
    results.sort_by_key(|result| result.check);
    Ok(CheckRunRow { integration: integration.key(), slot, results })
}

/// Keeps a run, unless another process was faster.
pub(crate) fn keep(batch: &mut Batch<'_>, integration: &Integration, row: &CheckRunRow) -> Result<()> {
    let (key, now) = (integration.key(), batch.now);
    if batch.reader().last_check_run(key)?.is_some_and(|last| last.slot >= row.slot) {
        return Ok(());
    }
    batch.writer().put_check_run(row)?;
    batch.writer().forget_check_runs(key, now.plus_secs(-KEPT_DAYS * 86_400))?;
    let today = domain::time::day_number(integration.rules.zone.date(now));
    batch.writer().forget_use(key.practice, today - USE_DAYS)?;
    batch.effects.causes.insert(key);
    Ok(())
}

/// The checks that are asked of an integration, with their limits.
pub(crate) fn limits(integration: &Integration) -> Vec<(DataCheck, CheckLimit)> {
    let changes = &integration.rules.platform.checks;
    DataCheck::ALL.into_iter().map(|check| (check, limit_of(check, changes))).filter(|(_, limit)| limit.on).collect()
}

/// What the checks of an integration found last: those that are switched on.
pub(crate) fn results_of(reader: &mut dyn Reader, integration: &Integration) -> Result<Vec<CheckResult>> {
    let results = reader.last_check_run(integration.key())?.map(|run| run.results).unwrap_or_default();
    let on = |result: &CheckResult| limit_of(result.check, &integration.rules.platform.checks).on;
    Ok(results.into_iter().filter(on).collect())
}

/// Those of them that fail, with since when.
pub(crate) fn failing(reader: &mut dyn Reader, integration: &Integration) -> Result<Vec<(DataCheck, Moment)>> {
    let failed = |result: CheckResult| {
        (result.state == CheckState::Failed).then(|| (result.check, result.failing_since.unwrap_or(result.at)))
    };
    Ok(results_of(reader, integration)?.into_iter().filter_map(failed).collect())
}
