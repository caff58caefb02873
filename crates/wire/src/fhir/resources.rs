//! Resources, as far as visits need them. The elements are described in FHIR R4.

#![allow(missing_docs, reason = "the fields are the elements of FHIR R4, described with its resources")]

use crate::fhir::{
    Address, CodeableConcept, ContactPoint, Extension, HumanName, Identifier, Meta, Primitive, Reference, Str,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A visit (§13.11).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Appointment<'a> {
    #[serde(rename = "resourceType", borrow)]
    pub resource_type: Option<Str<'a>>,
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    #[serde(borrow)]
    pub meta: Option<Meta<'a>>,
    /// Resources that exist only inside this one.
    #[serde(default, borrow)]
    pub contained: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    pub extension: Vec<Extension<'a>>,
    #[serde(default, borrow)]
    pub identifier: Vec<Identifier<'a>>,
    #[serde(borrow)]
    pub status: Option<Str<'a>>,
    /// R4 writes it with one l, R5 with two.
    #[serde(rename = "cancelationReason", alias = "cancellationReason", borrow)]
    pub cancelation_reason: Option<CodeableConcept<'a>>,
    #[serde(rename = "serviceCategory", default, borrow)]
    pub service_category: Vec<CodeableConcept<'a>>,
    #[serde(rename = "serviceType", default, borrow)]
    pub service_type: Vec<CodeableConcept<'a>>,
    #[serde(default, borrow)]
    pub specialty: Vec<CodeableConcept<'a>>,
    #[serde(rename = "appointmentType", borrow)]
    pub appointment_type: Option<CodeableConcept<'a>>,
    #[serde(rename = "reasonCode", default, borrow)]
    pub reason_code: Vec<CodeableConcept<'a>>,
    #[serde(borrow)]
    pub start: Option<Str<'a>>,
    #[serde(rename = "_start", borrow)]
    pub start_more: Option<Primitive<'a>>,
    #[serde(borrow)]
    pub end: Option<Str<'a>>,
    #[serde(rename = "minutesDuration")]
    pub minutes_duration: Option<u32>,
    #[serde(default, borrow)]
    pub slot: Vec<Reference<'a>>,
    #[serde(borrow)]
    pub created: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub participant: Vec<AppointmentParticipant<'a>>,
}

/// Somebody or something that takes part in a visit.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AppointmentParticipant<'a> {
    #[serde(rename = "type", default, borrow)]
    pub kind: Vec<CodeableConcept<'a>>,
    #[serde(borrow)]
    pub actor: Option<Reference<'a>>,
    #[serde(borrow)]
    pub status: Option<Str<'a>>,
}

/// A patient (§8.1).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Patient<'a> {
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    #[serde(borrow)]
    pub meta: Option<Meta<'a>>,
    #[serde(default, borrow)]
    pub identifier: Vec<Identifier<'a>>,
    pub active: Option<bool>,
    #[serde(default, borrow)]
    pub name: Vec<HumanName<'a>>,
    #[serde(default, borrow)]
    pub telecom: Vec<ContactPoint<'a>>,
    #[serde(borrow)]
    pub gender: Option<Str<'a>>,
    #[serde(rename = "birthDate", borrow)]
    pub birth_date: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub address: Vec<Address<'a>>,
    #[serde(default, borrow)]
    pub communication: Vec<PatientLanguage<'a>>,
    #[serde(default, borrow)]
    pub link: Vec<HumanLink<'a>>,
}

/// A language that a patient speaks.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PatientLanguage<'a> {
    #[serde(borrow)]
    pub language: Option<CodeableConcept<'a>>,
    pub preferred: Option<bool>,
}

/// Another record of the same person.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct HumanLink<'a> {
    #[serde(borrow)]
    pub other: Option<Reference<'a>>,
    #[serde(rename = "type", borrow)]
    pub kind: Option<Str<'a>>,
}

/// Somebody who provides care (§8.4).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Practitioner<'a> {
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub identifier: Vec<Identifier<'a>>,
    pub active: Option<bool>,
    #[serde(default, borrow)]
    pub name: Vec<HumanName<'a>>,
}

/// A place (§8.7).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Location<'a> {
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub identifier: Vec<Identifier<'a>>,
    #[serde(borrow)]
    pub name: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub extension: Vec<Extension<'a>>,
}

/// A time that can be booked (§13.13).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Slot<'a> {
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    #[serde(borrow)]
    pub meta: Option<Meta<'a>>,
    #[serde(default, borrow)]
    pub identifier: Vec<Identifier<'a>>,
    #[serde(rename = "serviceType", default, borrow)]
    pub service_type: Vec<CodeableConcept<'a>>,
    #[serde(rename = "appointmentType", borrow)]
    pub appointment_type: Option<CodeableConcept<'a>>,
    #[serde(borrow)]
    pub schedule: Option<Reference<'a>>,
    #[serde(borrow)]
    pub status: Option<Str<'a>>,
    #[serde(borrow)]
    pub start: Option<Str<'a>>,
    #[serde(borrow)]
    pub end: Option<Str<'a>>,
}

/// What a server has to say about a request (§2.33).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct OperationOutcome<'a> {
    #[serde(default, borrow)]
    pub issue: Vec<Issue<'a>>,
}

/// One thing that a server has to say. `diagnostics` may hold patient data.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Issue<'a> {
    #[serde(borrow)]
    pub severity: Option<Str<'a>>,
    #[serde(borrow)]
    pub code: Option<Str<'a>>,
    #[serde(borrow)]
    pub details: Option<CodeableConcept<'a>>,
    #[serde(borrow)]
    pub diagnostics: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub expression: Vec<Str<'a>>,
}
