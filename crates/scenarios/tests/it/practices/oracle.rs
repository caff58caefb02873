//! What must be said of each visit, worked out from the rules as they are written for people (the contract, "Which
//! verdict", and `docs/gates/README.md`) and from nothing of the engine.

use super::truth::{Account, Email, Kind, Practice, Provider, Visit, When};
use std::collections::BTreeMap;

/// What is wrong with a visit, in the order of the ladder: the code, and what it is about.
fn stops(practice: &Practice, visit: &Visit) -> Vec<(&'static str, String)> {
    let chiron = practice.platform == "chiron";
    let mut found = Vec::new();
    // Provider: registered, active, linked.
    let provider = format!("DR{}", visit.provider);
    match practice.providers[visit.provider] {
        Provider::Fine => {}
        Provider::Unknown => found.push(("PROVIDER_NOT_REGISTERED", provider)),
        Provider::Clerk => found.push(("SCHEDULED_FOR_NON_PROVIDER", provider)),
        Provider::Inactive => found.push(("PROVIDER_NOT_ACTIVE", provider)),
        Provider::Unlinked => found.push(("NO_CONNECTED_PROVIDER_ACCOUNT", provider)),
    }
    // Patient: linked, address there, usable, nobody else's, no staff member's; demographics.
    let (person, id) = (&practice.people[visit.person], format!("P-{}", visit.person));
    match person.account {
        Account::None => {}
        Account::Same => found.push(("NO_CONNECTED_PATIENT_ACCOUNT", id.clone())),
        Account::Alike => found.push(("DUPLICATE_PATIENT_RISK", id.clone())),
    }
    match person.email {
        Email::Fine => {}
        Email::Missing => found.push(("PATIENT_EMAIL_MISSING", id.clone())),
        Email::Malformed => found.push(("PATIENT_EMAIL_INVALID", id.clone())),
        // Only Chiron Health asks for an address of the patient's own.
        Email::Taken if chiron => found.push(("PATIENT_EMAIL_NOT_UNIQUE", id.clone())),
        Email::Staff if chiron => found.push(("EMAIL_BELONGS_TO_STAFF", id.clone())),
        Email::Taken | Email::Staff => {}
    }
    if person.incomplete {
        found.push(("DEMOGRAPHICS_INCOMPLETE", id));
    }
    // Type, then status.
    if visit.kind == Kind::Misspelt {
        found.push(("APPT_TYPE_NAME_MISMATCH", String::new()));
    }
    if visit.odd_word {
        found.push(("STATUS_UNMAPPED", String::new()));
    }
    found
}

/// Left out on purpose: the earliest such reason of the ladder.
fn left_out(visit: &Visit) -> Option<&'static str> {
    if visit.kind == Kind::Other {
        return Some("APPT_TYPE_NOT_CONFIGURED");
    }
    (visit.when == When::Past).then_some("PAST_AT_BOOKING")
}

/// Verdict and primary reason.
pub(super) fn verdict(practice: &Practice, visit: &Visit) -> (&'static str, Option<&'static str>) {
    if let Some(code) = left_out(visit) {
        return ("excluded", Some(code));
    }
    if let Some((code, _)) = stops(practice, visit).first() {
        return ("held", Some(code));
    }
    // Only Chiron Health waits until a visit is within three months.
    if visit.when == When::Far && practice.platform == "chiron" {
        return ("waiting_by_rule", Some("BEYOND_SYNC_HORIZON"));
    }
    ("in_sync", None)
}

/// What people are to be shown as causes: for each code and subject, how many visits it stops. Of a type or a word the
/// subject is left out: it is named as the practice system writes it.
pub(super) fn causes(practice: &Practice) -> BTreeMap<(String, String), u64> {
    let mut causes = BTreeMap::new();
    for visit in practice.visits.iter().filter(|visit| left_out(visit).is_none()) {
        for (code, subject) in stops(practice, visit) {
            *causes.entry((code.to_owned(), subject)).or_default() += 1;
        }
    }
    // A provider who lacks an account is something to do from the day on which they are added, visits or not.
    for n in (0..practice.providers.len()).filter(|n| practice.providers[*n] == Provider::Unlinked) {
        causes.entry(("NO_CONNECTED_PROVIDER_ACCOUNT".to_owned(), format!("DR{n}"))).or_default();
    }
    causes
}
