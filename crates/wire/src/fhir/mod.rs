//! The part of FHIR R4 (4.0.1) that tells of visits, as views into the bytes of a message.
//!
//! Only what somebody reads is modelled. Unknown elements, extensions among them, are skipped: whoever keeps the bytes
//! loses nothing. Codes are text here, also where the standard binds them: what a code means, and whether an unknown
//! one matters, is decided elsewhere. JSON's `null` counts as absent.

mod bundle;
mod date;
mod fault;
mod lines;
mod resources;
mod text;
mod types;

pub use bundle::{Bundle, BundleEntry, BundleLink, EntryRequest, EntryResponse, EntrySearch};
pub use date::{DateFault, DateTime};
pub use fault::Fault;
pub use lines::{Line, Lines};
pub use resources::{
    Appointment, AppointmentParticipant, HumanLink, Issue, Location, OperationOutcome, Patient, PatientLanguage,
    Practitioner, Slot,
};
pub use text::Str;
pub use types::{
    Address, CodeableConcept, Coding, ContactPoint, Extension, HumanName, Identifier, Meta, Primitive, Reference,
};

use serde::Deserialize;

/// The type of a resource, without reading the rest where it stands in front, as nearly every writer puts it.
pub fn resource_type(json: &[u8]) -> Result<Str<'_>, Fault> {
    if let Some(name) = leading_type(json) {
        return Ok(Str::borrowed(name));
    }
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(rename = "resourceType", borrow)]
        resource_type: Option<Str<'a>>,
    }
    let head: Head<'_> = read(json)?;
    head.resource_type.ok_or_else(|| Fault::at("resourceType", "The resource does not say what it is."))
}

/// Reads a resource. A fault tells the JSON path of what cannot be read, and never quotes a value.
pub fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(json).map_err(|error| Fault::of(json, &error))
}

/// The name in `{"resourceType":"…"`.
fn leading_type(json: &[u8]) -> Option<&str> {
    let skip = |bytes: &'_ [u8], token: &[u8]| -> Option<usize> {
        let bare = bytes.trim_ascii_start();
        bare.starts_with(token).then(|| bytes.len() - bare.len() + token.len())
    };
    let mut rest = json;
    for token in [&b"{"[..], b"\"resourceType\"", b":", b"\""] {
        rest = rest.get(skip(rest, token)?..)?;
    }
    let name = rest.get(..memchr::memchr(b'"', rest)?)?;
    // A name with an escape in it is left to the reader proper.
    name.iter().all(u8::is_ascii_alphanumeric).then(|| std::str::from_utf8(name).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_read_in_front_behind_and_with_blanks() {
        for json in [
            r#"{"resourceType":"Slot","id":"1"}"#,
            " {\n \"resourceType\" : \"Slot\" }",
            r#"{"id":"1","contained":[{"resourceType":"Patient"}],"resourceType":"Slot"}"#,
            r#"{"resourceType":"Sl\u006ft"}"#,
        ] {
            assert_eq!(&*resource_type(json.as_bytes()).unwrap(), "Slot", "{json}");
        }
        assert_eq!(resource_type(b"{}").unwrap_err().path(), "resourceType");
        assert!(resource_type(b"[]").is_err());
    }
}
