//! # Demographics confirmed
//!
//! ## What it checks
//! What patients corrected when they looked at their data on the platform stands so in the practice system by now.
//!
//! ## Why it matters
//! The patient knows best, and may have mistyped: a correction is looked at by people and never overwrites the record.
//!
//! ## What to do
//! Look at both on the patient's page. Take the correction over in the practice system if it is right; otherwise have
//! the patient confirm what stands there. Either ends it.
//!
//! ## Example
//! At login the patient changes the last name to the one since the wedding. The visit syncs under the old one, and the
//! desk has a task.
//!
//! ## Source
//! Requirement S1-24.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::DemographicsConfirmed,
    family: Family::Patient,
    side: Side::Source,
    expects: "what the patient says of themselves",
    looks_at: LooksAt::Words("the patient corrected nothing that still stands"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let reviewed = |patient: &crate::model::Patient| patient.to_review().next().is_some();
    let Some(person) = s.people.iter().find(|person| person.patient.is_some_and(reviewed)) else {
        return Finding::pass(GATE.id);
    };
    if !s.is_awaited() {
        return Finding::pass(GATE.id);
    }
    let fields = person.patient.iter().flat_map(|patient| patient.to_review()).map(|found| found.field.label());
    let fields = fields.collect::<Vec<_>>().join(", ");
    let finding = Finding::of(GATE.id, Reason::DemographicsConflict)
        .observed(fields)
        .from(Source::Patient(person.source_id.clone()))
        .about(person.source_id.clone());
    s.until_it_begins(person, finding)
}
