//! Working off facts that changed: every appointment under each is decided again, page by page.

use crate::Result;
use crate::decide::redecide;
use crate::scribe::Batch;
use crate::tasks::{TaskContext, rest_after};
use domain::gates::WakeKey;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::ledger::Cause;
use domain::text::Text;
use domain::time::Moment;
use store::{AppointmentFilter, FiredRow, Page, WakeScope};

/// So many appointments are decided in one batch; messages that arrive meanwhile wait no longer than that.
const PAGE: usize = 200;

/// Runs until told to stop.
pub(crate) async fn work_off_fired(mut context: TaskContext) {
    loop {
        let more = rest_after("fired", context.scribe.run(one_page).await).await;
        if more == Some(true) {
            continue;
        }
        tokio::select! {
            () = context.courier.fired.notified() => {}
            () = tokio::time::sleep(context.sweeps.facts) => {}
            () = context.stop.requested() => return,
        }
    }
}

/// Decides one page under the oldest changed fact. `true` when there is more to do.
pub(crate) fn one_page(batch: &mut Batch<'_>) -> Result<bool> {
    let Some(fact) = batch.reader().fired(1)?.pop() else { return Ok(false) };
    let place = Place::read(fact.after.as_deref());
    let cause = Cause::Wake { key: fact.wake_key.clone(), why: fact.why.clone() };
    let (keys, next) = match place {
        Place::Waiting(after) => waiting_page(batch, &fact, after.as_deref())?,
        Place::Upcoming(after) => upcoming_page(batch, &fact, after)?,
    };
    for key in keys {
        redecide(batch, &key, &cause)?;
    }
    batch.writer().advance_fired(fact.id, next.map(|place| place.write()).as_deref())?;
    Ok(true)
}

fn waiting_page(
    batch: &mut Batch<'_>,
    fact: &FiredRow,
    after: Option<&str>,
) -> Result<(Vec<AppointmentKey>, Option<Place>)> {
    let mut ids = batch.reader().waiting(fact.integration, &fact.wake_key, after, PAGE)?;
    let next = match ids.last() {
        Some(last) if ids.len() == PAGE => Some(Place::Waiting(Some(last.clone()))),
        _ if fact.scope == WakeScope::Upcoming => Some(Place::Upcoming(None)),
        _ => None,
    };
    // A patient's visits may be fine and still have to follow the patient's record.
    if after.is_none()
        && let Ok(WakeKey::Patient(patient)) = fact.wake_key.parse::<WakeKey>()
    {
        for visit in batch.reader().appointments_of_patient(fact.integration, &patient, PAGE)? {
            if !ids.contains(&visit) {
                ids.push(visit);
            }
        }
    }
    Ok((keys(fact.integration, ids), next))
}

fn upcoming_page(
    batch: &mut Batch<'_>,
    fact: &FiredRow,
    after: Option<Page>,
) -> Result<(Vec<AppointmentKey>, Option<Place>)> {
    // A day back: visits of this morning are still talked about.
    let filter = AppointmentFilter { from: Some(batch.now.plus_secs(-86_400)), ..AppointmentFilter::default() };
    let page = batch.reader().appointments(fact.integration, &filter, after.as_ref(), PAGE)?;
    let next = page
        .last()
        .filter(|_| page.len() == PAGE)
        .map(|last| Place::Upcoming(Some(Page { start: last.row.start, source_id: last.source_id.clone() })));
    Ok((keys(fact.integration, page.into_iter().map(|listed| listed.source_id).collect()), next))
}

fn keys(integration: IntegrationKey, ids: Vec<Text>) -> Vec<AppointmentKey> {
    ids.into_iter().map(|source_id| AppointmentKey { integration, source_id }).collect()
}

/// How far a changed fact has been worked off.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Among those that wait for it: after this source id.
    Waiting(Option<Text>),
    /// Among those still to come: after this row.
    Upcoming(Option<Page>),
}

impl Place {
    fn read(text: Option<&str>) -> Place {
        let Some(text) = text else { return Place::Waiting(None) };
        match text.split_once(' ') {
            Some(("w", id)) => Place::Waiting(Some(id.into())),
            Some(("u", rest)) => {
                Place::Upcoming(rest.split_once(' ').map(|(start, id)| Page {
                    start: start.parse().ok().map(Moment::from_micros),
                    source_id: id.into(),
                }))
            }
            _ => Place::Upcoming(None),
        }
    }

    fn write(&self) -> String {
        match self {
            Place::Waiting(after) => format!("w {}", after.as_deref().unwrap_or_default()),
            Place::Upcoming(None) => "u".to_owned(),
            Place::Upcoming(Some(page)) => match page.start {
                Some(start) => format!("u {} {}", start.micros(), page.source_id),
                None => format!("u - {}", page.source_id),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_what_they_write() {
        let places = [
            Place::Waiting(Some("A 1".into())),
            Place::Upcoming(None),
            Place::Upcoming(Some(Page { start: None, source_id: "A 1".into() })),
            Place::Upcoming(Some(Page { start: Some(Moment::from_micros(17)), source_id: "x".into() })),
        ];
        for place in places {
            assert_eq!(Place::read(Some(&place.write())), place);
        }
        assert_eq!(Place::read(None), Place::Waiting(None));
    }
}
