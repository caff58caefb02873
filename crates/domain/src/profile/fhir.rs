//! Where things stand in the FHIR R4 resources of a source.

use crate::profile::PatientStyle;
use crate::text::Text;
use serde::Deserialize;

/// Where things stand in the FHIR R4 resources of a source.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FhirRules {
    /// Elements of Appointment that hold the visit type, tried in order: `appointmentType`, `serviceType`,
    /// `serviceCategory`, `specialty`, `reasonCode`.
    pub visit_type: Vec<Text>,
    /// Elements of Appointment that hold how patient and provider meet.
    pub modality: Vec<Text>,
    /// Types of actors that are the department.
    pub department: Vec<Text>,
    /// Types of actors that are providers.
    pub provider: Vec<Text>,
    /// Identifier systems of patients: what an actor is who is named by identifier alone, and which identifier counts
    /// for a patient who is contained in the visit.
    pub patient_systems: Vec<Text>,
    /// Identifier systems of providers.
    pub provider_systems: Vec<Text>,
    /// Identifier systems of departments.
    pub department_systems: Vec<Text>,
    /// Identifier systems of visits by which the visits of a series are tied together.
    pub series_systems: Vec<Text>,
    /// A resource is all that is known of a patient, or only what changed.
    pub patient: PatientStyle,
    /// Family names that mark a test patient (prefix, any letter case).
    pub test_families: Vec<Text>,
}

impl Default for FhirRules {
    fn default() -> FhirRules {
        let texts = |texts: &[&'static str]| texts.iter().map(|text| Text::literal(text)).collect();
        FhirRules {
            visit_type: texts(&["appointmentType", "serviceType"]),
            modality: Vec::new(),
            department: texts(&["Location"]),
            provider: texts(&["Practitioner", "PractitionerRole"]),
            patient_systems: Vec::new(),
            provider_systems: texts(&["http://hl7.org/fhir/sid/us-npi"]),
            department_systems: Vec::new(),
            series_systems: Vec::new(),
            patient: PatientStyle::Snapshot,
            test_families: Vec::new(),
        }
    }
}
