//! # Secret readable
//!
//! ## What it checks
//! The signing secret of the platform can be read where the set-up says it is.
//!
//! ## Why it matters
//! Without it nothing can be signed, and an unsigned message would be refused, or worse, believed.
//!
//! ## What to do
//! Put the secret into the named environment variable or file, and restart or apply the set-up again.
//!
//! ## Example
//! The set-up names `HOOK_SECRET`; the service was started without it.
//!
//! ## Source
//! `CREDENTIAL_MISSING`; the contract's rule that a secret is never a literal.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::SecretReadable,
    family: Family::Integration,
    side: Side::Platform,
    expects: "a secret that can be read",
    looks_at: LooksAt::Words("readable, or none needed"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    match &s.rules.secret_problem {
        None => Finding::pass(GATE.id),
        Some(problem) => Finding::of(GATE.id, Reason::CredentialMissing)
            .observed(problem.clone())
            .from(Source::Setup)
            .about(s.rules.integration.clone())
            .wakes_on(WakeKey::Integration),
    }
}
