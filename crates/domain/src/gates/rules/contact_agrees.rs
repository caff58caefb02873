//! # Contact agrees
//!
//! ## What it checks
//! Where the practice system and the platform's account both know an e-mail address or a phone number of a patient,
//! they know the same one.
//!
//! ## Why it matters
//! Two addresses are two truths, and one of them is somebody else's or nobody's. Neither is preferred and nothing is
//! mixed: no letter goes to an address in doubt.
//!
//! ## What to do
//! Ask the patient which one holds, and correct the other side. Both values, with since when each is known, stand on
//! the patient's page. Or decide that those of the practice system hold: then letters go there.
//!
//! ## Example
//! The practice system has last year's address, the account the new one. The visit syncs; the letter waits for the
//! desk.
//!
//! ## Source
//! Requirement S3-12.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ContactAgrees,
    family: Family::Told,
    side: Side::Platform,
    expects: "the same e-mail address and number on both sides",
    looks_at: LooksAt::Words("no side says otherwise"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    // Where no document names an account there is one side only.
    let disputed = s.people.iter().filter(|person| person.account.is_some());
    let Some(person) = disputed.into_iter().find(|person| person.reach().disputed().is_some()) else {
        return Finding::pass(GATE.id);
    };
    if !s.is_awaited() || s.appointment.ruling(Reason::ContactConflict).is_some() {
        return Finding::pass(GATE.id);
    }
    let what = person.reach().disputed().unwrap_or_default();
    let finding = Finding::of(GATE.id, Reason::ContactConflict)
        .observed(what)
        .from(Source::Patient(person.source_id.clone()))
        .about(person.source_id.clone());
    s.until_it_begins(person, finding)
}
