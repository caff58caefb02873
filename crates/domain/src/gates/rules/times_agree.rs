//! # Times agree
//!
//! ## What it checks
//! The places in which one message tells the time say the same, to the minute.
//!
//! ## Why it matters
//! When they differ, one of two clocks at the clinic is wrong, and sooner or later the wrong one is believed.
//!
//! ## What to do
//! Have the interface send one time. Until then the field that the rules trust more is used, and both are named.
//!
//! ## Example
//! TQ1-7 says 09:00, SCH-11.4 says 09:30: 09:00 is used.
//!
//! ## Source
//! `TIMING_FIELDS_DISAGREE`; the order of trust is in docs/systems/hl7v2.md.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot};
use crate::model::TimingIssue;
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::TimesAgree,
    family: Family::Time,
    side: Side::Source,
    expects: "one time in all fields",
    looks_at: LooksAt::Words("they agree"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let Some(timing) = s.appointment.timing.as_ref().map(|said| &said.value) else {
        return Finding::not_applicable(GATE.id);
    };
    for issue in &timing.issues {
        if let TimingIssue::FieldsDisagree(used, other) = issue {
            return Finding::of(GATE.id, Reason::TimingFieldsDisagree)
                .observed(used.value.clone())
                .at(&used.place)
                .about(s.rules.source.profile.id.clone())
                .detail("other", Text::from(format_args!("{} in {}", other.value, other.place)));
        }
    }
    Finding::pass(GATE.id)
}
