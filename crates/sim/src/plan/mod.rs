//! What is going to happen in one world: drawn from the seed before anything begins, so that anything may be left out
//! again and the rest stays what it is.

mod asked;
mod clinic;
mod crowd;
mod draw;
mod faults;

pub use clinic::{ASKED, Clinic, Feed, PatientSeed, account_id, kind_name, provider_id};
pub use draw::plan_of;

use crate::disk::StoreFault;
use domain::time::Moment;
use std::fmt;

/// Everything that is going to happen in one world.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The number it was drawn from.
    pub seed: u64,
    /// When it begins.
    pub start: Moment,
    /// So many processes share the store.
    pub nodes: usize,
    /// A message that comes alone is kept and acknowledged before it is decided on.
    pub keeps_first: bool,
    /// Parcels in hand at most.
    pub in_hand: usize,
    /// Parcels on their way to one endpoint at most.
    pub at_once: usize,
    /// The source sends its messages one after another, each when the one before was answered.
    pub in_order: bool,
    /// The clinics.
    pub clinics: Vec<Clinic>,
    /// What happens, in order of time.
    pub items: Vec<Item>,
    /// From then on nothing goes wrong any more, in milliseconds.
    pub calm_at: u64,
}

/// Something that happens at a time.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its number, which stays the same when others are left out.
    pub number: usize,
    /// When, in milliseconds since the beginning.
    pub at: u64,
    /// What.
    pub what: What,
}

/// A visit of a clinic's source, by number.
pub type VisitNo = usize;

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// In the source: a visit.
    Visit(usize, VisitNo, VisitStep),
    /// In the source: a patient's record.
    Patient(usize, usize, PatientStep),
    /// A person at Punctual does something in the clinic's integration of this number.
    Person(usize, usize, PersonStep),
    /// Between the source and us, for a while.
    Network(usize, NetworkFault, Spell),
    /// The diary system of a clinic that is read by asking, for a while.
    Source(usize, SourceFault, Spell),
    /// The platform of a clinic's integration, for a while.
    Platform(usize, usize, PlatformFault, Spell),
    /// The store of a process, after so many uses.
    Store(usize, StoreFault, u32),
    /// A process dies between two steps.
    Crash(usize),
    /// A process is told to end, finishes what is under way, and is started again.
    Restart(usize),
    /// The clock of a process jumps, in milliseconds.
    Jump(usize, i64),
    /// Everything that is stored is looked at.
    Look,
}

/// What happens to a visit.
#[derive(Clone, Debug, PartialEq)]
pub enum VisitStep {
    /// It is booked.
    Book {
        /// For whom.
        patient: usize,
        /// With whom.
        provider: usize,
        /// What kind of visit.
        kind: usize,
        /// Minutes from the beginning of the world to its start.
        in_minutes: i64,
        /// Its length.
        minutes: i64,
    },
    /// It is moved: S13.
    Move {
        /// Minutes from the beginning of the world to its start.
        in_minutes: i64,
    },
    /// Another provider: S14.
    Provider(usize),
    /// Another type: S14.
    Kind(usize),
    /// Another patient: S14.
    Patient(usize),
    /// A status word: S14.
    Word(&'static str),
    /// S15.
    Cancel,
    /// S26.
    NoShow,
    /// S17.
    Delete,
    /// The same message once more, under an id of its own.
    Repeat,
}

/// What happens to a patient's record.
#[derive(Clone, Debug, PartialEq)]
pub enum PatientStep {
    /// The e-mail address: as text, or none.
    Email(Option<String>),
    /// The family name.
    Family(String),
    /// This record is one with the patient of that number, who stays: A40.
    MergeInto(usize),
}

/// What a person does.
#[derive(Clone, Debug, PartialEq)]
pub enum PersonStep {
    /// Links a provider.
    LinkProvider(usize),
    /// Takes a provider's link away.
    UnlinkProvider(usize),
    /// Approves a type and applies the document.
    Approve(usize),
    /// Takes a type off the list and applies the document.
    Disapprove(usize),
    /// Applies the document as it stands.
    Apply,
    /// Pauses the integration.
    Pause,
    /// Resumes it.
    Resume,
    /// Drives a visit again.
    Redrive(VisitNo),
    /// The signing secret is taken away, or put back; either way the document is applied.
    Secret {
        /// It is taken away.
        hidden: bool,
    },
}

/// For how long, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// Milliseconds.
    pub lasts: u64,
    /// Of a hundred.
    pub percent: u32,
}

/// What a network does to messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// Messages are lost.
    LosesMessages,
    /// Answers are lost.
    LosesAnswers,
    /// Messages arrive twice.
    Doubles,
    /// Messages take long and overtake each other.
    Delays,
}

/// What a diary system that is asked does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceFault {
    /// Nobody answers.
    Absent,
    /// It does not take the credential.
    Unauthorized,
    /// It wants to be asked less.
    AsksForPatience,
    /// It does not know the cursor any more.
    LosesCursor,
    /// It answers in part and says so.
    AnswersInPart,
    /// It leaves a page out and does not say so.
    LosesPage,
    /// It lists nothing and calls that everything.
    ListsNothing,
}

impl SourceFault {
    /// All of them.
    pub const ALL: [SourceFault; 7] = [
        SourceFault::Absent,
        SourceFault::Unauthorized,
        SourceFault::AsksForPatience,
        SourceFault::LosesCursor,
        SourceFault::AnswersInPart,
        SourceFault::LosesPage,
        SourceFault::ListsNothing,
    ];
}

/// What a platform does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformFault {
    /// Nobody is there.
    Absent,
    /// 503, nothing was done.
    Refuses,
    /// 429 and how long to wait.
    AsksForPatience,
    /// 500 after doing it.
    FailsAfterDoing,
    /// The answer comes too late; nothing was done.
    HangsBeforeDoing,
    /// The answer comes too late; it was done.
    HangsAfterDoing,
    /// The request arrives long after everybody gave up.
    ArrivesLate,
    /// 200 at once, and nothing happens for a long time.
    PromisesAndDawdles,
    /// 200 at once, and nothing ever happens.
    PromisesAndForgets,
    /// It is done at once, and the process hears of it when its lease has long run out.
    HeardTooLate,
    /// It answers slowly.
    Slow,
    /// 422 with a reason: it will never take this.
    Rejects,
    /// 410.
    Gone,
}

impl PlatformFault {
    /// All of them.
    pub const ALL: [PlatformFault; 13] = [
        PlatformFault::Absent,
        PlatformFault::Refuses,
        PlatformFault::AsksForPatience,
        PlatformFault::FailsAfterDoing,
        PlatformFault::HangsBeforeDoing,
        PlatformFault::HangsAfterDoing,
        PlatformFault::ArrivesLate,
        PlatformFault::PromisesAndDawdles,
        PlatformFault::PromisesAndForgets,
        PlatformFault::HeardTooLate,
        PlatformFault::Slow,
        PlatformFault::Rejects,
        PlatformFault::Gone,
    ];
}

impl Plan {
    /// The plan without some of its items.
    pub fn without(&self, left_out: &[usize]) -> Plan {
        let items = self.items.iter().filter(|item| !left_out.contains(&item.number)).cloned().collect();
        Plan { items, ..self.clone() }
    }

    /// Several processes tell different times. Who runs several is told to keep their clocks together
    /// (docs/operating/scale-out.md): here a lease may be taken for over too early, so that versions leave in the wrong
    /// order, and who pulls may miss something.
    pub fn clocks_differ(&self) -> bool {
        self.nodes > 1 && self.items.iter().any(|item| matches!(item.what, What::Jump(..)))
    }

    /// What is durable has to be known exactly.
    pub fn may_lose(&self) -> bool {
        self.nodes == 1
            && self.items.iter().any(|item| match item.what {
                What::Store(_, fault, _) => fault.may_lose() || fault.kills(),
                What::Crash(_) => true,
                _ => false,
            })
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>4}  {:>9.3} s  {:?}", self.number, self.at as f64 / 1000.0, self.what)
    }
}
