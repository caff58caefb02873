//! Today and tomorrow: the visits that are not safely on the platform, soonest first.

use crate::ops::list_appointments::items;
use crate::ops::{Actor, AppointmentItem};
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::decide::Verdict;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{AppointmentFilter, Page, Reader};

/// What a front desk needs to see first.
#[derive(Clone, Debug, Serialize)]
pub struct Today {
    /// As of when.
    pub as_of: Moment,
    /// How many visits of today and tomorrow are fine, on their way, or need somebody.
    pub counts: TodayCounts,
    /// Those that are not fine, soonest first.
    pub rows: Vec<TodayRow>,
}

/// How many visits of today and tomorrow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TodayCounts {
    /// All that are meant for the platform.
    pub all: usize,
    /// Safely there.
    pub fine: usize,
    /// On their way, on time.
    pub on_the_way: usize,
    /// Somebody has to act.
    pub need_you: usize,
    /// Left out on purpose; not counted among all.
    pub left_out: usize,
}

/// One visit that is not safely there.
#[derive(Clone, Debug, Serialize)]
pub struct TodayRow {
    /// The visit.
    #[serde(flatten)]
    pub item: AppointmentItem,
    /// The practice's integration it belongs to.
    pub practice: Text,
    /// The first patient's record lacks something the desk can add; here is what happens when it does.
    pub desk_can_fix: bool,
}

/// Visits of two days of one integration at most.
const MOST: usize = 5000;

impl Engine {
    /// Today and tomorrow over all integrations that this actor may know of. The view is audited.
    pub async fn show_today(&self, actor: &Actor) -> Result<Today> {
        let book = self.setup();
        let mut integrations: Vec<_> =
            book.integrations().filter(|integration| actor.may_see(&integration.rules.practice)).cloned().collect();
        integrations.sort_by(|a, b| a.rules.integration.cmp(&b.rules.integration));
        let practices: BTreeSet<_> = integrations.iter().map(|integration| integration.key().practice).collect();
        let (sight, now) = (actor.sight(), self.clock.now());
        let mut today = self
            .read(move |reader| {
                let mut today = Today { as_of: now, counts: TodayCounts::default(), rows: Vec::new() };
                for integration in &integrations {
                    look(reader, integration, sight, now, &mut today)?;
                }
                Ok(today)
            })
            .await?;
        today.rows.sort_by_key(|row| (row.item.start, row.item.source_id.clone()));
        // Each practice's log tells who looked at its visits.
        for practice in practices {
            self.note_view(actor, practice, "today".to_owned()).await?;
        }
        Ok(today)
    }
}

fn look(
    reader: &mut dyn Reader,
    integration: &Integration,
    sight: domain::explain::Sight,
    now: Moment,
    today: &mut Today,
) -> Result<()> {
    let zone = &integration.rules.zone;
    let date = zone.date(now);
    let after_tomorrow = date.tomorrow().and_then(|day| day.tomorrow()).unwrap_or(date);
    let filter = AppointmentFilter {
        from: Some(zone.day_start(date)),
        to: Some(zone.day_start(after_tomorrow)),
        ..AppointmentFilter::default()
    };
    let (mut after, mut seen) = (None::<Page>, 0);
    while seen < MOST {
        let page = reader.appointments(integration.key(), &filter, after.as_ref(), 500)?;
        let Some(last) = page.last() else { break };
        after = Some(Page { start: last.row.start, source_id: last.source_id.clone() });
        seen += page.len();
        for listed in page {
            if !count(&mut today.counts, listed.row.verdict) {
                continue;
            }
            for item in items(reader, integration, [listed.source_id], sight, now)? {
                today.rows.push(TodayRow {
                    practice: integration.rules.practice.clone(),
                    desk_can_fix: item
                        .primary
                        .is_some_and(|reason| reason.entry().owner == domain::setup::OwnerRole::Desk),
                    item,
                });
            }
        }
    }
    Ok(())
}

/// Counts a visit; `true` when it belongs on the list.
fn count(counts: &mut TodayCounts, verdict: Verdict) -> bool {
    if verdict == Verdict::Excluded {
        counts.left_out += 1;
        return false;
    }
    counts.all += 1;
    match verdict {
        Verdict::InSync => counts.fine += 1,
        Verdict::OnTime | Verdict::WaitingByRule => counts.on_the_way += 1,
        Verdict::Held | Verdict::Failed | Verdict::ArrivedWrong | Verdict::Unexplained => counts.need_you += 1,
        Verdict::Excluded => {}
    }
    verdict != Verdict::InSync
}
