//! What was decided beside what would be.

use crate::rejudge::scratch::Scratch;
use crate::rejudge::{Difference, Judged, LISTED, RejudgeCounts};
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::decide::{Decision, Delivery, DeliveryState, settle};
use domain::gates::GateId;
use domain::ids::{AppointmentKey, EntryId};
use domain::ledger::Entry;
use domain::status::Status;
use domain::time::Moment;
use std::sync::Arc;
use store::{AppointmentFilter, Page, Reader};

/// Visits that are compared at a time.
const VISITS: usize = 200;
/// Entries of a visit that are read at a time, newest first.
const ENTRIES: usize = 50;

/// What differs.
pub(super) struct Compared {
    pub(super) differences: Vec<Difference>,
    pub(super) more: bool,
}

/// A visit with the decision about it, the newest up to a moment.
struct Decided {
    source_id: domain::text::Text,
    booked_at: Moment,
    /// People or the platform said something of it: no message tells that.
    said_elsewhere: bool,
    decision: Box<Decision>,
}

/// Compares every visit of the scratch world with what was decided up to a moment.
pub(super) async fn compare(
    real: &Engine,
    integration: &Arc<Integration>,
    scratch: &Scratch,
    until: Moment,
    counts: &mut RejudgeCounts,
) -> Result<Compared> {
    let (mut compared, mut after) = (Compared { differences: Vec::new(), more: false }, None);
    loop {
        let (here, place) = (scratch.integration().key(), after.take());
        let page = scratch.engine().read(move |reader| {
            let rows = reader.appointments(here, &AppointmentFilter::default(), place.as_ref(), VISITS)?;
            let next = rows.last().map(|row| Page { start: row.row.start, source_id: row.source_id.clone() });
            let mut visits = Vec::new();
            for row in &rows {
                let key = AppointmentKey { integration: here, source_id: row.source_id.clone() };
                visits.extend(decided(reader, &key, until)?);
            }
            Ok((visits, next.filter(|_| rows.len() == VISITS)))
        });
        let (visits, next) = page.await?;
        let key = integration.key();
        let pairs = real.read(move |reader| {
            let mut pairs = Vec::new();
            for visit in visits {
                let key = AppointmentKey { integration: key, source_id: visit.source_id.clone() };
                pairs.push((decided(reader, &key, until)?, visit));
            }
            Ok(pairs)
        });
        for (before, now) in pairs.await? {
            counts.visits += 1;
            if before.as_ref().is_some_and(|before| !is_told_whole(before, &now)) {
                counts.not_compared += 1;
                continue;
            }
            match difference(integration, before.as_ref(), &now) {
                None => counts.same += 1,
                Some(difference) => {
                    counts.different += 1;
                    compared.more |= compared.differences.len() == LISTED;
                    if compared.differences.len() < LISTED {
                        compared.differences.push(difference);
                    }
                }
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(compared),
        }
    }
}

/// The newest decision about a visit that was made before a moment.
fn decided(reader: &mut dyn Reader, key: &AppointmentKey, until: Moment) -> Result<Option<Decided>> {
    let Some(row) = reader.appointment(key)? else { return Ok(None) };
    let found = |decision: Box<Decision>| Decided {
        source_id: key.source_id.clone(),
        booked_at: row.booked_at,
        said_elsewhere: row.portal.is_some() || !decision.appointment.rulings.is_empty(),
        decision,
    };
    let mut from = row.last;
    loop {
        let entries = reader.entries(key, from, ENTRIES)?;
        let oldest = entries.last().and_then(|entry| entry.prev);
        for stored in entries {
            if let (true, Entry::Decided { decision, .. }) = (stored.at <= until, stored.entry) {
                return Ok(Some(found(decision)));
            }
        }
        match oldest {
            Some(older) if older != EntryId(0) => from = older,
            _ => return Ok(None),
        }
    }
}

/// Whether the messages that were judged again tell all that was known of a visit. One that began before them has
/// another first message; one that vanished from a list was told of by no message, nor what people decided.
fn is_told_whole(before: &Decided, now: &Decided) -> bool {
    let vanished = before.decision.status == Status::Removed && now.decision.status != Status::Removed;
    let taken_over = before.decision.appointment.taken_over != now.decision.appointment.taken_over;
    before.booked_at == now.booked_at && !vanished && !taken_over && !before.said_elsewhere
}

/// How a decision ends once the platform has done its part.
fn judged(integration: &Integration, decision: &Decision) -> Judged {
    let delivery = Delivery {
        state: DeliveryState::Confirmed,
        wanted: decision.version,
        accepted: decision.version,
        ..Delivery::default()
    };
    let confirmed_by = integration.rules.platform.confirmed_by;
    let (verdict, code) = settle(confirmed_by, decision.judgement, decision.primary, &delivery);
    Judged { verdict, code }
}

fn difference(integration: &Integration, before: Option<&Decided>, now: &Decided) -> Option<Difference> {
    let after = judged(integration, &now.decision);
    let was = before.map(|before| judged(integration, &before.decision));
    if was == Some(after) {
        return None;
    }
    Some(Difference {
        source_id: now.source_id.clone(),
        start: now.decision.appointment.start(),
        before: was,
        after,
        gate: before.and_then(|before| first_gate(&before.decision, &now.decision)),
    })
}

/// The first gate that says something else than it did.
fn first_gate(before: &Decision, after: &Decision) -> Option<&'static str> {
    let said = |decision: &Decision, gate: GateId| {
        let finding = decision.findings.iter().find(|finding| finding.gate == gate);
        finding.map(|finding| (finding.state, finding.reason()))
    };
    let differs = |gate: &GateId| said(before, *gate) != said(after, *gate);
    after.findings.iter().map(|finding| finding.gate).find(differs).map(GateId::name)
}
