//! "Why isn't it there?", also for a visit that nobody here has ever seen.

use crate::ops::explain_appointment::explained;
use crate::ops::list_appointments::items;
use crate::ops::polling::window_read;
use crate::ops::search::find;
use crate::ops::{Actor, AppointmentItem, Explained};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::gates::name_key;
use domain::ids::{AppointmentKey, EnvelopeId};
use domain::ledger::Entry;
use domain::polling::{PollState, ReadKind};
use domain::setup::Lifecycle;
use domain::text::Text;
use domain::time::Moment;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use store::{AppointmentFilter, CoverageRow, Reader};

/// What somebody on the phone knows of a visit.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WhyAsked {
    /// For whom.
    #[serde(default)]
    pub patient: Option<PatientAsked>,
    /// When it should be.
    #[serde(default)]
    pub start: Option<StartAsked>,
    /// By whom: the source's id.
    #[serde(default)]
    pub provider: Option<Text>,
    /// The source's id of the visit.
    #[serde(default)]
    pub source_id: Option<Text>,
    /// Anything a person types.
    #[serde(default)]
    pub q: Option<Text>,
    /// When it was booked, if known: how far back reading must be proven.
    #[serde(default)]
    pub booked_at: Option<Moment>,
}

/// A start as people tell it: an instant, or a time on the clinic's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum StartAsked {
    /// `2026-11-24T16:00:00Z`.
    At(Moment),
    /// `2026-11-24T10:00`, where the clinic is.
    Local(DateTime),
}

impl StartAsked {
    /// Reads either form.
    pub fn read(text: &str) -> Option<StartAsked> {
        let at = text.parse::<jiff::Timestamp>().map(|at| StartAsked::At(at.into()));
        at.or_else(|_| text.parse().map(StartAsked::Local)).ok()
    }

    /// The instant. A local time that the clock shows twice means the first, one that it skips the time after.
    fn moment(self, integration: &Integration) -> Moment {
        match self {
            StartAsked::At(moment) => moment,
            StartAsked::Local(local) => integration.rules.zone.place(local).moment,
        }
    }
}

/// A patient as asked about: by id, or by name and birth date.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct PatientAsked {
    #[serde(default)]
    pub source_id: Option<Text>,
    #[serde(default)]
    pub name: Option<Text>,
    #[serde(default)]
    pub birth_date: Option<Date>,
}

/// The answer: the visit found, or what its absence means.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum WhyAnswer {
    /// It is known.
    Found(Box<FoundAnswer>),
    /// It is not.
    Absent(Box<AbsenceAnswer>),
}

/// A visit that is known.
#[derive(Clone, Debug, Serialize)]
pub struct FoundAnswer {
    /// `found`.
    pub answer: &'static str,
    /// Its explanation.
    #[serde(flatten)]
    pub explained: Explained,
}

/// What the absence of a visit means.
#[derive(Clone, Debug, Serialize)]
pub struct AbsenceAnswer {
    /// `never_received`, `not_yet_looked`, `read_incomplete`, `integration_not_live` or `unsupported_source`.
    pub answer: &'static str,
    /// The same in a sentence.
    pub sentence: String,
    /// The proof of reading.
    pub coverage: Vec<CoverageView>,
    /// Messages of that time that were kept and could not be applied; the visit may be in one of them. The newest ones.
    pub set_aside: Vec<SetAsideView>,
    /// Visits that come near.
    pub nearest: Vec<AppointmentItem>,
}

/// A stretch that was read.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct CoverageView {
    pub feed: Text,
    pub from: Moment,
    pub to: Moment,
    pub read_at: Moment,
    pub complete: bool,
}

/// A message that was kept and could not be applied.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct SetAsideView {
    pub at: Moment,
    pub envelope: EnvelopeId,
    /// Why, without patient data.
    pub reason: Option<Text>,
}

/// So many set-aside messages are named.
const SET_ASIDE: usize = 20;
/// Two starts within a minute are the same start.
const SAME_START_SECS: i64 = 60;

impl Engine {
    /// Answers for one visit, known or not. The view is audited.
    pub async fn answer_why(&self, actor: &Actor, integration: &str, asked: WhyAsked) -> Result<WhyAnswer> {
        let integration = self.integration_for(actor, integration)?;
        if asked.patient.is_none()
            && asked.start.is_none()
            && asked.provider.is_none()
            && asked.q.is_none()
            && asked.source_id.is_none()
        {
            return Err(Error::Invalid(
                "say which visit is meant: a patient, a start, a provider, an id, or anything to search by".to_owned(),
            ));
        }
        let (sight, now) = (actor.sight(), self.clock.now());
        let (practice, subject) = (integration.key().practice, format!("{}/why", integration.rules.integration));
        self.decide_all_kept().await?;
        self.read_noting(actor, practice, subject, move |reader, found| {
            found.tell();
            let candidates = candidates(reader, &integration, &asked)?;
            let exact = candidates.iter().find(|candidate| candidate.fits);
            if let Some(found) = exact {
                let key = AppointmentKey { integration: integration.key(), source_id: found.source_id.clone() };
                if let Some(explained) = explained(reader, &integration, &key, sight, now)? {
                    return Ok(WhyAnswer::Found(Box::new(FoundAnswer { answer: "found", explained })));
                }
            }
            let near = candidates.into_iter().take(5).map(|candidate| candidate.source_id);
            let nearest = items(reader, &integration, near, sight, now)?;
            Ok(WhyAnswer::Absent(Box::new(absence(reader, &integration, &asked, nearest, now)?)))
        })
        .await
    }
}

struct Near {
    source_id: Text,
    /// Everything that was asked is true of it.
    fits: bool,
    distance_secs: i64,
}

/// Visits that what was asked may mean, the nearest first.
fn candidates(reader: &mut dyn Reader, integration: &Integration, asked: &WhyAsked) -> Result<Vec<Near>> {
    let key = integration.key();
    let asked_start = asked.start.map(|start| start.moment(integration));
    let patients = patients(reader, integration, asked.patient.as_ref())?;
    let mut ids: Vec<Text> = Vec::new();
    if let Some(id) = &asked.source_id {
        ids.push(id.clone());
    }
    for patient in patients.iter().flatten() {
        ids.extend(reader.appointments_of_patient(key, patient, 200)?);
    }
    if let Some(q) = &asked.q {
        ids.extend(find(reader, integration, q)?);
    }
    if let Some(start) = asked_start {
        let around = AppointmentFilter {
            from: Some(start.plus_secs(-12 * 3600)),
            to: Some(start.plus_secs(12 * 3600)),
            ..AppointmentFilter::default()
        };
        // Without a patient or a search the start is what leads to the visit; with one it only tells how near it is.
        if asked.patient.is_none() && asked.q.is_none() && asked.source_id.is_none() {
            ids.extend(reader.appointments(key, &around, None, 200)?.into_iter().map(|listed| listed.source_id));
        }
    }
    let mut near: Vec<Near> = Vec::new();
    for source_id in ids {
        if near.iter().any(|known| known.source_id == source_id) {
            continue;
        }
        let Some(row) = reader.appointment(&AppointmentKey { integration: key, source_id: source_id.clone() })? else {
            continue;
        };
        let Some(Entry::Decided { decision, .. }) = reader.entry(row.decided)?.map(|stored| stored.entry) else {
            continue;
        };
        let appointment = &decision.appointment;
        let distance_secs = match (asked_start, appointment.start()) {
            (Some(asked), Some(start)) => start.secs_since(asked).abs(),
            (Some(_), None) => i64::MAX,
            (None, _) => 0,
        };
        let provider =
            asked.provider.as_ref().is_none_or(|asked| appointment.providers.members().any(|p| p.source_id == *asked));
        let patient = patients
            .as_ref()
            .is_none_or(|known| appointment.participants.members().any(|member| known.contains(&member.source_id)));
        let fits = distance_secs <= SAME_START_SECS && provider && patient;
        near.push(Near {
            source_id,
            fits,
            distance_secs: distance_secs.saturating_add(if provider { 0 } else { 3600 }),
        });
    }
    near.sort_by_key(|candidate| (!candidate.fits, candidate.distance_secs));
    Ok(near)
}

/// The source ids of the patient asked about; `None`: no patient was asked about.
fn patients(
    reader: &mut dyn Reader,
    integration: &Integration,
    asked: Option<&PatientAsked>,
) -> Result<Option<Vec<Text>>> {
    let Some(asked) = asked else { return Ok(None) };
    let mut ids: Vec<Text> = asked.source_id.iter().cloned().collect();
    if let Some(name) = &asked.name {
        for (family, given) in readings(name) {
            let rows = match asked.birth_date {
                Some(birth_date) => {
                    reader.patients_named(integration.key(), &name_key(family, given, birth_date), 20)?
                }
                None => reader.patients_like(integration.key(), &crate::decide::name_query(family, given), 20)?,
            };
            ids.extend(rows.into_iter().map(|row| row.patient.source_id));
        }
    }
    Ok(Some(ids))
}

/// The ways in which a full name can be family and given name.
fn readings(name: &str) -> Vec<(&str, &str)> {
    if let Some((family, given)) = name.split_once(',') {
        return vec![(family.trim(), given.trim())];
    }
    let mut readings = Vec::new();
    for (at, _) in name.match_indices(' ') {
        let (first, second) = (name[..at].trim(), name[at..].trim());
        readings.extend([(second, first), (first, second)]);
    }
    readings
}

fn absence(
    reader: &mut dyn Reader,
    integration: &Integration,
    asked: &WhyAsked,
    nearest: Vec<AppointmentItem>,
    now: Moment,
) -> Result<AbsenceAnswer> {
    let rules = &integration.rules;
    let since = asked.booked_at.unwrap_or(rules.lifecycle_since.min(now));
    let mut rows = reader.coverage(rules.key, since, now)?;
    let mut set_aside = reader.envelopes_not_applied(rules.key, since, SET_ASIDE)?;
    // A moment of the past may be asked about: what came later was not known.
    set_aside.retain(|envelope| envelope.at <= now);
    for row in &mut rows {
        (row.to, row.read_at) = (row.to.min(now), row.read_at.min(now));
    }
    // What was read and not understood was not read completely.
    for row in &mut rows {
        row.complete &= !set_aside.iter().any(|envelope| row.from <= envelope.at && envelope.at <= row.to);
    }
    let coverage = rows
        .iter()
        .map(|row| CoverageView {
            feed: row.feed.clone(),
            from: row.from,
            to: row.to,
            read_at: row.read_at,
            complete: row.complete,
        })
        .collect();
    let set_aside: Vec<_> = set_aside
        .into_iter()
        .map(|envelope| SetAsideView { at: envelope.at, envelope: envelope.id, reason: envelope.note })
        .collect();
    let newest = set_aside.first().cloned();
    let answer = |answer, sentence| AbsenceAnswer { answer, sentence, coverage, set_aside, nearest };
    if !rules.supported {
        let sentence = format!(
            "The platform does not work with {}, so nothing from there is taken in.",
            rules.source.profile.name
        );
        return Ok(answer("unsupported_source", sentence));
    }
    if rules.lifecycle != Lifecycle::Live {
        let sentence = format!("The integration is {}, not live: {}.", rules.lifecycle, rules.lifecycle.outstanding());
        return Ok(answer("integration_not_live", sentence));
    }
    let start = asked.start.map(|start| start.moment(integration));
    let polled = reader.poll(rules.key)?;
    let (word, sentence) = match newest.filter(|_| !rows.is_empty()) {
        Some(newest) => ("read_incomplete", not_understood(integration, &newest)),
        None if polled.is_some() => {
            let about = start.unwrap_or(now);
            let windows = reader.coverage(rules.key, about, about)?;
            let state = polled.map(|poll| poll.state).unwrap_or_default();
            proof_by_asking(integration, &state, &rows, &windows, asked.booked_at, start, now)
        }
        None => proof(integration, &rows, asked.booked_at, start, now),
    };
    Ok(answer(word, sentence))
}

/// What the absence of a visit meant at a moment of the past. `received`: when it was first heard of.
pub(super) fn absent_at(
    reader: &mut dyn Reader,
    integration: &Integration,
    key: &AppointmentKey,
    at: Moment,
    received: Option<Moment>,
) -> Result<AbsenceAnswer> {
    let asked = WhyAsked { source_id: Some(key.source_id.clone()), ..WhyAsked::default() };
    let mut answer = absence(reader, integration, &asked, Vec::new(), at)?;
    if let Some(received) = received {
        let clock = |moment| domain::explain::clock(&integration.rules, None, moment);
        let came = format!("It was first heard of on {}; on {} it was not known.", clock(received), clock(at));
        answer.sentence = format!("{came} As of then: {}", answer.sentence);
    }
    Ok(answer)
}

/// What reading by asking proves about a visit that was never seen: that every visit of its time was listed,
/// completely, and that since then either the changes were read without a gap or nothing can have been booked. Without
/// a start: the same of all windows.
fn proof_by_asking(
    integration: &Integration,
    state: &PollState,
    rows: &[CoverageRow],
    windows: &[CoverageRow],
    booked_at: Option<Moment>,
    start: Option<Moment>,
    now: Moment,
) -> (&'static str, String) {
    let clock = |moment| domain::explain::clock(&integration.rules, None, moment);
    let trouble = state.trouble(1).map_or(String::new(), |trouble| {
        format!(" It could not be read since {}: {}.", clock(trouble.since), trouble.what)
    });
    let listed = match start {
        Some(start) => match window_read(windows, start) {
            Some(row) if !row.complete => {
                let sentence = format!(
                    "The practice system listed the visits of that time on {}, but not completely, so the visit may be there and not here.{trouble}",
                    clock(row.read_at)
                );
                return ("read_incomplete", sentence);
            }
            row => row.map(|row| row.read_at),
        },
        None => {
            let near = state.feed(ReadKind::Near).complete;
            near.and_then(|near| state.feed(ReadKind::Far).complete.map(|far| near.min(far)))
        }
    };
    let Some(listed) = listed else {
        let sentence = format!("The visits of that time have not been read from the practice system yet.{trouble}");
        return ("not_yet_looked", sentence);
    };
    // Changes that were read without a gap since then go on from there.
    let unbroken = |row: &&CoverageRow| {
        row.feed == *ReadKind::Changes.word() && row.complete && row.from <= listed && row.to >= listed
    };
    let proven_to = rows.iter().filter(unbroken).map(|row| row.to).max().unwrap_or(listed);
    let patience = crate::ops::list_integrations::feed_patience(integration, true);
    if booked_at.is_some_and(|booked| booked > proven_to) || now.secs_since(proven_to) > patience {
        let sentence = format!(
            "The practice system has been read completely only up to {}; what was booked since may still come.{trouble}",
            clock(proven_to)
        );
        return ("not_yet_looked", sentence);
    }
    let sentence = format!(
        "It was never received: the practice system listed the visits of that time completely on {}, nothing was missed up to {}, and it was not there.",
        clock(listed),
        clock(proven_to)
    );
    ("never_received", sentence)
}

fn not_understood(integration: &Integration, message: &SetAsideView) -> String {
    let at = domain::explain::clock(&integration.rules, None, message.at);
    let why = message.reason.as_ref().map_or(String::new(), |why| format!(": {}", why.trim_end_matches('.')));
    format!(
        "A message that came on {at} was kept and could not be applied{why}. The visit may be in it, so nothing can be said for sure."
    )
}

/// What the coverage proves about a visit that was never seen. Absence needs proof: complete reading without a gap from
/// the booking up to now. When nobody knows when it was booked, that is from the beginning of reading, or, for a visit
/// that had started by then, from its start: whatever was said of it was said before.
fn proof(
    integration: &Integration,
    rows: &[CoverageRow],
    booked_at: Option<Moment>,
    start: Option<Moment>,
    now: Moment,
) -> (&'static str, String) {
    let clock = |moment| domain::explain::clock(&integration.rules, None, moment);
    let Some(first) = rows.first() else {
        return (
            "not_yet_looked",
            "Nothing has been read from the practice system in the time in question, so nothing can be said yet."
                .to_owned(),
        );
    };
    if let Some(hole) = rows.iter().rfind(|row| !row.complete) {
        let sentence = format!(
            "The practice system was read, but not completely (not all that came from {} to {} is here), so the visit may be there and not here.",
            clock(hole.from),
            clock(hole.to)
        );
        return ("read_incomplete", sentence);
    }
    // A stretch is current when it was proven up to a moment ago: twice the silence that proves a channel empty.
    let patience = i64::from(integration.rules.source.hl7v2.quiet_secs).max(30) * 2;
    let mut proven_from = first.from;
    let mut proven_to = first.to;
    for row in &rows[1..] {
        if row.from.secs_since(proven_to) > patience {
            proven_from = row.from;
        }
        proven_to = proven_to.max(row.to);
    }
    if now.secs_since(proven_to) > patience {
        let sentence = format!(
            "The practice system has been read completely only up to {}; what was booked since may still come.",
            clock(proven_to)
        );
        return ("not_yet_looked", sentence);
    }
    let began = booked_at.or(start.filter(|start| *start < first.from)).unwrap_or(first.from);
    if proven_from > began {
        let sentence = format!(
            "Reading is complete since {}, but not before: a visit booked earlier may have been missed while the channel was down.",
            clock(proven_from)
        );
        return ("not_yet_looked", sentence);
    }
    let sentence = format!(
        "It was never received: everything the practice system sent from {} to {} was read completely, and it was not there.",
        clock(proven_from),
        clock(proven_to)
    );
    ("never_received", sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_both_ways_round() {
        assert_eq!(readings("Ada Okafor"), [("Okafor", "Ada"), ("Ada", "Okafor")]);
        assert_eq!(readings("Okafor, Ada"), [("Okafor", "Ada")]);
        assert_eq!(
            readings("Ana de Souza"),
            [("de Souza", "Ana"), ("Ana", "de Souza"), ("Souza", "Ana de"), ("Ana de", "Souza")]
        );
        assert!(readings("Ada").is_empty());
    }
}
