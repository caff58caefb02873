//! # Department registered
//!
//! ## What it checks
//! The department of the visit has been announced, where the system's profile asks for that.
//!
//! ## Why it matters
//! On such systems visits are looked for by department; a new one is invisible until it is reported.
//!
//! ## What to do
//! Report the new department; its visits are then decided again by themselves.
//!
//! ## Example
//! A clinic opens a second site. Its visits carry a department nobody reported.
//!
//! ## Source
//! Requirement S1-8.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::DepartmentRegistered,
    family: Family::Type,
    side: Side::Source,
    expects: "a registered department",
    looks_at: LooksAt::Department,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.source.departments.must_be_registered {
        return Finding::not_applicable(GATE.id);
    }
    let Some(seen) = s.appointment.department.as_ref().map(|said| &said.value) else {
        return Finding::of(GATE.id, Reason::DepartmentNotRegistered)
            .observed("(none)")
            .about("")
            .wakes_on(WakeKey::Integration);
    };
    if s.rules.departments.contains_key(&seen.value) {
        return Finding::pass(GATE.id);
    }
    Finding::of(GATE.id, Reason::DepartmentNotRegistered)
        .observed(seen.value.clone())
        .at(&seen.place)
        .about(seen.value.clone())
        .wakes_on(WakeKey::Department(seen.value.clone()))
}
