//! A resource of whatever type into records.

use crate::fhir_r4::actors::Included;
use crate::fhir_r4::appointment::decode_appointment;
use crate::fhir_r4::patient::decode_patient;
use crate::fhir_r4::problem::Problem;
use crate::fhir_r4::terms::Terms;
use domain::model::Record;
use domain::text::Text;
use wire::fhir::resource_type;

/// What a resource says.
#[derive(Clone, Debug, PartialEq)]
pub enum Decoded {
    /// It speaks of these.
    Records(Vec<Record>),
    /// It is of a type that says nothing about visits: which.
    Ignored(Text),
}

/// What a single resource says; a bundle is [`crate::fhir_r4::decode_bundle`]'s.
pub fn decode_resource(json: &[u8], terms: &Terms<'_>, included: &Included) -> Result<Decoded, Problem> {
    let kind = resource_type(json).map_err(|fault| Problem::at(fault.path(), fault.sentence()))?;
    match &*kind {
        "Appointment" => decode_appointment(json, terms, included).map(|record| Decoded::Records(vec![record])),
        "Patient" => decode_patient(json, terms).map(Decoded::Records),
        other => Ok(Decoded::Ignored(Text::from(other))),
    }
}
