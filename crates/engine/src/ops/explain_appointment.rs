//! The explanation of one appointment.

use crate::ingest::series_fact;
use crate::ops::answer_why::{FoundAnswer, WhyAnswer, absent_at};
use crate::ops::people::people;
use crate::ops::{Actor, PersonView};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::decide::{Decision, past};
use domain::explain::{Case, Explanation, LineageView, Sight, explain};
use domain::ids::{AppointmentKey, EntryId, EnvelopeId};
use domain::ledger::Entry;
use domain::model::Card;
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::{AppointmentRow, Reader, Stop};

/// So many other visits of a series are named.
const SIBLINGS: usize = 60;
/// So many entries of a timeline are shown; older ones stay in the ledger.
const TIMELINE: usize = 500;

/// An explanation with what a person needs beside it.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// The explanation.
    #[serde(flatten)]
    pub explanation: Explanation,
    /// For each thing to mend: the other visits that the same fix would release.
    pub fix_once: Vec<FixOnce>,
    /// The patients of the visit, as this viewer may see them.
    pub patients: Vec<PersonView>,
    /// Messages named here that retention has removed since: what they said is in the decisions.
    pub messages_removed: Vec<EnvelopeId>,
}

/// What one fix would release.
#[derive(Clone, Debug, Serialize)]
pub struct FixOnce {
    /// The reason.
    pub code: Reason,
    /// What about.
    pub subject: Text,
    /// The cause's id.
    pub cause: Text,
    /// The other visits stopped by it, at most fifty of them.
    pub others: Vec<Text>,
}

impl Engine {
    /// Explains one appointment. The view is audited.
    pub async fn explain_appointment(&self, actor: &Actor, integration: &str, source_id: &str) -> Result<Explained> {
        let integration = self.integration_for(actor, integration)?;
        let key = AppointmentKey { integration: integration.key(), source_id: source_id.into() };
        let (sight, now, practice) = (actor.sight(), self.clock.now(), key.integration.practice);
        let subject = format!("{}/{}", integration.rules.integration, source_id);
        self.decide_kept_about(&key).await?;
        let explained = self
            .read_noting(actor, practice, subject, move |reader, found| {
                let Some(row) = reader.appointment(&key)? else { return Ok(None) };
                found.tell();
                explained_row(reader, &integration, &key, row, sight, now).map(Some)
            })
            .await?;
        explained.ok_or_else(|| Error::NotFound { what: "appointment", id: source_id.into() })
    }
}

impl Engine {
    /// Explains one appointment as it was at a moment of the past, or what its absence meant then. The view is audited.
    /// Settings that are not part of a decision, such as names of owners, are those of today.
    pub async fn explain_appointment_at(
        &self,
        actor: &Actor,
        integration: &str,
        source_id: &str,
        at: Moment,
    ) -> Result<WhyAnswer> {
        let integration = self.integration_for(actor, integration)?;
        if at > self.clock.now() {
            return Err(Error::Invalid(
                "what will be at a moment still to come cannot be told: ask for one that has been, or leave it out"
                    .to_owned(),
            ));
        }
        let key = AppointmentKey { integration: integration.key(), source_id: source_id.into() };
        let (sight, practice) = (actor.sight(), key.integration.practice);
        let subject = format!("{}/{}", integration.rules.integration, source_id);
        let missing = Error::NotFound { what: "appointment", id: source_id.into() };
        let answer = self
            .read_noting(actor, practice, subject, move |reader, found| {
                let Some(row) = reader.appointment(&key)? else { return Ok(None) };
                found.tell();
                answer_at(reader, &integration, &key, &row, sight, at).map(Some)
            })
            .await?;
        answer.ok_or(missing)
    }
}

fn answer_at(
    reader: &mut dyn Reader,
    integration: &Integration,
    key: &AppointmentKey,
    row: &AppointmentRow,
    sight: Sight,
    at: Moment,
) -> Result<WhyAnswer> {
    let mut entries = all_entries(reader, key, row.last)?;
    let first = entries.first().map(|(first, _)| *first);
    entries.retain(|(when, _)| *when <= at);
    let Some(past) = past(integration.rules.platform.confirmed_by, &entries) else {
        return Ok(WhyAnswer::Absent(Box::new(absent_at(reader, integration, key, at, first)?)));
    };
    let case = Case {
        rules: &integration.rules,
        decision: past.decision,
        delivery: &past.delivery,
        // What the platform decided itself stands in one row, which forgets.
        portal: None,
        card: entries.iter().rev().find_map(|(_, entry)| match entry {
            Entry::Decided { decision, .. } => decision.card(),
            _ => None,
        }),
        entries: &entries,
        as_of: at,
    };
    let mut explanation = explain(&case, sight);
    let messages_removed = tell_removed(reader, &mut explanation)?;
    let ids: Vec<Text> = explanation.appointment.participants.iter().map(|person| person.source_id.clone()).collect();
    let patients = people(reader, integration, &ids, sight)?;
    let explained = Explained { explanation, fix_once: Vec::new(), patients, messages_removed };
    Ok(WhyAnswer::Found(Box::new(FoundAnswer { answer: "found", explained })))
}

/// The whole ledger of an appointment, oldest first.
fn all_entries(reader: &mut dyn Reader, key: &AppointmentKey, last: EntryId) -> Result<Vec<(Moment, Entry)>> {
    let (mut entries, mut next) = (Vec::new(), Some(last));
    while let Some(from) = next {
        let page = reader.entries(key, from, TIMELINE)?;
        next = page.last().and_then(|oldest| oldest.prev);
        entries.extend(page.into_iter().map(|stored| (stored.at, stored.entry)));
    }
    entries.reverse();
    Ok(entries)
}

/// Everything stored about an appointment that its explanation needs.
pub(crate) struct Stored {
    pub(crate) row: AppointmentRow,
    pub(crate) decision: Box<Decision>,
    /// The card last asked for, when a decision before the newest one asked for it.
    pub(crate) card: Option<Card>,
    pub(crate) entries: Vec<(Moment, Entry)>,
}

pub(crate) fn stored(reader: &mut dyn Reader, key: &AppointmentKey) -> Result<Option<Stored>> {
    let row = reader.appointment(key)?;
    row.map(|row| stored_row(reader, key, row)).transpose()
}

fn stored_row(reader: &mut dyn Reader, key: &AppointmentKey, row: AppointmentRow) -> Result<Stored> {
    let mut entries: Vec<(Moment, Entry)> =
        reader.entries(key, row.last, TIMELINE)?.into_iter().map(|stored| (stored.at, stored.entry)).collect();
    entries.reverse();
    let decision = match reader.entry(row.decided)?.map(|stored| stored.entry) {
        Some(Entry::Decided { decision, .. }) => decision,
        _ => {
            return Err(store::Error::Unreadable {
                what: "appointment",
                why: "its decision is not in the ledger".to_owned(),
            }
            .into());
        }
    };
    let earlier = row.wished.filter(|wished| *wished != row.decided);
    let card = match earlier.map(|wished| reader.entry(wished)).transpose()?.flatten().map(|stored| stored.entry) {
        Some(Entry::Decided { decision, .. }) => decision.card().cloned(),
        _ => None,
    };
    Ok(Stored { row, decision, card, entries })
}

pub(crate) fn explanation_of(integration: &Integration, stored: &Stored, sight: Sight, now: Moment) -> Explanation {
    let case = Case {
        rules: &integration.rules,
        decision: &stored.decision,
        delivery: &stored.row.delivery,
        portal: stored.row.portal.as_deref(),
        card: stored.card.as_ref(),
        entries: &stored.entries,
        as_of: now,
    };
    explain(&case, sight)
}

pub(crate) fn explained(
    reader: &mut dyn Reader,
    integration: &Integration,
    key: &AppointmentKey,
    sight: Sight,
    now: Moment,
) -> Result<Option<Explained>> {
    let row = reader.appointment(key)?;
    row.map(|row| explained_row(reader, integration, key, row, sight, now)).transpose()
}

fn explained_row(
    reader: &mut dyn Reader,
    integration: &Integration,
    key: &AppointmentKey,
    row: AppointmentRow,
    sight: Sight,
    now: Moment,
) -> Result<Explained> {
    let stored = stored_row(reader, key, row)?;
    let mut explanation = explanation_of(integration, &stored, sight, now);
    if let Some(series) = &explanation.appointment.series {
        let siblings = reader.waiting(key.integration, &series_fact(&series.id), None, SIBLINGS)?;
        let others = siblings.into_iter().filter(|id| *id != key.source_id);
        explanation.lineage.extend(others.map(|source_id| LineageView { relation: "same_series", source_id }));
    }
    let messages_removed = tell_removed(reader, &mut explanation)?;
    let mut fix_once = Vec::new();
    for finding in stored.decision.stops() {
        let Some(reason) = finding.reason() else { continue };
        let stop = Stop { reason, subject: finding.subject().into() };
        let others = reader.stopped_by(key.integration, &stop, None, 51)?;
        fix_once.push(FixOnce {
            code: reason,
            cause: store::cause_id(key.integration, reason, &stop.subject),
            subject: stop.subject,
            others: others.into_iter().filter(|id| *id != key.source_id).take(50).collect(),
        });
    }
    let ids: Vec<Text> = explanation.appointment.participants.iter().map(|person| person.source_id.clone()).collect();
    let patients = people(reader, integration, &ids, sight)?;
    Ok(Explained { explanation, fix_once, patients, messages_removed })
}

/// Says on the timeline which messages are gone; their ids.
fn tell_removed(reader: &mut dyn Reader, explanation: &mut Explanation) -> Result<Vec<EnvelopeId>> {
    let gone = removed(reader, explanation)?;
    for item in &mut explanation.timeline {
        if item.envelope.is_some_and(|id| gone.contains(&id)) {
            item.why.push_str(" The message itself was removed by retention.");
        }
    }
    Ok(gone)
}

/// Messages that an explanation names and that are no longer there. They are removed in the order in which they came.
fn removed(reader: &mut dyn Reader, explanation: &Explanation) -> Result<Vec<EnvelopeId>> {
    let findings = explanation.findings.iter().filter_map(|finding| finding.evidence.envelope);
    let timeline = explanation.timeline.iter().filter_map(|item| item.envelope);
    let mut named: Vec<EnvelopeId> = findings.chain(timeline).collect();
    named.sort_unstable();
    named.dedup();
    if named.is_empty() {
        return Ok(named);
    }
    let oldest = reader.oldest_envelope()?;
    named.retain(|id| oldest.is_none_or(|(oldest, _)| *id < oldest));
    Ok(named)
}
