//! # Demographics complete
//!
//! ## What it checks
//! The fields of the patient's record that the platform asks for are filled. Insurance is asked for only where the
//! source says that the patient is insured.
//!
//! ## Why it matters
//! Some systems do not release a visit of a patient whose record is incomplete, and the patient confirms these data at
//! login.
//!
//! ## What to do
//! Fill in what the explanation lists; it lists everything at once.
//!
//! ## Example
//! Date of birth and address are empty: both are named in one sentence, and filling one leaves the other.
//!
//! ## Source
//! Requirements S1-22, S1-23.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Person, Side, Snapshot, Source, WakeKey};
use crate::model::{Coverage, Fact, Patient};
use crate::phi::Phi;
use crate::profile::{DemographicField, InsuranceRule};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::DemographicsComplete,
    family: Family::Patient,
    side: Side::Platform,
    expects: "all fields that the platform asks for",
    looks_at: LooksAt::Words("all filled"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let demands = &s.rules.platform.demographics;
    if demands.required.is_empty() && demands.insurance == InsuranceRule::Never {
        return Finding::not_applicable(GATE.id);
    }
    for person in s.people {
        let missing = missing_fields(s, person);
        if !missing.is_empty() {
            return Finding::of(GATE.id, Reason::DemographicsIncomplete)
                .observed(format!("empty: {}", missing.join(", ")))
                .expected(all_fields(s))
                .at(&s.rules.patient_place())
                .from(Source::Patient(person.source_id.clone()))
                .about(person.source_id.clone())
                .detail("missing", in_words(&missing))
                .wakes_on(WakeKey::Patient(person.source_id.clone()));
        }
    }
    Finding::pass(GATE.id)
}

fn missing_fields(s: &Snapshot<'_>, person: &Person<'_>) -> smallvec::SmallVec<[&'static str; 8]> {
    let demands = &s.rules.platform.demographics;
    let lacks = |field: &&DemographicField| person.patient.is_none_or(|patient| !has(patient, **field));
    let mut missing: smallvec::SmallVec<[&'static str; 8]> =
        demands.required.iter().filter(lacks).map(|field| field.label()).collect();
    let coverage = person.patient.and_then(|patient| patient.coverage.value());
    if demands.insurance == InsuranceRule::WhenInsured
        && coverage.is_some_and(|coverage| matches!(coverage.open(), Coverage::Incomplete(_)))
    {
        missing.push("insurance");
    }
    missing
}

fn has(patient: &Patient, field: DemographicField) -> bool {
    let text = |fact: &Fact<Phi<Text>>| fact.value().is_some_and(|value| !value.open().trim().is_empty());
    match field {
        DemographicField::Family => text(&patient.family),
        DemographicField::Given => text(&patient.given),
        DemographicField::BirthDate => patient.birth_date.value().is_some(),
        DemographicField::Address => patient.address.value().is_some(),
        DemographicField::Sex => patient.sex.value().is_some(),
        DemographicField::Phone => text(&patient.phone) || text(&patient.mobile),
    }
}

fn all_fields(s: &Snapshot<'_>) -> String {
    let mut labels: Vec<&str> = s.rules.platform.demographics.required.iter().map(|field| field.label()).collect();
    if s.rules.platform.demographics.insurance == InsuranceRule::WhenInsured {
        labels.push("insurance where the patient is insured");
    }
    labels.join(", ")
}

fn in_words(missing: &[&str]) -> String {
    match missing {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
