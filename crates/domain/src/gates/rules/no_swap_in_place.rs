//! # No swap in place
//!
//! ## What it checks
//! Nobody was put in the place of somebody else in one step, where the platform does not register that.
//!
//! ## Why it matters
//! Such a platform goes on showing the one who was taken off, who can still join, and turns the other one away.
//!
//! ## What to do
//! In a group: add the new participant, then remove the unwanted one. For a single patient: mark the visit as entered
//! in error and book a new one.
//!
//! ## Example
//! Ada, Ben and Cai become Ada, Ben and Dee in one change: the card keeps the first three until the two steps are seen.
//!
//! ## Source
//! Requirements S4-7, S4-8, S4-21 to S4-23; ambiguity A1: adding and removing are single steps, replacing is not.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::profile::SwapInPlace;
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::NoSwapInPlace,
    family: Family::Participants,
    side: Side::Platform,
    expects: "participants added and removed in single steps",
    looks_at: LooksAt::Words("nobody put in another's place"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if s.rules.platform.group.swap_in_place == SwapInPlace::Applied {
        return Finding::not_applicable(GATE.id);
    }
    let Some(card) = s.standing.card.filter(|_| !s.ended()) else { return Finding::pass(GATE.id) };
    let on_visit = |id: &str| s.people.iter().any(|person| *person.source_id == *id || *person.named_as() == *id);
    let shown: Vec<&Text> = card.from_source().filter_map(|person| person.source_id.as_ref()).collect();
    let on_card = |id: &Text| shown.contains(&id);
    let gone: Vec<&Text> = shown.iter().copied().filter(|id| !on_visit(id)).collect();
    let fresh: Vec<&Text> = s
        .people
        .iter()
        .filter(|person| !on_card(person.source_id) && !on_card(person.named_as()))
        .map(|person| person.source_id)
        .collect();
    if gone.is_empty() || fresh.is_empty() {
        return Finding::pass(GATE.id);
    }
    let after: Vec<&Text> = s.people.iter().map(|person| person.source_id).collect();
    let single = shown.len() == 1 && after.len() == 1;
    let reason = if single { Reason::OneToOnePatientChanged } else { Reason::ParticipantSwapIgnored };
    let before = names(&shown);
    Finding::of(GATE.id, reason)
        .observed(names(&after))
        .expected(Text::from(format_args!("{before}, or single steps from there")))
        .about(s.appointment.source_id.clone())
        .detail("before", before)
        .detail("after", names(&after))
        .detail("gone", names(&gone))
        .detail("fresh", names(&fresh))
        .wakes_on(WakeKey::Profile)
}

fn names(ids: &[&Text]) -> String {
    ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ")
}
