//! # Communication allowed
//!
//! ## What it checks
//! Nothing was said against telling the patients of the visit about it in the way in which they would be told: no
//! opt-out, no wish to be left alone, no limit of the law, neither in the practice system nor on the platform's
//! account.
//!
//! ## Why it matters
//! Whoever asked not to be written to is not written to. The visit itself has nothing to do with that and goes on.
//!
//! ## What to do
//! Respect it. If the visit has to be talked about, the desk calls, where calls are allowed.
//!
//! ## Example
//! The record says "No reminder/recall" (HL7 v2 table 0215). The visit appears on the platform, no letter goes, and the
//! desk sees the words that stand against it.
//!
//! ## Source
//! Requirement S3-17.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source};
use crate::notice::NoWay;
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::CommunicationAllowed,
    family: Family::Told,
    side: Side::Source,
    expects: "nothing said against telling the patient",
    looks_at: LooksAt::Words("nothing was said against it"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.tells_patients() {
        return Finding::not_applicable(GATE.id);
    }
    for person in s.people {
        if let Err(NoWay::Restricted(restriction)) = person.reach().way() {
            let finding = Finding::of(GATE.id, Reason::CommunicationRestricted)
                .observed_privately(restriction.said.clone())
                .at(&restriction.place)
                .from(Source::Patient(person.source_id.clone()))
                .about(person.source_id.clone())
                .detail("how", restriction.way.label());
            return s.until_it_begins(person, finding);
        }
    }
    Finding::pass(GATE.id)
}
