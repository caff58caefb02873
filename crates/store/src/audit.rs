//! The audit log: who saw and changed what. Each row's hash covers the row and the hash before it.

use crate::Result;
use domain::ids::{AuditId, PracticeNo};
use domain::text::Text;
use domain::time::Moment;

/// Something somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAudit {
    /// Its id.
    pub id: AuditId,
    /// In whose practice; [`PracticeNo::UNROUTED`] for the installation itself.
    pub practice: PracticeNo,
    /// When.
    pub at: Moment,
    /// Who: a token's name, or `engine`.
    pub actor: Text,
    /// As what.
    pub role: Text,
    /// What they did: `view`, `link`, `apply`, …
    pub action: Text,
    /// To what: ids of ours, never a name.
    pub subject: Text,
    /// More, such as the purpose that was given.
    pub detail: Text,
}

/// A stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// What was done.
    pub audit: NewAudit,
    /// The hash over this row and everything before it.
    pub hash: [u8; 32],
}

/// The hash of a row that follows a row with hash `before`.
pub fn audit_hash(before: &[u8; 32], audit: &NewAudit) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&audit.id.0.to_le_bytes());
    hasher.update(&audit.practice.0.to_le_bytes());
    hasher.update(&audit.at.micros().to_le_bytes());
    for text in [&audit.actor, &audit.role, &audit.action, &audit.subject, &audit.detail] {
        // The length before each text keeps ("ab", "c") and ("a", "bc") apart.
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// Reading the audit log.
pub trait AuditReads {
    /// Rows of a practice (or of all, when `None`) before `before`, newest first.
    fn audit(
        &mut self,
        practice: Option<PracticeNo>,
        subject: Option<&str>,
        before: Option<AuditId>,
        limit: usize,
    ) -> Result<Vec<AuditRow>>;

    /// Rows after `after` in order, to check the chain.
    fn audit_chain(&mut self, after: AuditId, limit: usize) -> Result<Vec<AuditRow>>;
}

/// Writing the audit log.
pub trait AuditWrites {
    /// Appends a row.
    fn put_audit(&mut self, audit: &NewAudit) -> Result<()>;
}
