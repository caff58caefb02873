//! What fixing a cause once would do: which visits would change their verdict, which are past, and who would be told.
//! Nothing is done.

use crate::decide::{Foreseen, foresee_decision};
use crate::notify::foresee;
use crate::ops::Actor;
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::decide::Verdict;
use domain::gates::Finding;
use domain::ids::AppointmentKey;
use domain::reasons::Reason;
use domain::setup::PatientNotices;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::{Reader, Stop};

/// Visits that are looked at, at most.
const MOST: usize = 500;

/// What fixing a cause once would do.
#[derive(Clone, Debug, Serialize)]
pub struct CausePreview {
    /// The cause.
    pub cause: Text,
    /// Its reason.
    pub code: Reason,
    /// What about.
    pub subject: Text,
    /// It is about the feed as a whole: reading goes on, and each visit is decided on by what is read then.
    pub whole_feed: bool,
    /// Who would tell patients: `punctual`, `platform`, `off`.
    pub told_by: PatientNotices,
    /// How many of each.
    pub counts: PreviewCounts,
    /// The visits, in order of their ids.
    pub visits: Vec<PreviewVisit>,
    /// There are more visits than were looked at.
    pub more: bool,
}

/// How many visits of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PreviewCounts {
    /// Looked at.
    pub visits: u64,
    /// Their verdict would be another one.
    pub would_change: u64,
    /// Something else stops them still.
    pub still_stopped: u64,
    /// They have begun already.
    pub past: u64,
    /// Notices to patients that would go out.
    pub notices: u64,
}

/// One visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreviewVisit {
    /// Its id at the source.
    pub source_id: Text,
    /// When it begins.
    pub start: Option<Moment>,
    /// It has begun already.
    pub past: bool,
    /// The verdict now.
    pub from: Verdict,
    /// The verdict then.
    pub to: Verdict,
    /// What would stop it still.
    pub still: Vec<Reason>,
    /// Notices to patients that would go out: `booked`, `moved`, `cancelled`.
    pub notices: Vec<&'static str>,
}

impl Engine {
    /// Says what fixing a cause once would do, without doing anything. The view is audited.
    pub async fn preview_cause(&self, actor: &Actor, id: &str) -> Result<CausePreview> {
        let (integration, seen) = self.cause_for(actor, id).await?;
        let (now, practice) = (self.clock.now(), integration.key().practice);
        let stop = Stop { reason: seen.cause.reason, subject: seen.cause.subject.clone() };
        let preview = CausePreview {
            cause: seen.cause.id.clone(),
            code: stop.reason,
            subject: stop.subject.clone(),
            whole_feed: seen.whole_feed,
            told_by: integration.rules.patient_notices,
            counts: PreviewCounts::default(),
            visits: Vec::new(),
            more: false,
        };
        let looked = self.read(move |reader| look(reader, &integration, &stop, preview, now)).await?;
        self.note_view(actor, practice, looked.cause.to_string()).await?;
        Ok(looked)
    }
}

fn look(
    reader: &mut dyn Reader,
    integration: &Integration,
    stop: &Stop,
    mut preview: CausePreview,
    now: Moment,
) -> Result<CausePreview> {
    let ids = reader.stopped_by(integration.key(), stop, None, MOST + 1)?;
    preview.more = ids.len() > MOST;
    for source_id in ids.into_iter().take(MOST) {
        let key = AppointmentKey { integration: integration.key(), source_id };
        let Some(foreseen) = foresee_decision(reader, integration, &key, Some(stop), now)? else { continue };
        let visit = visit(reader, integration, &key, &foreseen, now)?;
        let counts = &mut preview.counts;
        counts.visits += 1;
        counts.would_change += u64::from(visit.from != visit.to);
        counts.still_stopped += u64::from(!visit.still.is_empty());
        counts.past += u64::from(visit.past);
        counts.notices += visit.notices.len() as u64;
        preview.visits.push(visit);
    }
    Ok(preview)
}

fn visit(
    reader: &mut dyn Reader,
    integration: &Integration,
    key: &AppointmentKey,
    foreseen: &Foreseen,
    now: Moment,
) -> Result<PreviewVisit> {
    let Foreseen { row, decision, verdict } = foreseen;
    let tells = integration.rules.patient_notices == PatientNotices::Punctual;
    let notices = match decision.card().filter(|_| tells) {
        Some(card) => foresee(reader, key, card, row.known, now)?,
        None => Vec::new(),
    };
    let mut still: Vec<Reason> = decision.stops().filter_map(Finding::reason).collect();
    still.dedup();
    Ok(PreviewVisit {
        source_id: key.source_id.clone(),
        start: row.start,
        past: row.start.is_some_and(|start| start < now),
        from: row.verdict,
        to: *verdict,
        still,
        notices: notices.into_iter().map(domain::notice::NoticeKind::word).collect(),
    })
}
