//! What Punctual remembers: one contract, several engines, one suite of tests that all must pass.
//!
//! A [`Store`] hands out [`Writer`]s and [`Reader`]s. A writer works in batches: everything between `begin` and
//! `commit` becomes visible together or not at all, and is durable once a [`Syncer`] says so. All calls are synchronous
//! and made from threads of their own; an engine that speaks over a network does its waiting inside.
//!
//! What a query costs must not depend on how much history there is: each one goes by an index, and lists come in pages.

mod appointments;
mod audit;
mod bodies;
mod causes;
mod checks;
mod columns;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
pub mod copy;
mod coverage;
mod envelopes;
mod error;
mod events;
mod exceptions;
mod feedback;
mod ledger;
mod notices;
mod outbox;
#[cfg(feature = "sqlite")]
mod packing;
mod patients;
mod polls;
#[cfg(feature = "postgres")]
pub mod postgres;
mod queue_use;
mod schema;
mod setup;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod tokens;
mod undecided;
mod waits;

pub use appointments::{
    AppointmentFilter, AppointmentReads, AppointmentRow, AppointmentWrites, Lease, ListedAppointment, Page, Tally,
};
pub use audit::{AuditReads, AuditRow, AuditWrites, NewAudit, audit_hash};
pub use causes::{CauseReads, CauseRow, CauseWrites, Stop, cause_id};
pub use checks::{CheckReads, CheckRunRow, CheckWrites};
pub use coverage::{CoverageReads, CoverageRow, CoverageWrites};
pub use envelopes::{
    ControlRow, EnvelopeFormat, EnvelopeReads, EnvelopeRow, EnvelopeState, EnvelopeWrites, NewEnvelope,
};
pub use error::{Error, Result, Retry};
pub use events::{EventReads, EventRow, EventWrites};
pub use exceptions::{ExceptionReads, ExceptionRow, ExceptionWrites};
pub use feedback::{FeedbackCount, FeedbackReads, FeedbackRow, FeedbackWrites};
pub use ledger::{EntryRow, LedgerReads, LedgerWrites};
pub use notices::{NoticeReads, NoticeRow, NoticeWrites};
pub use outbox::{OutboxReads, OutboxRow, OutboxWrites};
pub use patients::{AccountQuery, AccountRow, PatientReads, PatientRow, PatientWrites};
pub use polls::{PaceRow, PollReads, PollRow, PollWrites};
pub use queue_use::{UseReads, UseRow, UseWrites};
pub use setup::{IntegrationRow, PracticeRow, SetupReads, SetupWrites};
pub use tokens::{SessionRow, TokenReads, TokenRow, TokenWrites};
pub use undecided::{Asked, Keeping, Porter, Subject, UndecidedReads, UndecidedRow, UndecidedWrites};
pub use waits::{FiredRow, WaitReads, WaitWrites, WakeScope};

use domain::ids::{AppointmentKey, IntegrationKey, PracticeNo};
use domain::text::Text;
use std::collections::BTreeSet;

/// Rows that a batch is going to look at, told beforehand, so that an engine over a network can fetch them together.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Appointments.
    pub appointments: Vec<AppointmentKey>,
    /// Patients by source id.
    pub patients: Vec<(IntegrationKey, Text)>,
    /// Facts by their wake keys: visits that wait for them. Those of the patients named above need not be named.
    pub facts: Vec<(IntegrationKey, Text)>,
    /// Addresses of patients, folded: who holds them.
    pub addresses: Vec<(IntegrationKey, Text)>,
    /// Message ids.
    pub controls: Vec<(IntegrationKey, Text)>,
    /// What is spoken of: messages about it that are not decided on.
    pub subjects: Vec<(PracticeNo, Subject)>,
}

/// A place where everything is kept.
pub trait Store: Send + Sync {
    /// A writer. An engine with a single writer gives out one at a time and makes others wait.
    fn writer(&self) -> Result<Box<dyn Writer>>;

    /// A reader; it sees what was committed before each of its calls.
    fn reader(&self) -> Result<Box<dyn Reader>>;

    /// What makes the batches of this store's writers durable. It works beside a writer, so that the disk is at one
    /// batch while the writer is at the next.
    fn syncer(&self) -> Result<Box<dyn Syncer>>;

    /// Called once by a process that is going to serve, before it looks at anything: whatever is read from here on is
    /// durable. A process before this one may have ended because the disk failed to keep what it had written; some
    /// systems go on showing such data until the machine is restarted, and nobody may be told that they are stored.
    fn settle(&self) -> Result<()> {
        Ok(())
    }

    /// Who keeps messages before they are decided on. `None`: a commit is so near that it does not pay.
    fn porter(&self) -> Result<Option<Box<dyn Porter>>> {
        Ok(None)
    }

    /// How many writers may usefully work side by side.
    fn lanes(&self) -> usize;

    /// Writes a complete, consistent copy into one file while others go on working.
    fn backup(&self, to: &std::path::Path, progress: &mut dyn FnMut(u64, u64)) -> Result<()>;

    /// Has `ring` called when another process says that there is something to do, from a thread of the store's own.
    /// What is not heard is found by whoever looks now and then. `None`: no other process works on the store.
    fn listen(&self, _ring: Box<dyn Fn(Bells) + Send + Sync>) -> Result<Option<Listening>> {
        Ok(None)
    }

    /// Where it is, for people; never with a password.
    fn describe(&self) -> String;
}

/// What other processes on the store are told when a batch is committed. Only what they cannot expect by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bells {
    /// Facts or the set-up changed.
    pub facts: bool,
    /// Cards wait that the one who put them there does not send.
    pub outbox: bool,
    /// Integrations of which visits changed.
    pub visits: BTreeSet<IntegrationKey>,
}

impl Bells {
    /// Nothing is told.
    pub fn is_empty(&self) -> bool {
        !self.facts && !self.outbox && self.visits.is_empty()
    }
}

/// Somebody listens, until this is dropped.
pub struct Listening(Box<dyn std::any::Any + Send + Sync>);

impl Listening {
    /// Until `guard` is dropped.
    pub fn until_dropped(guard: impl std::any::Any + Send + Sync) -> Listening {
        Listening(Box::new(guard))
    }
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Listening({:?})", self.0.type_id())
    }
}

/// Makes batches durable.
pub trait Syncer: Send {
    /// Every batch whose `commit` returned before this call is durable when it returns: no crash loses it. After an
    /// error nobody knows what the disk holds; only opening the store anew tells.
    fn sync(&mut self) -> Result<()>;
}

/// Everything that can be asked.
pub trait Reader:
    AppointmentReads
    + AuditReads
    + CauseReads
    + CheckReads
    + CoverageReads
    + EnvelopeReads
    + EventReads
    + ExceptionReads
    + FeedbackReads
    + LedgerReads
    + NoticeReads
    + OutboxReads
    + PatientReads
    + PollReads
    + SetupReads
    + TokenReads
    + UndecidedReads
    + UseReads
    + WaitReads
    + Send
{
}

/// Everything that can be asked and changed, in batches.
pub trait Writer:
    Reader
    + AppointmentWrites
    + AuditWrites
    + CauseWrites
    + CheckWrites
    + CoverageWrites
    + EnvelopeWrites
    + EventWrites
    + ExceptionWrites
    + FeedbackWrites
    + LedgerWrites
    + NoticeWrites
    + OutboxWrites
    + PatientWrites
    + PollWrites
    + SetupWrites
    + TokenWrites
    + UndecidedWrites
    + UseWrites
    + WaitWrites
{
    /// Opens a batch. An engine that fetches rows ahead asks `hints` which.
    fn begin(&mut self, hints: &mut dyn FnMut(&mut Hints)) -> Result<()>;

    /// Tells other processes when the batch is committed, and not at all when it is not. Where there are none, nobody.
    fn ring(&mut self, _bells: Bells) -> Result<()> {
        Ok(())
    }

    /// Makes the batch part of the store: everybody sees it, all of it, after all batches before it. It is durable only
    /// after a [`Syncer::sync`] that was called later; nobody outside may hear of it before.
    fn commit(&mut self) -> Result<()>;

    /// Forgets the batch. Safe to call when there is none.
    fn rollback(&mut self);
}
