//! The data-quality checks of an integration: what each measures, its limit, what it found last and before
//! (requirement S3-22).

use crate::checks::results_of;
use crate::ops::{Actor, CauseOwner};
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::checks::{CheckResult, CheckState, DataCheck, Unit, limit_of};
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Reader, cause_id};

/// Days of results that are told at once.
const DAYS: i64 = 30;
/// Runs of so many days at most: one an hour.
const RUNS: usize = 30 * 24;

/// The checks of an integration.
#[derive(Clone, Debug, Serialize)]
pub struct CheckList {
    /// Results from here on are told.
    pub since: Moment,
    /// Every check, whether it is switched on or not.
    pub items: Vec<CheckItem>,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct CheckItem {
    /// Its name.
    pub check: DataCheck,
    /// As people call it.
    pub label: &'static str,
    /// What it measures.
    pub measures: &'static str,
    /// In what.
    pub unit: Unit,
    /// It fails above this.
    pub most: u32,
    /// It is asked once in so many hours; while it fails, every hour.
    pub every_hours: u32,
    /// It is asked at all.
    pub on: bool,
    /// A profile or the practice changed it.
    pub changed: bool,
    /// How it stands; nothing: it was not asked yet.
    pub state: Option<CheckState>,
    /// When it was asked last.
    pub at: Option<Moment>,
    /// Since when it fails without a break.
    pub failing_since: Option<Moment>,
    /// The value that is compared with the limit.
    pub value: Option<u64>,
    /// Those that are not as they should be.
    pub found: Option<u64>,
    /// Of so many that were looked at.
    pub of: Option<u64>,
    /// There were more than were looked at.
    pub cut_short: bool,
    /// Who acts when it fails.
    pub owner: CauseOwner,
    /// What they do next.
    pub next_step: &'static str,
    /// The item that is open while it fails.
    pub cause: Option<Text>,
    /// What it found before, newest first.
    pub history: Vec<CheckPoint>,
}

/// One result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CheckPoint {
    /// When.
    pub at: Moment,
    /// The value that is compared with the limit.
    pub value: u64,
    /// Those that are not as they should be.
    pub found: u64,
    /// Of so many.
    pub of: u64,
    /// The limit that held.
    pub most: u32,
    /// Whether it passed.
    pub state: CheckState,
}

impl CheckPoint {
    fn of(result: &CheckResult) -> CheckPoint {
        let CheckResult { at, found, of, most, state, .. } = *result;
        CheckPoint { at, value: result.value(), found, of, most, state }
    }
}

impl Engine {
    /// The checks of an integration, with what they found in the last thirty days.
    pub async fn list_checks(&self, actor: &Actor, integration: &str) -> Result<CheckList> {
        let integration = self.integration_for(actor, integration)?;
        let since = self.clock.now().plus_secs(-DAYS * 86_400);
        self.read(move |reader| list(reader, &integration, since)).await
    }
}

fn list(reader: &mut dyn Reader, integration: &Integration, since: Moment) -> Result<CheckList> {
    let last = results_of(reader, integration)?;
    // A run holds what earlier runs found of checks that were not due: each result counts once.
    let mut points: BTreeMap<(DataCheck, Moment), CheckPoint> = BTreeMap::new();
    for run in reader.check_runs(integration.key(), since, RUNS)? {
        points.extend(run.results.iter().map(|result| ((result.check, result.at), CheckPoint::of(result))));
    }
    let owner = |check: DataCheck| {
        let path = integration.rules.path_for(Reason::DataCheckFailed, check.word());
        let nobody = CauseOwner { role: Reason::DataCheckFailed.entry().owner, name: None };
        path.into_iter().next().map_or(nobody, CauseOwner::of)
    };
    let item = |check: DataCheck| {
        let limit = limit_of(check, &integration.rules.platform.checks);
        let result = last.iter().find(|result| result.check == check);
        let failed = result.filter(|result| result.state == CheckState::Failed);
        CheckItem {
            check,
            label: check.label(),
            measures: check.measures(),
            unit: check.unit(),
            most: limit.most,
            every_hours: limit.every_hours,
            on: limit.on,
            changed: limit.changed,
            state: result.map(|result| result.state),
            at: result.map(|result| result.at),
            failing_since: result.and_then(|result| result.failing_since),
            value: result.map(CheckResult::value),
            found: result.map(|result| result.found),
            of: result.map(|result| result.of),
            cut_short: result.is_some_and(|result| result.cut_short),
            owner: owner(check),
            next_step: check.next_step(),
            cause: failed.map(|_| cause_id(integration.key(), Reason::DataCheckFailed, check.word())),
            history: points.iter().rev().filter(|((of, _), _)| *of == check).map(|(_, point)| *point).collect(),
        }
    };
    Ok(CheckList { since, items: DataCheck::ALL.into_iter().map(item).collect() })
}
