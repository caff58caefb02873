//! The canonical appointment: the latest accepted state of one source appointment, each part with its own stamp.

use crate::ids::EnvelopeId;
use crate::model::{Endless, Keyed, Roster, Said, Seen, Stamp, StatusSaid};
use crate::reasons::Reason;
use crate::status::Status;
use crate::text::Text;
use crate::time::{Moment, Placement};
use minicbor::{Decode, Encode};

/// How patient and provider meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Modality {
    /// By video.
    #[n(0)]
    Video,
    /// At the clinic.
    #[n(1)]
    InPerson,
    /// By telephone.
    #[n(2)]
    Phone,
    /// By secure message.
    #[n(3)]
    Message,
}

impl Modality {
    /// The word used in the API, in documents and in profiles.
    pub const fn word(self) -> &'static str {
        match self {
            Modality::Video => "video",
            Modality::InPerson => "in_person",
            Modality::Phone => "phone",
            Modality::Message => "message",
        }
    }
}

/// When the visit is.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Timing {
    /// Start; `None` for a visit without a time yet.
    #[n(0)]
    pub start: Option<Moment>,
    /// End; `None` when the source gives neither end nor a length with a unit.
    #[n(1)]
    pub end: Option<Moment>,
    /// IANA name of the zone the local text was placed in.
    #[n(2)]
    pub zone: Text,
    /// The start exactly as the source wrote it, and where.
    #[n(3)]
    pub start_seen: Option<Seen>,
    /// Where the end or the length stood.
    #[n(4)]
    pub end_place: Option<Text>,
    /// Whether the start's local time was exactly one instant.
    #[n(5)]
    pub placement: Placement,
    /// What is odd about these times.
    #[n(6)]
    pub issues: Vec<TimingIssue>,
}

/// Something odd in the times of a visit. A finding for a person, never repaired by guessing (invariant 7).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TimingIssue {
    /// A length without a unit (SCH-10 empty), and no profile that says which unit the source means.
    #[n(0)]
    UnitMissing(#[n(0)] Seen),
    /// Two fields of one message give different times.
    #[n(1)]
    FieldsDisagree(#[n(0)] Seen, #[n(1)] Seen),
    /// Only a date was sent where a time is needed.
    #[n(2)]
    DateOnly(#[n(0)] Seen),
}

/// The visit type as the source names it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct VisitType {
    /// The code, when the source sends one.
    #[n(0)]
    pub id: Option<Text>,
    /// The name; equal to the code when the source sends nothing else.
    #[n(1)]
    pub name: Text,
    /// Where it stood.
    #[n(2)]
    pub place: Text,
}

/// The department or location the visit is booked in.
pub type Department = Seen;

/// A provider of the visit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Provider {
    /// The source's id.
    #[n(0)]
    pub source_id: Text,
    /// The name as the source writes it.
    #[n(1)]
    pub name: Option<Text>,
    /// The role code (HL7 v2: AIP-4.1).
    #[n(2)]
    pub role: Option<Text>,
    /// Where the id stood.
    #[n(3)]
    pub place: Text,
}

impl Keyed for Provider {
    fn key(&self) -> &str {
        &self.source_id
    }
}

/// A patient of the visit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Participant {
    /// The source's patient id.
    #[n(0)]
    pub source_id: Text,
    /// A status of this participant alone, as a record brings it. What holds stands in
    /// [`Appointment::own_statuses`].
    #[n(1)]
    pub status: Option<Said<StatusSaid>>,
    /// Where the id stood.
    #[n(2)]
    pub place: Text,
}

impl Keyed for Participant {
    fn key(&self) -> &str {
        &self.source_id
    }
}

/// A status of one participant alone, with a stamp of its own: it counts while no newer list names them without one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OwnStatus {
    /// The source's patient id.
    #[n(0)]
    pub source_id: Text,
    /// What the source says has become of their part in the visit.
    #[n(1)]
    pub said: Said<StatusSaid>,
    /// The newest status of theirs that could be understood.
    #[n(2)]
    pub known: Option<Status>,
    /// The first final status that the platform was asked to show for them.
    #[n(3)]
    pub first_final: Option<FirstFinal>,
}

/// The first final status that the platform was asked to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct FirstFinal {
    /// Which.
    #[n(0)]
    pub status: Status,
    /// When it was decided on.
    #[n(1)]
    pub at: Moment,
}

/// What stands under an id in the diary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Existence {
    /// A visit: somebody booked it.
    #[n(0)]
    Visit,
    /// Blocked time, not a visit.
    #[n(1)]
    Blocked,
    /// Nothing any more: it was deleted.
    #[n(2)]
    Deleted,
}

/// The series a visit belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Series {
    /// One id for all occurrences.
    #[n(0)]
    pub id: Text,
    /// Which occurrence this is, counted from 1, when the source says.
    #[n(1)]
    pub occurrence: Option<u32>,
    /// Where the pattern of the series has it, when the series goes by one: who was moved alone starts elsewhere.
    #[n(2)]
    pub placed: Option<Moment>,
    /// The last one made of a series without an end has how it goes on.
    #[n(3)]
    pub goes_on: Option<Endless>,
}

/// How two appointments belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Relation {
    /// This one was given up for the other.
    #[n(0)]
    ReplacedBy,
    /// This one took the other's place.
    #[n(1)]
    Replaces,
    /// Both are occurrences of one series.
    #[n(2)]
    SameSeries,
    /// The same patients at the same time with another provider: perhaps one visit under two ids.
    #[n(3)]
    Doubles,
}

impl Relation {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Relation::ReplacedBy => "replaced_by",
            Relation::Replaces => "replaces",
            Relation::SameSeries => "same_series",
            Relation::Doubles => "doubles",
        }
    }
}

/// A pair of appointments.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Lineage {
    /// How.
    #[n(0)]
    pub relation: Relation,
    /// The other's source id.
    #[n(1)]
    pub source_id: Text,
}

/// What a person decided about one visit where a rule leaves it to people.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ruling {
    /// About which reason.
    #[n(0)]
    pub reason: Reason,
    /// It is to go ahead; otherwise it is left out.
    #[n(1)]
    pub go_ahead: bool,
}

/// How a visit stood when a whole diary was taken over (`punctual backfill`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum TakenOver {
    /// It was in the diary before the integration went live, or nobody can tell: whoever had to be told of it was told.
    #[n(0)]
    Existing,
    /// It was booked since, and is still to come.
    #[n(1)]
    New,
    /// It was over, or had ended otherwise: it is kept and explained, and the platform is not told of it.
    #[n(2)]
    History,
}

/// The latest accepted state of one source appointment.
///
/// Every part is a register with its own stamp: messages may come late, doubled or shuffled and the parts still end
/// where the newest statement about each left them (invariants 3 and 4).
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Appointment {
    /// The source's id (HL7 v2: SCH-2.1).
    #[n(0)]
    pub source_id: Text,
    /// The id given by whoever asked for the appointment (HL7 v2: SCH-1.1).
    #[n(1)]
    pub placer_id: Option<Text>,
    /// The newest statement taken in.
    #[n(2)]
    pub stamp: Stamp,
    /// When the source booked it: the time of the earliest message about it, or what the source says itself.
    #[n(3)]
    pub booked_at: Moment,
    /// When the first message about it reached us.
    #[n(4)]
    pub first_received: Moment,
    /// When the newest statement reached us.
    #[n(5)]
    pub received: Moment,
    /// The envelope of the newest statement.
    #[n(6)]
    pub envelope: EnvelopeId,
    /// The message id of the newest statement (HL7 v2: MSH-10).
    #[n(7)]
    pub control_id: Option<Text>,
    /// When it is.
    #[n(8)]
    pub timing: Option<Said<Timing>>,
    /// What the source says has become of it.
    #[n(9)]
    pub status: Option<Said<StatusSaid>>,
    /// The newest status that could be understood; what the card keeps while a word is unmapped.
    #[n(10)]
    pub known_status: Option<Status>,
    /// The visit type.
    #[n(11)]
    pub visit_type: Option<Said<VisitType>>,
    /// How they meet, in the source's word.
    #[n(12)]
    pub modality: Option<Said<Seen>>,
    /// Where it is booked.
    #[n(13)]
    pub department: Option<Said<Department>>,
    /// By whom.
    #[n(14)]
    pub providers: Roster<Provider>,
    /// For whom.
    #[n(15)]
    pub participants: Roster<Participant>,
    /// The series, if any.
    #[n(16)]
    pub series: Option<Said<Series>>,
    /// Related appointments.
    #[n(17)]
    pub lineage: Vec<Lineage>,
    /// Marked as a test (requirement S1-32).
    #[n(18)]
    pub test: bool,
    /// What people decided about this visit, by reason.
    #[n(20)]
    pub rulings: Vec<Ruling>,
    /// It came with a whole diary, when nothing was known of it yet.
    #[n(21)]
    pub taken_over: Option<TakenOver>,
    /// What stands under this id. Number 19 was the place of a register that knew of blocked time only.
    #[n(22)]
    pub existence: Option<Said<Existence>>,
    /// Statuses of participants alone, where the source tells participants apart.
    #[n(23)]
    #[cbor(default)]
    pub own_statuses: Vec<OwnStatus>,
    /// Nobody ever told of it but as moved: it may be another visit under a new id.
    #[n(24)]
    #[cbor(default)]
    pub only_moved: bool,
    /// The first final status that the platform was asked to show.
    #[n(25)]
    pub first_final: Option<FirstFinal>,
    /// It only ever stood in lists that do not say when it was booked: `booked_at` is when it was there at the latest.
    #[n(26)]
    #[cbor(default)]
    pub booking_unsaid: bool,
}

impl Appointment {
    /// Start of the visit, when known.
    pub fn start(&self) -> Option<Moment> {
        self.timing.as_ref().and_then(|timing| timing.value.start)
    }

    /// End of the visit, when known.
    pub fn end(&self) -> Option<Moment> {
        self.timing.as_ref().and_then(|timing| timing.value.end)
    }

    /// When the series that this visit is the last one of goes on, where it has no end.
    pub fn goes_on_at(&self) -> Option<Moment> {
        let series = &self.series.as_ref()?.value;
        series.goes_on.as_ref()?;
        Some(series.placed?.plus_secs(-Endless::NEAR_DAYS * 86_400))
    }

    /// What people decided about a reason, if they did.
    pub fn ruling(&self, reason: Reason) -> Option<bool> {
        self.rulings.iter().find(|ruling| ruling.reason == reason).map(|ruling| ruling.go_ahead)
    }

    /// The status of a participant alone, when the newest list that names them has one.
    pub fn own_status(&self, participant: &str) -> Option<&OwnStatus> {
        let own = self.any_own_status(participant)?;
        // A newer list that names them without a status says that they have none of their own any more.
        let spoken_of = self.participants.said_at(participant);
        (spoken_of.is_none_or(|stamp| own.said.stamp >= stamp)).then_some(own)
    }

    /// The status of a participant alone, when the source ever told of one.
    pub fn any_own_status(&self, participant: &str) -> Option<&OwnStatus> {
        self.own_statuses.iter().find(|own| own.source_id == *participant)
    }

    /// It was deleted, and nobody booked it since.
    pub fn is_deleted(&self) -> bool {
        self.existence.as_ref().is_some_and(|said| said.value == Existence::Deleted)
    }

    /// The other visit of a relation, if there is one.
    pub fn related(&self, relation: Relation) -> Option<&Text> {
        self.lineage.iter().find(|pair| pair.relation == relation).map(|pair| &pair.source_id)
    }

    /// The provider the visit is filed under: the first the source names.
    pub fn provider(&self) -> Option<&Provider> {
        self.providers.members().next()
    }
}
