//! # Patient linked
//!
//! ## What it checks
//! Each patient of the visit has an account on the platform that is linked to the record in the practice system. Where
//! nobody alike exists there, the account is created together with its link when the visit is sent.
//!
//! ## Why it matters
//! Creating a second account for a person who has one splits their history and locks them out of half of it. So an
//! unlinked account that is this person, or only might be, stops the visit, and nobody is created. The same holds while
//! there are unlinked accounts and the record does not say enough to compare: a visit may arrive before its patient.
//!
//! ## What to do
//! Link the account to the record when they are one person. When they are two, correct the record that makes them look
//! alike; the visit goes on by itself. Where nothing is known of the patient, have the practice system send the record.
//!
//! ## Example
//! A patient was typed in by hand last year. Their first synced visit carries the same e-mail: it is held with both
//! records side by side until someone links them.
//!
//! ## Source
//! Requirements S0-2, S0-16 to S0-23.

use crate::gates::{ANY_ACCOUNT, Check, Finding, Gate, GateId, LooksAt, Person, Side, Snapshot, Source, WakeKey};
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
    let may_exist = |person: &&Person<'_>| person.link.is_none() && person.may_have_account();
    match s.people.iter().find(may_exist) {
        Some(person) if person.candidates.is_empty() => incomparable(person),
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

/// Nobody can be said to be alike, or not to be.
fn incomparable(person: &Person<'_>) -> Finding {
    Finding::of(GATE.id, Reason::DuplicatePatientRisk)
        .observed("too little is known of the patient to compare with the accounts that are not linked")
        .at(person.place)
        .from(Source::Patient(person.source_id.clone()))
        .about(person.source_id.clone())
        .wakes_on(WakeKey::Patient(person.source_id.clone()))
        .wakes_on(WakeKey::Account(Text::literal(ANY_ACCOUNT)))
}

fn held(person: &Person<'_>) -> Finding {
    let candidate = &person.candidates[0];
    let certain = candidate.likeness >= 100;
    let reason = if certain { Reason::NoConnectedPatientAccount } else { Reason::DuplicatePatientRisk };
    let observed = match person.candidates {
        [one] => one.platform_id.to_string(),
        many => many.iter().map(|candidate| candidate.platform_id.as_str()).collect::<Vec<_>>().join(", "),
    };
    let finding = Finding::of(GATE.id, reason)
        .observed(observed)
        .at(person.place)
        .from(Source::Patient(person.source_id.clone()))
        .about(person.source_id.clone())
        .detail("likeness", format!("{} %", candidate.likeness))
        .detail("agree", candidate.agree.clone())
        .detail("differ", candidate.differ.clone())
        .wakes_on(WakeKey::Patient(person.source_id.clone()));
    // An account that turns out to be somebody else's stops nobody any longer.
    let accounts = person.candidates.iter().map(|candidate| WakeKey::Account(candidate.platform_id.clone()));
    accounts.fold(finding, Finding::wakes_on)
}
