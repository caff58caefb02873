//! # Account active
//!
//! ## What it checks
//! The platform's account of each patient is activated, as far as the list of accounts says so.
//!
//! ## Why it matters
//! The visit is on the platform, and its patient cannot get in. They learn that a minute before it begins, unless
//! somebody says so before.
//!
//! ## What to do
//! The patient activates the account. The letter about the visit says so; the desk can help on the phone.
//!
//! ## Example
//! Invited in spring, never logged in. The visit syncs, the letter asks the patient to activate the account, and the
//! desk sees it until the list of accounts says that it is active.
//!
//! ## Source
//! Requirement S3-15.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::AccountActive,
    family: Family::Told,
    side: Side::Platform,
    expects: "an account that is activated",
    looks_at: LooksAt::Words("no account is said to be inactive"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let inactive =
        s.people.iter().find_map(|person| Some((person, person.account.filter(|account| account.inactive)?)));
    match inactive {
        Some((person, account)) if s.is_awaited() => {
            let finding = Finding::of(GATE.id, Reason::PortalAccountInactive)
                .observed(account.platform_id.clone())
                .from(Source::Setup)
                .about(person.source_id.clone());
            s.until_it_begins(person, finding)
        }
        Some(_) | None => Finding::pass(GATE.id),
    }
}
