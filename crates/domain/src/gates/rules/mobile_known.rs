//! # Mobile known
//!
//! ## What it checks
//! Where a patient has no usable e-mail address, there is a mobile number to send a text message to.
//!
//! ## Why it matters
//! Without either there is no way to tell the patient that the visit was booked, moved or called off. No text message
//! is attempted to a number that is not there, or to one that is not a mobile phone's.
//!
//! ## What to do
//! Add the mobile number, or an e-mail address, to the patient's record in the practice system. What was to be told
//! goes by itself as soon as it is seen, as long as it is still true.
//!
//! ## Example
//! Booked by phone from a landline. The visit is on the platform; the desk sees that the patient was not told of it.
//!
//! ## Source
//! Requirement S3-13.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source};
use crate::notice::NoWay;
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::MobileKnown,
    family: Family::Told,
    side: Side::Source,
    expects: "a mobile number, or a usable e-mail address",
    looks_at: LooksAt::Words("there is a way to write to the patient"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.tells_patients() {
        return Finding::not_applicable(GATE.id);
    }
    let Some(person) = s.people.iter().find(|person| person.reach().way() == Err(NoWay::Unknown)) else {
        return Finding::pass(GATE.id);
    };
    let landline = person.patient.is_some_and(|patient| patient.phone.value().is_some());
    let known = if landline { "another number only" } else { "no number at all" };
    let finding = Finding::of(GATE.id, Reason::MobileMissing)
        .observed(Text::literal(known))
        .at(&s.rules.patient_place())
        .from(Source::Patient(person.source_id.clone()))
        .about(person.source_id.clone());
    s.until_it_begins(person, finding)
}
