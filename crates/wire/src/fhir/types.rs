//! Data types that resources share (FHIR R4 §2.24). The elements are described there.

#![allow(missing_docs, reason = "the fields are the elements of FHIR R4, described in its data types")]

use crate::fhir::Str;
use serde::Deserialize;

/// Version and time of a resource.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Meta<'a> {
    #[serde(rename = "versionId", borrow)]
    pub version_id: Option<Str<'a>>,
    #[serde(rename = "lastUpdated", borrow)]
    pub last_updated: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub tag: Vec<Coding<'a>>,
}

/// A code of a system.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Coding<'a> {
    #[serde(borrow)]
    pub system: Option<Str<'a>>,
    #[serde(borrow)]
    pub code: Option<Str<'a>>,
    #[serde(borrow)]
    pub display: Option<Str<'a>>,
}

/// A concept: codes of several systems, or text.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CodeableConcept<'a> {
    #[serde(default, borrow)]
    pub coding: Vec<Coding<'a>>,
    #[serde(borrow)]
    pub text: Option<Str<'a>>,
}

/// A business identifier.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Identifier<'a> {
    #[serde(rename = "use", borrow)]
    pub usage: Option<Str<'a>>,
    #[serde(rename = "type", borrow)]
    pub kind: Option<CodeableConcept<'a>>,
    #[serde(borrow)]
    pub system: Option<Str<'a>>,
    #[serde(borrow)]
    pub value: Option<Str<'a>>,
}

/// A reference: literal (relative, absolute, contained), or by identifier.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Reference<'a> {
    #[serde(borrow)]
    pub reference: Option<Str<'a>>,
    #[serde(rename = "type", borrow)]
    pub kind: Option<Str<'a>>,
    #[serde(borrow)]
    pub identifier: Option<Identifier<'a>>,
    #[serde(borrow)]
    pub display: Option<Str<'a>>,
}

/// The other half of a primitive: `_start` beside `start`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Primitive<'a> {
    #[serde(default, borrow)]
    pub extension: Vec<Extension<'a>>,
}

/// An extension, as far as somebody reads one.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Extension<'a> {
    #[serde(borrow)]
    pub url: Option<Str<'a>>,
    #[serde(rename = "valueCode", borrow)]
    pub value_code: Option<Str<'a>>,
    #[serde(rename = "valuePositiveInt")]
    pub value_positive_int: Option<u32>,
    #[serde(rename = "valueReference", borrow)]
    pub value_reference: Option<Reference<'a>>,
}

/// A person's name.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct HumanName<'a> {
    #[serde(rename = "use", borrow)]
    pub usage: Option<Str<'a>>,
    #[serde(borrow)]
    pub text: Option<Str<'a>>,
    #[serde(borrow)]
    pub family: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub given: Vec<Option<Str<'a>>>,
}

/// A phone number, an e-mail address, …
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ContactPoint<'a> {
    #[serde(borrow)]
    pub system: Option<Str<'a>>,
    #[serde(borrow)]
    pub value: Option<Str<'a>>,
    #[serde(rename = "use", borrow)]
    pub usage: Option<Str<'a>>,
    pub rank: Option<u32>,
}

/// A postal address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Address<'a> {
    #[serde(rename = "use", borrow)]
    pub usage: Option<Str<'a>>,
    #[serde(default, borrow)]
    pub line: Vec<Option<Str<'a>>>,
    #[serde(borrow)]
    pub city: Option<Str<'a>>,
    #[serde(borrow)]
    pub state: Option<Str<'a>>,
    #[serde(rename = "postalCode", borrow)]
    pub postal_code: Option<Str<'a>>,
    #[serde(borrow)]
    pub country: Option<Str<'a>>,
}
