//! # E-mail unique
//!
//! ## What it checks
//! No other patient of the practice holds the address, where the platform uses it as the login.
//!
//! ## Why it matters
//! One login cannot open two people's visits. Merging them silently would show one person the other's visit.
//!
//! ## What to do
//! Give one of the two an address of their own. If both records are one person, merge them in the practice system.
//!
//! ## Example
//! A couple shares one address. The first who had a visit holds it; the other's visit is held and names both records.
//!
//! ## Source
//! Requirement S1-12. Scope: the practice (ambiguity A9).

use crate::gates::rules::email_present::address_of;
use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::EmailUnique,
    family: Family::Patient,
    side: Side::Platform,
    expects: "an address that no other patient of the practice has",
    looks_at: LooksAt::Words("held by nobody else"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.platform.email.unique {
        return Finding::not_applicable(GATE.id);
    }
    // Where there is no address, nothing can be said about one.
    if s.people.iter().all(|person| address_of(person).is_none()) {
        return Finding::not_applicable(GATE.id);
    }
    for person in s.people {
        let (Some(address), false) = (address_of(person), person.email_also_held_by.is_empty()) else { continue };
        let mut finding = Finding::of(GATE.id, Reason::PatientEmailNotUnique)
            .observed_privately(address.clone())
            .at(&person.patient.and_then(|patient| patient.email_place.clone()).unwrap_or_default())
            .from(Source::Patient(person.source_id.clone()))
            .about(person.source_id.clone())
            .detail("others", person.email_also_held_by.join(", "))
            .wakes_on(WakeKey::Patient(person.source_id.clone()));
        for other in person.email_also_held_by {
            finding = finding.wakes_on(WakeKey::Patient(other.clone()));
        }
        return finding;
    }
    Finding::pass(GATE.id)
}
