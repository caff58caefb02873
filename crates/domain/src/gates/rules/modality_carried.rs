//! # Kind of visit carried
//!
//! ## What it checks
//! The way patient and provider meet (video, in person, phone) is one that the platform carries.
//!
//! ## Why it matters
//! A visit by phone on a platform for video would invite the patient to a room where nobody waits.
//!
//! ## What to do
//! Choose a kind of visit that the platform carries, in the practice system.
//!
//! ## Example
//! A type approved as *phone* on a platform for video and in-person visits is held and named.
//!
//! ## Source
//! Requirement S4-5.

use crate::gates::{Check, Finding, Gate, GateId, LooksAt, Side, Snapshot, WakeKey};
use crate::model::Modality;
use crate::reasons::{Family, Reason};
use crate::setup::TypeFinding;
use crate::text::Text;

pub(in crate::gates) const GATE: Gate = Gate {
    id: GateId::ModalityCarried,
    family: Family::Type,
    side: Side::Platform,
    expects: "a kind of visit that the platform carries",
    looks_at: LooksAt::Words("a kind that is carried, or none said"),
    check: Check::Deciding(check),
};

fn check(s: &Snapshot<'_>) -> Finding {
    let Some(carried) = &s.rules.platform.modality.carries else { return Finding::not_applicable(GATE.id) };
    let said = s.appointment.modality.as_ref().map(|said| &said.value).filter(|seen| !seen.value.is_empty());
    match (modality_of(s), said) {
        // Nobody says how they meet: the approved type is all there is, and it was approved for this platform.
        (None, None) => Finding::pass(GATE.id),
        (Some(modality), _) if carried.contains(&modality) => Finding::pass(GATE.id),
        (Some(modality), _) => unsupported(s, carried, Text::literal(modality.word())),
        (None, Some(seen)) => unsupported(s, carried, seen.value.clone()),
    }
}

fn unsupported(s: &Snapshot<'_>, carried: &[Modality], observed: Text) -> Finding {
    let words: Vec<&str> = carried.iter().map(|modality| modality.word()).collect();
    let finding = Finding::of(GATE.id, Reason::ModalityUnsupported)
        .observed(observed.clone())
        .expected(words.join(", "))
        .about(observed)
        .wakes_on(WakeKey::Profile);
    let finding = match s.visit_type {
        TypeFinding::Approved(kind) => finding.wakes_on(WakeKey::Type(kind.name.clone())),
        _ => finding,
    };
    match s.appointment.modality.as_ref() {
        Some(said) => finding.at(&said.value.place),
        None => finding,
    }
}

/// How they meet: the source's word when it sends one that we know, else the approved type's. An empty word takes an
/// earlier one back.
pub(crate) fn modality_of(s: &Snapshot<'_>) -> Option<Modality> {
    match &s.appointment.modality {
        Some(said) if !said.value.value.is_empty() => modality_word(&said.value.value),
        _ => match s.visit_type {
            TypeFinding::Approved(kind) | TypeFinding::NearMiss(kind) => kind.modality,
            _ => None,
        },
    }
}

/// Our own words for modalities, in any letter case and with any separator.
fn modality_word(word: &str) -> Option<Modality> {
    let folded = crate::profile::fold_word(word);
    [Modality::Video, Modality::InPerson, Modality::Phone, Modality::Message]
        .into_iter()
        .find(|modality| crate::profile::fold_word(modality.word()) == folded)
}
