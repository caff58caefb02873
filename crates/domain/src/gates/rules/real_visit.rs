//! # Real visit
//!
//! ## What it checks
//! The visit is not marked as a test.
//!
//! ## Why it matters
//! Tests are normal, and pass the same gates. But nobody should be told of them, and they should not be counted.
//!
//! ## What to do
//! Nothing.
//!
//! ## Example
//! The patient's family name begins with the prefix that the practice uses for tests.
//!
//! ## Source
//! Requirement S1-32.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::RealVisit,
    family: Family::Told,
    side: Side::Source,
    expects: "a visit that is no test",
    looks_at: LooksAt::Words("not marked as a test"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if s.appointment.test {
        Finding::of(GATE.id, Reason::TestVisit).observed("marked as a test").about("")
    } else {
        Finding::pass(GATE.id)
    }
}
