//! # Patient named
//!
//! ## What it checks
//! The visit names at least one patient.
//!
//! ## Why it matters
//! Without a patient there is nobody to invite. Blocked time and unfinished bookings look like this.
//!
//! ## What to do
//! Put the patient on the visit in the practice system, or mark the time as blocked.
//!
//! ## Example
//! A change arrives before the booking it belongs to and carries no patient; as soon as the booking arrives the visit
//! is complete.
//!
//! ## Source
//! docs/systems/hl7v2.md (a missing PID never erases the patient) and the invariant that nothing is guessed.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::PatientNamed,
    family: Family::Patient,
    side: Side::Platform,
    expects: "a patient on the visit",
    looks_at: LooksAt::Patient,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    match s.people {
        [] => Finding::of(GATE.id, Reason::PatientNotNamed)
            .observed("(none)")
            .about(s.appointment.source_id.clone())
            .wakes_on(WakeKey::Integration),
        [_, ..] => Finding::pass(GATE.id),
    }
}
