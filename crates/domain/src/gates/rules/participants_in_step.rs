//! # Participants in step
//!
//! ## What it checks
//! Nobody's part in the visit has ended or gone further than the visit itself.
//!
//! ## Why it matters
//! One who does not come must not cancel the group, and a group that goes on must not hide who did not come.
//!
//! ## What to do
//! Nothing. Each participant is shown with a status of their own.
//!
//! ## Example
//! One of five did not show: four stay booked, and so does the visit.
//!
//! ## Source
//! Requirements S4-10 to S4-13; the catalogue of reasons, group J: `PARTICIPANT_VS_VISIT_STATUS`.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, own_statuses};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ParticipantsInStep,
    family: Family::Participants,
    side: Side::Source,
    expects: "every participant as the visit",
    looks_at: LooksAt::Words("no status of single participants"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if s.appointment.own_statuses.is_empty() {
        return Finding::not_applicable(GATE.id);
    }
    let apart: Vec<String> = own_statuses(s.rules, s.appointment)
        .filter(|(_, own)| own.status != s.reading.status)
        .map(|(id, own)| format!("{id} {}", own.status))
        .collect();
    if apart.is_empty() || s.people.len() < 2 {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::ParticipantVsVisitStatus)
        .observed(apart.join(", "))
        .about("")
        .detail("visit", s.reading.status.word())
}
