//! What batches lock besides rows: things that have no row yet, or too many.

use domain::ids::{IntegrationKey, PracticeNo};

/// Bringing the schema up to date.
pub(super) const SCHEMA: i64 = 0x7075_6e63_7475_0001;
/// The set-up: shared by every batch, taken alone by whoever changes it.
pub(super) const SETUP: i64 = 0x7075_6e63_7475_0002;
/// The end of the audit log.
pub(super) const AUDIT: i64 = 0x7075_6e63_7475_0003;

fn number(kind: &[u8], key: &[u32], text: &str) -> i64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind);
    for part in key {
        hasher.update(&part.to_le_bytes());
    }
    hasher.update(text.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    i64::from_le_bytes(bytes)
}

/// A patient, known or not.
pub(super) fn patient(integration: IntegrationKey, source_id: &str) -> i64 {
    number(b"patient", &[integration.practice.0, integration.integration], source_id)
}

/// An address within a practice: who holds it.
pub(super) fn address(practice: PracticeNo, email_key: &str) -> i64 {
    number(b"address", &[practice.0], email_key)
}
