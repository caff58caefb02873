//! # E-mail valid
//!
//! ## What it checks
//! The e-mail address could be one: one part before the `@`, a domain with a dot behind it, no blanks.
//!
//! ## Why it matters
//! A mistyped address is worse than none: the invitation goes nowhere, or to somebody else.
//!
//! ## What to do
//! Correct the address on the patient's record in the practice system.
//!
//! ## Example
//! `ada@example,com` is held with the words "the part after @ is not a domain name".
//!
//! ## Source
//! Requirement S1-9.

use crate::gates::rules::email_present::address_of;
use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use email_address::{EmailAddress, Options};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::EmailValid,
    family: Family::Patient,
    side: Side::Platform,
    expects: "a usable e-mail address",
    looks_at: LooksAt::Words("well formed"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    if !s.rules.platform.email.required {
        return Finding::not_applicable(GATE.id);
    }
    // Where there is no address, nothing can be said about one.
    if s.people.iter().all(|person| address_of(person).is_none()) {
        return Finding::not_applicable(GATE.id);
    }
    for person in s.people {
        let Some(address) = address_of(person) else { continue };
        if let Some(problem) = problem_with(address) {
            return Finding::of(GATE.id, Reason::PatientEmailInvalid)
                .observed_privately(address.clone())
                .at(&person.patient.and_then(|patient| patient.email_place.clone()).unwrap_or_default())
                .from(Source::Patient(person.source_id.clone()))
                .about(person.source_id.clone())
                .detail("problem", problem)
                .wakes_on(WakeKey::Patient(person.source_id.clone()));
        }
    }
    Finding::pass(GATE.id)
}

/// What is wrong with an address, in words; `None` when it can be one.
///
/// Most addresses are plain and are settled by one look at their bytes; the rest go to the full grammar of RFC 5322.
pub fn problem_with(address: &str) -> Option<&'static str> {
    let address = address.trim();
    if is_plain(address) {
        return None;
    }
    if address.contains(char::is_whitespace) {
        return Some("it contains blanks");
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return Some("there is no @ in it") };
    if local.is_empty() {
        return Some("nothing stands before the @");
    }
    if !domain.contains('.') || domain.starts_with('.') || domain.ends_with('.') {
        return Some("the part after @ is not a domain name");
    }
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    match EmailAddress::parse_with_options(address, options) {
        Ok(_) => None,
        Err(email_address::Error::LocalPartTooLong) => Some("the part before @ is too long"),
        Err(error) if local.contains('@') || matches!(error, email_address::Error::MissingSeparator) => {
            Some("it contains more than one @")
        }
        Err(email_address::Error::InvalidCharacter) => Some("it contains a character that addresses cannot have"),
        Err(_) if domain.chars().any(|c| !c.is_alphanumeric() && c != '.' && c != '-') => {
            Some("the part after @ is not a domain name")
        }
        Err(_) => Some("it is not a well-formed address"),
    }
}

/// Letters, digits, and single `.`, `_`, `-`, `+` between them, one `@`, a domain with a dot and a letter at its end.
fn is_plain(address: &str) -> bool {
    let bytes = address.as_bytes();
    let (mut at, mut dot_after_at, mut previous_is_word) = (false, false, false);
    for &byte in bytes {
        let word = byte.is_ascii_alphanumeric();
        match byte {
            _ if word => {}
            b'@' if previous_is_word && !at => at = true,
            b'.' if previous_is_word => dot_after_at |= at,
            b'_' | b'+' if previous_is_word && !at => {}
            b'-' if previous_is_word => {}
            _ => return false,
        }
        previous_is_word = word;
    }
    at && dot_after_at && bytes.len() < 64 && bytes.last().is_some_and(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_9_addresses_are_told_apart_with_the_problem_in_words() {
        for good in [
            "ada@example.com",
            "a.b+c@mail.example.org",
            "o'brien@example.ie",
            "p12@sub-domain.example.com",
            "x_y@example.co",
        ] {
            assert_eq!(problem_with(good), None, "{good}");
        }
        let bad = [
            ("ada", "there is no @ in it"),
            ("@example.com", "nothing stands before the @"),
            ("ada@example", "the part after @ is not a domain name"),
            ("ada@example.", "the part after @ is not a domain name"),
            ("ada@example,com", "the part after @ is not a domain name"),
            ("ada lovelace@example.com", "it contains blanks"),
            ("ada@@example.com", "it contains more than one @"),
            ("ada..b@example.com", "it contains a character that addresses cannot have"),
        ];
        for (address, problem) in bad {
            assert_eq!(problem_with(address), Some(problem), "{address}");
        }
    }
}
