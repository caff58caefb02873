//! Notices: what people are to be told, and what became of it. At most one stands under a key, and whoever sends it
//! holds it for a while.

use crate::Result;
use domain::ids::{EntryId, IntegrationKey};
use domain::notice::{Language, NoticeKind, NoticeState, PatientTold};
use domain::text::Text;
use domain::time::Moment;

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Its id; ascending in time.
    pub id: EntryId,
    /// Whose.
    pub integration: IntegrationKey,
    /// What it is about.
    pub kind: NoticeKind,
    /// Which visit (its source id), cause or integration.
    pub subject: Text,
    /// Whom: the patient's source id, or the owner's role.
    pub recipient: Text,
    /// No second notice of the integration has this key.
    pub once: Text,
    /// Where it stands.
    pub state: NoticeState,
    /// When it is to be sent; while it is being sent, when whoever holds it is given up. Nothing when it is closed.
    pub due_at: Option<Moment>,
    /// When it became due.
    pub made_at: Moment,
    /// What it tells of a visit.
    pub about: Option<PatientTold>,
    /// The version of the card it tells of; of what is told of a cause, the place on its path.
    pub version: u32,
    /// Attempts made.
    pub attempts: u32,
    /// By which way it went: `mail`, `sms`.
    pub channel: Option<Text>,
    /// In which language.
    pub language: Option<Language>,
    /// What came of it, in words without patient data.
    pub answer: Option<Text>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
}

/// Reading notices.
pub trait NoticeReads {
    /// The notice under a key.
    fn notice_once(&mut self, integration: IntegrationKey, once: &str) -> Result<Option<NoticeRow>>;

    /// The notices about a subject, newest first.
    fn notices_of(&mut self, integration: IntegrationKey, subject: &str, limit: usize) -> Result<Vec<NoticeRow>>;

    /// Open notices whose time has come, the earliest first; in a batch they are nobody else's until it ends.
    fn notices_due(&mut self, now: Moment, limit: usize) -> Result<Vec<NoticeRow>>;

    /// When the next open notice is due.
    fn next_notice(&mut self) -> Result<Option<Moment>>;
}

/// Writing notices.
pub trait NoticeWrites {
    /// Stores a notice, in the place of the one with its id.
    fn put_notice(&mut self, row: &NoticeRow) -> Result<()>;
}
