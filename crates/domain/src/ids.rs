//! Typed identifiers. Numbers inside, readable text with a prefix at the edge.

use crate::text::Text;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The practice (tenant) as a number given by the store; every stored key starts with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct PracticeNo(#[n(0)] pub u32);

impl PracticeNo {
    /// Where envelopes stay that no practice could be found for.
    pub const UNROUTED: PracticeNo = PracticeNo(0);
}

/// One integration inside one practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub struct IntegrationKey {
    /// The tenant.
    #[n(0)]
    pub practice: PracticeNo,
    /// The integration's number within the store.
    #[n(1)]
    pub integration: u32,
}

impl IntegrationKey {
    /// The place of envelopes that belong to no integration.
    pub const UNROUTED: IntegrationKey = IntegrationKey { practice: PracticeNo::UNROUTED, integration: 0 };
}

/// One source appointment of one integration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppointmentKey {
    /// Whose appointment it is.
    pub integration: IntegrationKey,
    /// The source's own id of the appointment (HL7 v2: SCH-2.1).
    pub source_id: Text,
}

/// Digits of Crockford's base 32, lower case.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn write_base32(prefix: &str, id: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [b'0'; 13];
    let mut rest = id;
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest & 31) as usize];
        rest >>= 5;
    }
    f.write_str(prefix)?;
    f.write_str(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
}

/// A text that is not an id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: expected {0} and 13 characters of 0-9, a-z")]
pub struct NotAnId(&'static str);

fn read_base32(prefix: &'static str, text: &str) -> Result<u64, NotAnId> {
    let digits = text.strip_prefix(prefix).ok_or(NotAnId(prefix))?.as_bytes();
    if digits.len() != 13 {
        return Err(NotAnId(prefix));
    }
    digits.iter().try_fold(0u64, |id, digit| {
        let value = DIGITS.iter().position(|d| d == digit).ok_or(NotAnId(prefix))?;
        id.checked_mul(32).and_then(|id| id.checked_add(value as u64)).ok_or(NotAnId(prefix))
    })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_base32($prefix, self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<$name, NotAnId> {
                read_base32($prefix, text).map($name)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                Text::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// An envelope: a message or page exactly as it arrived. Ascending in time of arrival.
    EnvelopeId,
    "env_"
);
id!(
    /// One entry of the ledger: something that happened to one appointment. Ascending in time.
    EntryId,
    "ent_"
);
id!(
    /// One row of the audit log.
    AuditId,
    "aud_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_what_they_print() {
        for id in [0, 1, 31, 32, 0x0123_4567_89ab_cdef, u64::MAX] {
            let text = EnvelopeId(id).to_string();
            assert_eq!(text.len(), 17);
            assert_eq!(text.parse(), Ok(EnvelopeId(id)));
        }
    }

    #[test]
    fn printed_ids_sort_like_their_numbers() {
        assert!(EntryId(31).to_string() < EntryId(32).to_string());
        assert!(EntryId(1 << 40).to_string() < EntryId((1 << 40) + 1).to_string());
    }

    #[test]
    fn foreign_text_is_refused() {
        for text in ["", "env_", "ent_0000000000001", "env_000000000000u", "env_00000000000001", "env_zzzzzzzzzzzzz"] {
            assert!(text.parse::<EnvelopeId>().is_err(), "{text}");
        }
    }
}
