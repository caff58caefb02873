//! The series of a visit. R4 has none of its own: there each visit of a series is a resource, tied to the others by the
//! elements that R5 has for it (as extensions), or by an identifier that they share.

use crate::fhir_r4::terms::Terms;
use domain::model::Series;
use domain::text::Text;
use wire::fhir::{Appointment, Extension, Identifier, Str};

/// What the R5 elements of Appointment are called in R4.
const R5: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.";

/// The series that a visit belongs to: that of the visit it originates from, its own when it has the pattern, else the
/// identifier of a system that the profile names.
pub(super) fn series(visit: &Appointment<'_>, source_id: &Text, terms: &Terms<'_>) -> Option<Series> {
    let element = |name: &str| {
        let named =
            |extension: &&Extension<'_>| extension.url.as_deref().and_then(|url| url.strip_prefix(R5)) == Some(name);
        visit.extension.iter().find(named)
    };
    let place = element("recurrenceId").and_then(|extension| extension.value_positive_int);
    let origin = element("originatingAppointment").and_then(|extension| extension.value_reference.as_ref());
    let origin = origin.and_then(|reference| match terms.identifier_system {
        Some(system) => {
            let identifier = reference.identifier.as_ref()?;
            let ours = identifier.system.as_deref() == Some(system);
            identifier.value.as_ref().filter(|_| ours)?.present().map(Text::from)
        }
        None => reference.reference.as_ref()?.present()?.rsplit('/').next().map(Text::from),
    });
    let own = || element("recurrenceTemplate").map(|_| source_id.clone());
    let shared = || {
        let systems = &terms.fhir().series_systems;
        let of_system = |identifier: &&Identifier<'_>| {
            identifier.system.as_deref().is_some_and(|system| systems.iter().any(|known| *known == system))
        };
        visit.identifier.iter().find(of_system)?.value.as_ref().and_then(Str::present).map(Text::from)
    };
    let id = origin.or_else(own).or_else(shared)?;
    Some(Series { id, occurrence: place, placed: None, goes_on: None })
}
