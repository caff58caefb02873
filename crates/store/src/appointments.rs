//! Appointments: one row a source appointment, small, with pointers into the ledger.

use crate::Result;
use domain::decide::{Delivery, Judgement, Verdict};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::model::Portal;
use domain::notice::PatientTold;
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use minicbor::{Decode, Encode};

/// A worker's claim on sending one appointment's card. While it lasts nobody else sends for that appointment, which
/// keeps versions in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Lease {
    /// The process that holds it.
    #[n(0)]
    pub owner: u32,
    /// Raised with every claim: an outcome that comes with an older number comes too late to count.
    #[n(1)]
    pub fence: u32,
    /// Until when.
    #[n(2)]
    pub until: Moment,
    /// The entry whose card is being sent.
    #[n(3)]
    pub entry: EntryId,
    /// Its version.
    #[n(4)]
    pub version: u32,
}

/// What is held of one appointment besides its ledger.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct AppointmentRow {
    /// Start; `None` when not known.
    #[n(0)]
    pub start: Option<Moment>,
    /// The verdict as of the last change.
    #[n(1)]
    pub verdict: Verdict,
    /// Its primary reason.
    #[n(2)]
    pub reason: Option<Reason>,
    /// What the gates said.
    #[n(3)]
    pub judgement: Judgement,
    /// Their primary reason.
    #[n(4)]
    pub primary: Option<Reason>,
    /// Version of the newest decision.
    #[n(5)]
    pub version: u32,
    /// The newest decision.
    #[n(6)]
    pub decided: EntryId,
    /// The newest entry of any kind.
    #[n(7)]
    pub last: EntryId,
    /// The decision whose card was last asked for.
    #[n(8)]
    pub wished: Option<EntryId>,
    /// The decision whose card the platform last accepted.
    #[n(9)]
    pub shown: Option<EntryId>,
    /// Where the delivery stands.
    #[n(10)]
    pub delivery: Delivery,
    /// Who is sending now.
    #[n(11)]
    pub lease: Option<Lease>,
    /// The last fence given out.
    #[n(12)]
    pub fence: u32,
    /// When the source booked it.
    #[n(13)]
    pub booked_at: Moment,
    /// Somebody was told of it, or it was settled who tells.
    #[n(14)]
    pub told: bool,
    /// The time under which its card stands in the outbox, while it does.
    #[n(15)]
    pub outbox_at: Option<Moment>,
    /// What patients know of it from elsewhere: it was in the diary before the integration went live.
    #[n(16)]
    pub known: Option<PatientTold>,
    /// What the platform decided about it, when it told us of anything.
    #[n(17)]
    pub portal: Option<Box<Portal>>,
}

/// Which appointments a list wants.
#[derive(Clone, Debug, Default)]
pub struct AppointmentFilter {
    /// Only these verdicts; empty: all.
    pub verdicts: Vec<Verdict>,
    /// Only this primary reason.
    pub reason: Option<Reason>,
    /// Starts from here on.
    pub from: Option<Moment>,
    /// Starts before this.
    pub to: Option<Moment>,
}

/// A place in a list: the last row seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its start (unknown starts are last).
    pub start: Option<Moment>,
    /// Its source id.
    pub source_id: Text,
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedAppointment {
    /// The source's id.
    pub source_id: Text,
    /// What is held.
    pub row: AppointmentRow,
}

/// How many appointments have a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The verdict.
    pub verdict: Verdict,
    /// How many.
    pub count: u64,
}

/// Reading appointments.
pub trait AppointmentReads {
    /// One appointment.
    fn appointment(&mut self, key: &AppointmentKey) -> Result<Option<AppointmentRow>>;

    /// A page in order of start, then source id.
    fn appointments(
        &mut self,
        integration: IntegrationKey,
        filter: &AppointmentFilter,
        after: Option<&Page>,
        limit: usize,
    ) -> Result<Vec<ListedAppointment>>;

    /// The visits of a patient, in order of source id.
    fn appointments_of_patient(
        &mut self,
        integration: IntegrationKey,
        patient: &str,
        limit: usize,
    ) -> Result<Vec<Text>>;

    /// Source ids that begin with these characters, in order.
    fn source_ids_like(&mut self, integration: IntegrationKey, prefix: &str, limit: usize) -> Result<Vec<Text>>;

    /// Counts by verdict.
    fn tallies(&mut self, integration: IntegrationKey) -> Result<Vec<Tally>>;
}

/// Changing appointments.
pub trait AppointmentWrites {
    /// Stores an appointment. `before` is what was held, so that counts and indices are moved and not rebuilt.
    fn put_appointment(
        &mut self,
        key: &AppointmentKey,
        before: Option<&AppointmentRow>,
        row: &AppointmentRow,
    ) -> Result<()>;

    /// Notes that a patient takes part. A visit always has an id.
    fn put_participant(&mut self, key: &AppointmentKey, patient: &str) -> Result<()>;

    /// Notes that a patient takes part no longer.
    fn delete_participant(&mut self, key: &AppointmentKey, patient: &str) -> Result<()>;
}
