//! # Type approved
//!
//! ## What it checks
//! The visit type is one of those approved for the platform: by exact name, or by id where the system's profile says
//! so. Near misses are named with the difference, never accepted.
//!
//! ## Why it matters
//! Only certain types are meant for the platform. A type that is one letter off looks right to everybody and still does
//! not travel.
//!
//! ## What to do
//! Misspelt: write it exactly as approved. Renamed or new: have the name or id added. Not meant for the platform:
//! nothing, the visit is left out on purpose.
//!
//! ## Example
//! `Telemedicine Vist` against `Telemedicine Visit`: "i" is missing after "Telemedicine Vis".
//!
//! ## Source
//! Requirements S0-24 to S0-27, S1-4 to S1-8.

use crate::explain::describe_difference;
use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, Source, WakeKey};
use crate::reasons::{Family, Reason};
use crate::setup::TypeFinding;
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::TypeApproved,
    family: Family::Type,
    side: Side::Source,
    expects: "an approved visit type",
    looks_at: LooksAt::VisitType,
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let met = s.appointment.visit_type.as_ref().map(|said| &said.value);
    let name = met.map_or(Text::literal("(none)"), |met| met.name.clone());
    let finding = match s.visit_type {
        TypeFinding::AnyAccepted => return Finding::not_applicable(GATE.id),
        TypeFinding::Approved(_) => return Finding::pass(GATE.id),
        TypeFinding::NearMiss(kind) => Finding::of(GATE.id, Reason::ApptTypeNameMismatch)
            .observed(name.clone())
            .expected(kind.name.clone())
            .about(name.clone())
            .detail("difference", describe_difference(&kind.name, &name))
            .wakes_on(WakeKey::Type(name)),
        TypeFinding::Renamed(kind) => Finding::of(GATE.id, Reason::ApptTypeRenamed)
            .observed(name.clone())
            .expected(kind.name.clone())
            .about(name.clone())
            .wakes_on(WakeKey::Type(name)),
        TypeFinding::IdMissing(listed) => {
            let id = met.and_then(|met| met.id.clone()).unwrap_or_else(|| name.clone());
            let as_named = listed.map_or(String::new(), |kind| format!(" for the approved type {}", kind.name));
            Finding::of(GATE.id, Reason::ApptTypeIdMissing)
                .observed(id.clone())
                .expected(known(s))
                .about(id.clone())
                .detail("listed_as", as_named)
                .wakes_on(WakeKey::Type(id))
        }
        // Before the set-up is finished an empty list leaves nothing out on purpose: it is not filled yet.
        TypeFinding::NotConfigured if s.rules.types.approved().is_empty() && s.rules.lifecycle.is_set_up() => {
            return Finding::of(GATE.id, Reason::ConfigIncomplete)
                .observed("no visit type is approved")
                .expected(known(s))
                .from(Source::Setup)
                .about(s.rules.integration.clone())
                .wakes_on(WakeKey::Integration)
                .wakes_on(WakeKey::Type(name));
        }
        TypeFinding::NotConfigured => Finding::of(GATE.id, Reason::ApptTypeNotConfigured)
            .observed(name.clone())
            .expected(known(s))
            .about(name.clone())
            .wakes_on(WakeKey::Type(name)),
    };
    match met {
        Some(met) => finding.at(&met.place),
        None => finding,
    }
}

fn known(s: &Snapshot<'_>) -> String {
    let approved = s.rules.types.approved();
    if approved.is_empty() {
        return "a visit type on the list of approved types, which is empty".to_owned();
    }
    let name = |kind: &crate::setup::ApprovedType| match (&kind.id, kind.is_default) {
        (Some(id), false) => format!("{} ({id})", kind.name),
        (Some(id), true) => format!("{} ({id}, the default)", kind.name),
        (None, true) => format!("{} (the default)", kind.name),
        (None, false) => kind.name.to_string(),
    };
    approved.iter().map(name).collect::<Vec<_>>().join(", ")
}
