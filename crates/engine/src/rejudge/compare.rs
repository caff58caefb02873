//! What was decided beside what would be.

use crate::rejudge::scratch::Scratch;
use crate::rejudge::{Difference, Follows, Judged, LISTED, RejudgeCounts};
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::decide::{Decision, Delivery, DeliveryState, Judgement, PatientRead, settle};
use domain::gates::GateId;
use domain::ids::{AppointmentKey, EntryId, EnvelopeId};
use domain::ledger::Entry;
use domain::status::Status;
use domain::time::Moment;
use std::collections::HashSet;
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
    /// The platform has a card of it by now.
    is_shown: bool,
    /// People or the platform said something of it: no message tells that.
    said_elsewhere: bool,
    decision: Box<Decision>,
}

/// Whose decisions are compared with those of a scratch world.
pub(super) struct Compares<'c> {
    pub(super) real: &'c Engine,
    pub(super) integration: &'c Arc<Integration>,
    /// Decisions up to here.
    pub(super) until: Moment,
    /// Messages that could not be read again.
    pub(super) not_read: &'c HashSet<EnvelopeId>,
}

impl Compares<'_> {
    /// Compares every visit of the scratch world, but those that only stand beside others, with what was decided.
    pub(super) async fn with(&self, scratch: &Scratch, counts: &mut RejudgeCounts) -> Result<Compared> {
        let until = self.until;
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
            let (mut visits, next) = page.await?;
            visits.retain(|visit| !scratch.carried.is_context(&visit.source_id));
            let key = self.integration.key();
            let pairs = self.real.read(move |reader| {
                let mut pairs = Vec::new();
                for visit in visits {
                    let key = AppointmentKey { integration: key, source_id: visit.source_id.clone() };
                    pairs.push((decided(reader, &key, until)?, visit));
                }
                Ok(pairs)
            });
            for (before, now) in pairs.await? {
                counts.visits += 1;
                if before.as_ref().is_some_and(|before| !self.is_told_whole(before, &now)) {
                    counts.not_compared += 1;
                    continue;
                }
                match difference(self.integration, before.as_ref(), &now) {
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

    /// Whether the messages that were judged again, and what was known before them, tell all that was known of a
    /// visit. One that vanished from a list was told of by no message, nor what people decided; and what stood in a
    /// message that cannot be read is not known.
    fn is_told_whole(&self, before: &Decided, now: &Decided) -> bool {
        let (was, is) = (&before.decision.appointment, &now.decision.appointment);
        let vanished = before.decision.status == Status::Removed && now.decision.status != Status::Removed;
        let unread = self.not_read.contains(&was.envelope);
        // A record that was read then, and that none of these messages tells.
        let lacks = |read: &PatientRead| {
            let heard = now.decision.patient_reads.iter().any(|now| now.source_id == read.source_id && is_told(now));
            is_told(read) && (!heard || self.not_read.contains(&read.envelope))
        };
        was.first_received == is.first_received
            && was.taken_over == is.taken_over
            && !vanished
            && !unread
            && !before.said_elsewhere
            && !before.decision.patient_reads.iter().any(lacks)
    }
}

/// Some message told of the patient; otherwise they are only known to have an account.
fn is_told(read: &PatientRead) -> bool {
    read.envelope != EnvelopeId(0)
}

/// The newest decision about a visit that was made before a moment.
fn decided(reader: &mut dyn Reader, key: &AppointmentKey, until: Moment) -> Result<Option<Decided>> {
    let Some(row) = reader.appointment(key)? else { return Ok(None) };
    let found = |decision: Box<Decision>| Decided {
        source_id: key.source_id.clone(),
        is_shown: row.shown.is_some(),
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
        follows: follows(before, &now.decision),
    })
}

/// What would follow if it were judged so for real.
fn follows(before: Option<&Decided>, now: &Decision) -> Follows {
    let was_over = before.is_some_and(|before| before.decision.status.is_ended());
    let is_shown = before.is_some_and(|before| before.is_shown || before.decision.judgement.shows());
    match now.judgement {
        Judgement::Show | Judgement::ShowMisfiled if is_shown && now.status.is_ended() && !was_over => {
            Follows::TakenBack
        }
        Judgement::Show | Judgement::ShowMisfiled => Follows::Sent,
        Judgement::Hold | Judgement::Wait | Judgement::Exclude if is_shown => Follows::Stays,
        Judgement::Hold => Follows::Held,
        Judgement::Wait => Follows::Waits,
        Judgement::Exclude => Follows::LeftOut,
    }
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
