//! # Third parties kept
//!
//! ## What it checks
//! The card has nobody of the platform's own, and the visit no second provider, where the platform adds such people
//! itself.
//!
//! ## Why it matters
//! Interpreters, parents and co-hosts are added on the platform. An update from the practice system must not take them
//! away, and a second provider there does not come over.
//!
//! ## What to do
//! Add or remove third parties and co-hosts on the platform.
//!
//! ## Example
//! An interpreter was added on the platform; the clinic moves the visit by an hour. The interpreter stays on the card.
//!
//! ## Source
//! Requirement S4-9.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ThirdPartiesKept,
    family: Family::Participants,
    side: Side::Platform,
    expects: "nobody whom only the platform can add",
    looks_at: LooksAt::Words("nobody of the platform's own"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let guests = s.standing.guests().len();
    let co_hosts =
        if s.rules.platform.group.third_parties_there { s.appointment.providers.len().saturating_sub(1) } else { 0 };
    if guests == 0 && co_hosts == 0 {
        let rule = s.rules.platform.group.third_parties_there;
        return if rule { Finding::pass(GATE.id) } else { Finding::not_applicable(GATE.id) };
    }
    let many = |count: usize, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {more}"),
    };
    let kept = (guests > 0)
        .then(|| format!("{} of the platform's own on the card, kept there", many(guests, "person", "people")));
    let left = (co_hosts > 0).then(|| {
        format!("{} in the practice system, to be added on the platform", many(co_hosts, "co-host", "co-hosts"))
    });
    let observed = kept.into_iter().chain(left).collect::<Vec<_>>().join("; ");
    Finding::of(GATE.id, Reason::ThirdPartyPortalOwned).observed(observed).from(Source::Ledger).about("")
}
