//! # E-mail present
//!
//! ## What it checks
//! Each patient's record has an e-mail address, where the platform asks for one.
//!
//! ## Why it matters
//! The address is the patient's login for the visit; without it there is nowhere to send the invitation.
//!
//! ## What to do
//! Add the address to the patient's record in the practice system. Nothing else: the visit goes on by itself as soon
//! as the address is seen.
//!
//! ## Example
//! Booked by phone for in half an hour, no address on file: the desk sees it at the top of the list, adds the address,
//! and the row disappears.
//!
//! ## Source
//! Requirements S1-9 to S1-11.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::EmailPresent,
    family: Family::Patient,
    side: Side::Platform,
    expects: "an e-mail address on the patient's record",
    looks_at: LooksAt::Words("an address is there"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.platform.email.required {
        return Finding::not_applicable(GATE.id);
    }
    let Some(person) = s.people.iter().find(|person| address_of(person).is_none()) else {
        return Finding::pass(GATE.id);
    };
    let place = person.patient.and_then(|patient| patient.email_place.clone());
    Finding::of(GATE.id, Reason::PatientEmailMissing)
        .observed("(empty)")
        .at(&place.unwrap_or_else(|| s.rules.email_place()))
        .from(Source::Patient(person.source_id.clone()))
        .about(person.source_id.clone())
        .wakes_on(WakeKey::Patient(person.source_id.clone()))
}

/// A person's address as the source wrote it, when it wrote any.
pub(super) fn address_of<'a>(person: &crate::gates::Person<'a>) -> Option<&'a Text> {
    let email = person.patient?.email.value()?.open();
    (!email.trim().is_empty()).then_some(email)
}
