//! # E-mail on the visit
//!
//! ## What it checks
//! A visit still to come is shown under the patient's present e-mail address, where a change of the address reaches new
//! visits only.
//!
//! ## Why it matters
//! The invitation to a visit that was shown before the change still goes to the old address.
//!
//! ## What to do
//! Update each of the visits that the task counts on the platform, by hand; then say so, or let the platform tell us.
//!
//! ## Example
//! Three visits are shown; the address changes. The fourth visit has the new one, the three wait in one task.
//!
//! ## Source
//! Requirements S4-14, S4-15.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Person, Side, Snapshot, Source, WakeKey};
use crate::phi::Phi;
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::EmailOnVisit,
    family: Family::Patient,
    side: Side::Platform,
    expects: "the patient's present e-mail address on the visit",
    looks_at: LooksAt::Words("the present address"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.platform.email.old_visits_keep {
        return Finding::not_applicable(GATE.id);
    }
    let start = s.appointment.start();
    if s.ended() || start.is_some_and(|start| start <= s.marks.now) {
        return Finding::pass(GATE.id);
    }
    let Some(person) = s.people.iter().find(|person| kept_address(s, person).is_some()) else {
        return Finding::pass(GATE.id);
    };
    let finding = Finding::of(GATE.id, Reason::EmailChangedOldAppts)
        .observed("the address from before the change")
        .from(Source::Patient(person.source_id.clone()))
        .about(person.source_id.clone())
        .wakes_on(WakeKey::Patient(person.source_id.clone()));
    match start {
        Some(start) => finding.wakes_on(WakeKey::Time(start)),
        None => finding,
    }
}

/// The address that a person keeps on a visit that was shown before it changed; `None`: the present one is shown.
pub(crate) fn kept_address<'a>(s: &Snapshot<'a>, person: &Person<'_>) -> Option<&'a Phi<Text>> {
    if !s.rules.platform.email.old_visits_keep || s.appointment.ruling(Reason::EmailChangedOldAppts) == Some(true) {
        return None;
    }
    let shown = s.standing.participant(person.source_id)?.email.as_ref()?;
    let present = person.patient.and_then(|patient| patient.email.value())?;
    (shown.open().trim() != present.open().trim()).then_some(shown)
}
