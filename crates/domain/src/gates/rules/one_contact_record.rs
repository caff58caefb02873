//! # One contact record
//!
//! ## What it checks
//! The practice system has one record of each patient: nobody else there has the same name and birth date.
//!
//! ## Why it matters
//! Two records are two addresses and two truths. A letter to each tells somebody twice, or tells a stranger; so nothing
//! goes to either until somebody chose.
//!
//! ## What to do
//! Merge the records in the practice system if they are one person. If they are two, or if the one on the visit is
//! right, let the visits go ahead: the letter then goes to the record on the visit.
//!
//! ## Example
//! The patient was entered anew under the phone's number. Visits on both records sync; letters wait for the choice.
//!
//! ## Source
//! Requirement S3-16.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::OneContactRecord,
    family: Family::Told,
    side: Side::Source,
    expects: "one record under this name and birth date",
    looks_at: LooksAt::Words("one record is known"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let Some(person) = s.people.iter().find(|person| !person.doubles.is_empty()) else {
        return Finding::pass(GATE.id);
    };
    if !s.tells_patients() || s.appointment.ruling(Reason::ContactDuplicated).is_some() {
        return Finding::pass(GATE.id);
    }
    let told = person.patient.map(|patient| patient.read_at);
    let mut records: Vec<_> = person.doubles.iter().map(|double| (&double.source_id, Some(double.told_at))).collect();
    records.push((person.source_id, told));
    // Visits on either record are one cause.
    records.sort();
    let ids: Vec<&str> = records.iter().map(|(id, _)| id.as_str()).collect();
    let ages = records.iter().map(|(id, told)| match told {
        Some(told) => format!("{id} told on {}", s.clock(*told)),
        None => format!("{id} never told"),
    });
    let mut finding = Finding::of(GATE.id, Reason::ContactDuplicated)
        .observed(ids.join(", "))
        .from(Source::Patient(person.source_id.clone()))
        .about(Text::from(ids.join("+")))
        .detail("ages", ages.collect::<Vec<_>>().join(", "));
    for double in person.doubles {
        finding = finding.wakes_on(WakeKey::Patient(double.source_id.clone()));
    }
    s.until_it_begins(person, finding)
}
