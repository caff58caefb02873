//! # Record current
//!
//! ## What it checks
//! The record that the visit names was not merged into another one.
//!
//! ## Why it matters
//! After a merge the old number is dead. Visits that hang on it would be shown to an account that nobody uses any more.
//!
//! ## What to do
//! Nothing. Visits still to come follow the merge by themselves; past ones keep the number they took place under.
//!
//! ## Example
//! P-2 was merged into P-1: next week's visit of P-2 is shown to the account of P-1.
//!
//! ## Source
//! HL7 v2 ADT A40; the catalogue of reasons, group E: `PATIENT_MERGED`.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::RecordCurrent,
    family: Family::Patient,
    side: Side::Source,
    expects: "the patient's own record, not one that was merged",
    looks_at: LooksAt::Words("not merged"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let merged = s.people.iter().find_map(|person| person.merged_from.map(|from| (from, person.source_id)));
    match merged {
        None => Finding::pass(GATE.id),
        Some((from, into)) => Finding::of(GATE.id, Reason::PatientMerged)
            .observed(from.clone())
            .expected(into.clone())
            .from(Source::Patient(into.clone()))
            .about("")
            .detail("from", from.clone())
            .detail("into", into.clone()),
    }
}
