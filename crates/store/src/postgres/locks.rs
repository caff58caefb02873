//! What batches lock besides rows: things that have no row yet, or too many.
//!
//! The server's advisory locks are numbers that all sessions of a database share. Stores in different schemas of one
//! database have different numbers.

use domain::ids::{IntegrationKey, PracticeNo};

/// The locks of one store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Locks {
    /// What tells this store's numbers from those of others.
    space: [u8; 32],
}

impl Locks {
    /// Of the store in this schema.
    pub(super) fn of_schema(schema: &str) -> Locks {
        Locks { space: *blake3::hash(schema.as_bytes()).as_bytes() }
    }

    fn number(self, kind: &[u8], key: &[u32], text: &str) -> i64 {
        let mut hasher = blake3::Hasher::new_keyed(&self.space);
        hasher.update(kind);
        for part in key {
            hasher.update(&part.to_le_bytes());
        }
        hasher.update(text.as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        i64::from_le_bytes(bytes)
    }

    /// On which channel processes of this store tell each other things.
    pub(super) fn channel(self) -> String {
        format!("punctual_{:016x}", self.number(b"channel", &[], ""))
    }

    /// Bringing the schema up to date.
    pub(super) fn schema(self) -> i64 {
        self.number(b"schema", &[], "")
    }

    /// Being connected at all: shared by every connection, taken alone by a copy.
    pub(super) fn in_use(self) -> i64 {
        self.number(b"in use", &[], "")
    }

    /// The set-up: shared by every batch, taken alone by whoever changes it.
    pub(super) fn setup(self) -> i64 {
        self.number(b"setup", &[], "")
    }

    /// The end of the audit log.
    pub(super) fn audit(self) -> i64 {
        self.number(b"audit", &[], "")
    }

    /// A patient, known or not.
    pub(super) fn patient(self, integration: IntegrationKey, source_id: &str) -> i64 {
        self.number(b"patient", &[integration.practice.0, integration.integration], source_id)
    }

    /// An address within a practice: who holds it.
    pub(super) fn address(self, practice: PracticeNo, email_key: &str) -> i64 {
        self.number(b"address", &[practice.0], email_key)
    }
}
