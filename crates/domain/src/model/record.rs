//! Records: what one envelope says, in our terms. Connectors make them, [`crate::merge`] takes them in.

use crate::model::{
    Address, BirthDate, Coverage, Department, Endless, Fact, Keyed, Participant, Provider, Restriction, Seen, Series,
    Sex, Stamp, Timing, VisitType,
};
use crate::phi::Phi;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// What happened at the source, by whatever protocol it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Event {
    /// A new booking (SIU S12).
    #[n(0)]
    Booked,
    /// Moved in time (S13).
    #[n(1)]
    Rescheduled,
    /// Anything else changed (S14).
    #[n(2)]
    Modified,
    /// Called off before it began (S15).
    #[n(3)]
    Cancelled,
    /// Stopped, or the rest of a series dropped (S16).
    #[n(4)]
    Discontinued,
    /// Deleted: was entered in error (S17).
    #[n(5)]
    Deleted,
    /// A resource was added, changed or dropped (S18–S22).
    #[n(6)]
    ResourcesChanged,
    /// Time slots blocked: not a visit (S23).
    #[n(7)]
    SlotBlocked,
    /// Blocked slots opened again (S24).
    #[n(8)]
    SlotOpened,
    /// The patient did not come (S26).
    #[n(9)]
    NoShow,
    /// Repeated in a list of upcoming visits (S27), or read by a poll.
    #[n(10)]
    Listed,
    /// Another visit took its place: the source said so of the other one.
    #[n(11)]
    Replaced,
}

impl Event {
    /// A plain past-tense phrase for timelines.
    pub const fn phrase(self) -> &'static str {
        match self {
            Event::Booked => "booked",
            Event::Rescheduled => "rescheduled",
            Event::Modified => "changed",
            Event::Cancelled => "cancelled",
            Event::Discontinued => "discontinued",
            Event::Deleted => "deleted",
            Event::ResourcesChanged => "resources changed",
            Event::SlotBlocked => "slot blocked",
            Event::SlotOpened => "slot opened",
            Event::NoShow => "patient did not come",
            Event::Listed => "listed",
            Event::Replaced => "replaced by another visit",
        }
    }
}

/// What a statement says about the status: the event itself, and the source's own words.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StatusSaid {
    /// What happened.
    #[n(0)]
    pub event: Event,
    /// The status word, when one was sent (HL7 v2: SCH-25, or where the profile says).
    #[n(1)]
    pub word: Option<Seen>,
    /// The reason code of the event (HL7 v2: SCH-6).
    #[n(2)]
    pub reason: Option<Seen>,
    /// The text beside the word's code, where it differs (`1^SCH`): tried when the code has no meaning.
    #[n(3)]
    pub text: Option<Seen>,
    /// Free text beside it, where the profile says that statuses hide there. About a patient: shown masked.
    #[n(4)]
    pub note: Option<Seen>,
}

impl StatusSaid {
    /// What an event says by itself.
    pub const fn by(event: Event) -> StatusSaid {
        StatusSaid { event, word: None, reason: None, text: None, note: None }
    }
}

/// A list as one envelope gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RosterRecord<T> {
    /// Nothing was said: keep what is held.
    Keep,
    /// This is the whole list.
    All(Vec<T>),
    /// Single changes: put on (or changed), and taken off.
    Changes {
        /// On the list from now on, as given.
        put: Vec<T>,
        /// Off the list from now on.
        removed: Vec<T>,
    },
}

impl<T: Keyed> RosterRecord<T> {
    /// The ids that the record names as being on the list.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let items: &[T] = match self {
            RosterRecord::Keep => &[],
            RosterRecord::All(items) | RosterRecord::Changes { put: items, .. } => items,
        };
        items.iter().map(Keyed::key)
    }
}

/// What a statement says about a series, beyond the visit that it describes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repeats {
    /// The place in the series that it is about, counted from 1; with times, that one and all later ones. `None`: all.
    pub from: Option<u32>,
    /// When each visit is, in their order; `None` in the place of one that the pattern leaves out. Empty: nothing is
    /// said of the times.
    pub times: Vec<Option<Timing>>,
    /// How it goes on behind them, when it has no end.
    pub endless: Option<Endless>,
}

/// What one envelope says about one appointment. `None` and `Keep` mean that nothing was said.
#[derive(Clone, Debug, PartialEq)]
pub struct AppointmentRecord {
    /// The source's id.
    pub source_id: Text,
    /// The asker's id.
    pub placer_id: Option<Text>,
    /// The source's version of this statement.
    pub stamp: Stamp,
    /// When it was booked, where the source says so itself; else the earliest statement counts.
    pub booked_at: Option<Moment>,
    /// What happened.
    pub event: Event,
    /// Status words; `None` when neither the event nor a word says anything about the status.
    pub status: Option<StatusSaid>,
    /// When it is.
    pub timing: Option<Timing>,
    /// The visit type.
    pub visit_type: Option<VisitType>,
    /// How they meet, in the source's word.
    pub modality: Option<Seen>,
    /// Where it is booked.
    pub department: Option<Department>,
    /// By whom.
    pub providers: RosterRecord<Provider>,
    /// For whom.
    pub participants: RosterRecord<Participant>,
    /// The series.
    pub series: Option<Series>,
    /// It speaks of a series that goes by a pattern; the visits come of it when it is taken in.
    pub repeats: Option<Box<Repeats>>,
    /// The visit whose place this one takes, when the source says so.
    pub replaces: Option<Text>,
    /// Marked as a test.
    pub test: bool,
    /// Read out of what the source holds, rather than told of as something that happened: whatever has become of the
    /// visit, it is not deleted.
    pub present: bool,
}

impl AppointmentRecord {
    /// A record that says nothing but what happened: `AppointmentRecord { timing, ..AppointmentRecord::about(…) }`.
    pub fn about(source_id: Text, stamp: Stamp, event: Event) -> AppointmentRecord {
        AppointmentRecord {
            source_id,
            placer_id: None,
            stamp,
            booked_at: None,
            event,
            status: None,
            timing: None,
            visit_type: None,
            modality: None,
            department: None,
            providers: RosterRecord::Keep,
            participants: RosterRecord::Keep,
            series: None,
            repeats: None,
            replaces: None,
            test: false,
            present: false,
        }
    }
}

/// What one envelope says about one patient.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of `Patient`, described there")]
pub struct PatientRecord {
    pub source_id: Text,
    pub stamp: Stamp,
    pub family: Fact<Phi<Text>>,
    pub given: Fact<Phi<Text>>,
    pub birth_date: Fact<Phi<BirthDate>>,
    pub sex: Fact<Phi<Sex>>,
    pub email: Fact<Phi<Text>>,
    pub email_place: Option<Text>,
    pub mobile: Fact<Phi<Text>>,
    pub phone: Fact<Phi<Text>>,
    pub address: Fact<Phi<Address>>,
    pub language: Fact<Phi<Text>>,
    pub coverage: Fact<Phi<Coverage>>,
    pub restrictions: Fact<Phi<Vec<Restriction>>>,
}

/// Two patient records of the source became one (HL7 v2: ADT A40).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRecord {
    /// The record that is gone.
    pub gone: Text,
    /// The record that took its place.
    pub survivor: Text,
    /// The source's version of this statement.
    pub stamp: Stamp,
}

/// One statement of an envelope.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// About an appointment and the patients it names.
    Appointment(Box<AppointmentRecord>, Vec<PatientRecord>),
    /// About a patient alone.
    Patient(Box<PatientRecord>),
    /// About a merge of two patients.
    Merge(MergeRecord),
}
