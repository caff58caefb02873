//! # First final status
//!
//! ## What it checks
//! The platform shows no final status yet that the source has changed since, where the platform keeps the first one.
//!
//! ## Why it matters
//! In the practice system a status can be changed many times; such a platform does not follow. Both sides then differ
//! by design, and somebody at the platform has to decide.
//!
//! ## What to do
//! If the platform should show the later status, change it there by hand.
//!
//! ## Example
//! *Did not show* was sent; a day later the clinic corrects it to *cancelled by client*. The platform stays with *no
//! show*, and the explanation names both.
//!
//! ## Source
//! Requirement S4-19; ambiguity A12 (a later *error* is ignored too).

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, own_statuses};
use crate::reasons::{Family, Reason};
use crate::status::Status;
use crate::time::Moment;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::FirstFinalStatus,
    family: Family::Status,
    side: Side::Platform,
    expects: "no later change of a final status",
    looks_at: LooksAt::Status,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.platform.statuses.first_final_stays {
        return Finding::not_applicable(GATE.id);
    }
    match locked(s) {
        Some(shown) if shown != s.reading.status => {
            let since = s.appointment.first_final.map(|first| first.at);
            let there = s.standing.portal.and_then(|portal| portal.status).map(|given| given.at);
            return finding(s, s.reading.status.word(), shown, there.or(since));
        }
        _ => {}
    }
    let differs = own_statuses(s.rules, s.appointment).find_map(|(id, own)| {
        let first = s.appointment.own_status(id)?.first_final?;
        (first.status != own.status).then_some((id, own.status, first))
    });
    match differs {
        Some((id, now, first)) => finding(s, &format!("{now} for {id}"), first.status, Some(first.at)),
        None => Finding::pass(GATE.id),
    }
}

fn finding(s: &Snapshot<'_>, observed: &str, shown: Status, since: Option<Moment>) -> Finding {
    let finding = Finding::of(GATE.id, Reason::TerminalStatusLocked)
        .observed(observed)
        .about(s.appointment.source_id.clone())
        .detail("shown", shown.word());
    match since {
        Some(since) => finding.detail("since", s.clock(since)),
        None => finding,
    }
}

/// The final status that the platform keeps, if it keeps one.
pub(crate) fn locked(s: &Snapshot<'_>) -> Option<Status> {
    s.standing.status().filter(|shown| s.rules.platform.statuses.first_final_stays && shown.is_ended())
}
