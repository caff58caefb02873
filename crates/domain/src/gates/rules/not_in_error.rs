//! # Not in error
//!
//! ## What it checks
//! Neither the visit nor anybody's part in it was marked as entered in error.
//!
//! ## Why it matters
//! Such a participant disappears from the card, and when nobody is left the card moves to the past ones. "It vanished"
//! has this answer.
//!
//! ## What to do
//! Nothing. Look for the visit among the past ones.
//!
//! ## Example
//! One of three clients was put into the group by mistake: the group stays, with two.
//!
//! ## Source
//! Requirements S4-13, S4-24; ambiguity A2: the card moves to the past ones only when nobody is left.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, own_statuses};
use crate::reasons::{Family, Reason};
use crate::status::Status;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::NotInError,
    family: Family::Status,
    side: Side::Platform,
    expects: "nobody entered in error",
    looks_at: LooksAt::Status,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let error = |status: Status| status == Status::EnteredInError;
    let everybody = error(s.reading.status);
    let errored = own_statuses(s.rules, s.appointment).filter(|(_, own)| error(own.status)).count();
    if !everybody && errored == 0 {
        return Finding::pass(GATE.id);
    }
    let people = s.appointment.participants.len();
    let who = if everybody { "the whole visit".to_owned() } else { format!("{errored} of {people} participants") };
    let left = if everybody { "stands among the past ones" } else { "goes on without them" };
    Finding::of(GATE.id, Reason::ErrorStatusRemoval).observed(who).about("").detail("left", left)
}
