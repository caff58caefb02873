//! # Patient linked
//!
//! ## What it checks
//! Each patient of the visit has an account on the platform that is linked to the record in the practice system. Where
//! nobody alike exists there, the account is created together with its link when the visit is sent.
//!
//! ## Why it matters
//! Creating a second account for a person who has one splits their history and locks them out of half of it. So an
//! unlinked account that is this person, or only might be, stops the visit, and nobody is created.
//!
//! ## What to do
//! Link the account to the record when they are one person. When they are two, correct the record that makes them look
//! alike; the visit goes on by itself.
//!
//! ## Example
//! A patient was typed in by hand last year. Their first synced visit carries the same e-mail: it is held with both
//! records side by side until someone links them.
//!
//! ## Source
//! Requirements S0-2, S0-16 to S0-23.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Person, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::PatientLinked,
    family: Family::Patient,
    side: Side::Platform,
    expects: "a linked account, or nobody alike",
    looks_at: LooksAt::Patient,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.platform.patient.must_be_linked {
        return Finding::not_applicable(GATE.id);
    }
    match s.people.iter().find(|person| person.link.is_none() && !person.candidates.is_empty()) {
        Some(person) => held(person),
        None => match s.people {
            [] => Finding::not_applicable(GATE.id),
            [one] => match one.link {
                Some(link) => Finding::passing_with(GATE.id, link.platform_id.clone()),
                None => Finding::passing_with(GATE.id, "nobody alike; an account is created with the visit"),
            },
            many => {
                let linked = many.iter().filter(|person| person.link.is_some()).count();
                Finding::passing_with(GATE.id, Text::from(format_args!("{linked} of {} linked", many.len())))
            }
        },
    }
}

fn held(person: &Person<'_>) -> Finding {
    let candidate = &person.candidates[0];
    let certain = candidate.likeness >= 100;
    let reason = if certain { Reason::NoConnectedPatientAccount } else { Reason::DuplicatePatientRisk };
    let observed = match person.candidates {
        [one] => one.platform_id.to_string(),
        many => many.iter().map(|candidate| candidate.platform_id.as_str()).collect::<Vec<_>>().join(", "),
    };
    Finding::of(GATE.id, reason)
        .observed(observed)
        .at(person.place)
        .from(Source::Patient(person.source_id.clone()))
        .about(person.source_id.clone())
        .detail("likeness", format!("{} %", candidate.likeness))
        .detail("agree", candidate.agree.clone())
        .detail("differ", candidate.differ.clone())
        .wakes_on(WakeKey::Patient(person.source_id.clone()))
}
