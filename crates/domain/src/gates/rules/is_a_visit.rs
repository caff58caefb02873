//! # Is a visit
//!
//! ## What it checks
//! The entry in the diary is a visit, not blocked time.
//!
//! ## Why it matters
//! Systems send breaks and blocks through the same channel. Shown on the platform they would look like visits without a
//! patient.
//!
//! ## What to do
//! Nothing: the time is kept free, and no card is made.
//!
//! ## Example
//! A doctor's lunch is blocked (SIU S23); it is recorded and left out.
//!
//! ## Source
//! HL7 v2.5.1 chapter 10, events S23 and S24; `BLOCK_READ_AS_APPOINTMENT`.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::model::Existence;
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::IsAVisit,
    family: Family::Type,
    side: Side::Source,
    expects: "a visit, not blocked time",
    looks_at: LooksAt::Words("a visit"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if s.appointment.existence.as_ref().is_some_and(|said| said.value == Existence::Blocked) {
        return Finding::of(GATE.id, Reason::BlockReadAsAppointment).observed("slot blocked").about("");
    }
    Finding::pass(GATE.id)
}
