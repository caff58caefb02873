//! # Group within limit
//!
//! ## What it checks
//! No more people take part in the visit than the platform takes in one visit.
//!
//! ## Why it matters
//! Whoever sends the first twenty-five of twenty-six leaves somebody in front of a closed door, and nobody knows whom.
//!
//! ## What to do
//! Split the visit in the practice system. Each part is then sent by itself.
//!
//! ## Example
//! A group of 26 on a platform for 25 is held with both numbers; when one person is taken off, it goes.
//!
//! ## Source
//! Requirement S4-3.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::GroupWithinLimit,
    family: Family::Participants,
    side: Side::Platform,
    expects: "no more participants than the platform takes",
    looks_at: LooksAt::Words("within the limit"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let Some(limit) = s.rules.platform.group.max_participants else { return Finding::not_applicable(GATE.id) };
    let count = s.appointment.participants.members().count();
    let observed = Text::from(format_args!("{count}"));
    if count <= usize::try_from(limit).unwrap_or(usize::MAX) {
        return Finding::passing_with(GATE.id, observed);
    }
    Finding::of(GATE.id, Reason::GroupLimitExceeded)
        .observed(observed)
        .expected(Text::from(format_args!("at most {limit}")))
        .about(s.appointment.source_id.clone())
        .wakes_on(WakeKey::Profile)
}
