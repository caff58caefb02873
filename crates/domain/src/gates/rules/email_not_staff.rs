//! # E-mail not a staff member's
//!
//! ## What it checks
//! The patient's address is not the login of a staff user of the practice, whatever the letter case.
//!
//! ## Why it matters
//! The platform knows the address as staff and cannot use it as a patient's login. It is typical of test visits that a
//! staff member books with their own address.
//!
//! ## What to do
//! Put another address on the patient's record. For tests, keep a test patient with an address of its own.
//!
//! ## Example
//! The desk tries the new set-up with `desk@northside.example` on the test patient: held, with the hint about tests.
//!
//! ## Source
//! Requirements S1-13 to S1-15.

use crate::gates::rules::email_present::address_of;
use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::setup::fold_email;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::EmailNotStaff,
    family: Family::Patient,
    side: Side::Platform,
    expects: "an address that no staff user has",
    looks_at: LooksAt::Words("no staff address"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.platform.email.not_staff {
        return Finding::not_applicable(GATE.id);
    }
    // Where there is no address, nothing can be said about one.
    if s.people.iter().all(|person| address_of(person).is_none()) {
        return Finding::not_applicable(GATE.id);
    }
    for person in s.people {
        let Some(address) = address_of(person) else { continue };
        if s.rules.directory.is_staff_email(&fold_email(address)) {
            return Finding::of(GATE.id, Reason::EmailBelongsToStaff)
                .observed_privately(address.clone())
                .at(&person.patient.and_then(|patient| patient.email_place.clone()).unwrap_or_default())
                .from(Source::Patient(person.source_id.clone()))
                .about(person.source_id.clone())
                .wakes_on(WakeKey::Patient(person.source_id.clone()))
                .wakes_on(WakeKey::Integration);
        }
    }
    Finding::pass(GATE.id)
}
