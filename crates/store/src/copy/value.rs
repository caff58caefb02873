//! Values of columns as both engines understand them.

use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number that PostgreSQL keeps in 64 bits.
    Number,
    /// A number that PostgreSQL keeps in 16 bits.
    Small,
    /// Yes or no; SQLite keeps 1 or 0.
    Flag,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Value {
    /// None.
    Null,
    /// A number, a small number or a flag.
    Number(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Value {
    /// Brings the value into a digest so that no two rows look alike: its kind, its length, itself.
    pub(super) fn digest(&self, into: &mut blake3::Hasher) {
        let mut of = |kind: u8, bytes: &[u8]| {
            into.update(&[kind]);
            into.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
            into.update(bytes);
        };
        match self {
            Value::Null => of(0, &[]),
            Value::Number(number) => of(1, &number.to_le_bytes()),
            Value::Text(text) => of(2, text.as_bytes()),
            Value::Bytes(bytes) => of(3, bytes),
        }
    }
}
