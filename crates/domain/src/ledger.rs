//! The ledger: everything that happened to an appointment, entry by entry. Entries are immutable; the timeline and the
//! answer to "why did this change?" (requirement X-9) are read from them.

use crate::decide::{Decision, DeliveryState};
use crate::ids::EnvelopeId;
use crate::merge::Novelty;
use crate::model::Event;
use crate::reasons::Reason;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// What made us decide.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Cause {
    /// A message or page.
    #[n(0)]
    Envelope {
        /// Which.
        #[n(0)]
        id: EnvelopeId,
        /// Its message id (HL7 v2: MSH-10).
        #[n(1)]
        control_id: Option<Text>,
        /// What it told of.
        #[n(2)]
        event: Event,
        /// How far it reached, when it spoke of a series.
        #[n(3)]
        reach: Option<Reach>,
    },
    /// A fact that the decision waited for changed.
    #[n(1)]
    Wake {
        /// The wake key as text: `provider:DR9`.
        #[n(0)]
        key: Text,
        /// What happened, in words: `linked to prov_9 by Sam`.
        #[n(1)]
        why: Text,
    },
    /// A person asked for it.
    #[n(2)]
    Person {
        /// Who.
        #[n(0)]
        actor: Text,
        /// What they asked for.
        #[n(1)]
        what: Text,
    },
}

/// How many visits of a series a message spoke of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Reach {
    /// This one alone.
    #[n(0)]
    One,
    /// From the visit with this number on.
    #[n(1)]
    From(#[n(0)] u32),
    /// All that are to come.
    #[n(2)]
    Series,
}

impl Reach {
    /// In the words of a timeline, after what the message told.
    pub fn phrase(self) -> String {
        match self {
            Reach::One => ", this visit of the series alone".to_owned(),
            Reach::From(place) => format!(", from visit {place} of the series on"),
            Reach::Series => ", all visits of the series to come".to_owned(),
        }
    }
}

/// How one attempt at the platform ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Attempt {
    /// The version sent.
    #[n(0)]
    pub version: u32,
    /// Which attempt for that version, counted from 1.
    #[n(1)]
    pub number: u32,
    /// Where the delivery stands since.
    #[n(2)]
    pub state: DeliveryState,
    /// The answer in a few words, without patient data.
    #[n(3)]
    pub answer: Text,
    /// When it is tried again.
    #[n(4)]
    pub next_at: Option<Moment>,
    /// What ended the delivery, when it was given up.
    #[n(5)]
    pub stopped_by: Option<Reason>,
    /// The platform's id of the card, when the answer or receipt named it.
    #[n(6)]
    pub platform_id: Option<Text>,
    /// Who tells the patient, when this attempt settled it.
    #[n(7)]
    pub told: Option<Text>,
}

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Entry {
    /// A decision, with what caused it.
    #[n(0)]
    Decided {
        /// What caused it.
        #[n(0)]
        cause: Cause,
        /// The decision.
        #[n(1)]
        decision: Box<Decision>,
    },
    /// A message that changed nothing: repeated, or older than what is held.
    #[n(1)]
    Heard {
        /// The envelope.
        #[n(0)]
        envelope: EnvelopeId,
        /// What it told of.
        #[n(1)]
        event: Event,
        /// Why it changed nothing.
        #[n(2)]
        worth: Worth,
    },
    /// An attempt at the platform.
    #[n(2)]
    Attempted(#[n(0)] Attempt),
    /// The platform confirmed by a receipt.
    #[n(3)]
    Receipt {
        /// The version it shows.
        #[n(0)]
        version: u32,
        /// Its id of the card.
        #[n(1)]
        platform_id: Option<Text>,
        /// What else it told of, in words: completed there, people of its own.
        #[n(2)]
        told: Option<Text>,
    },
    /// People were told, or it was settled who tells them.
    #[n(4)]
    Told {
        /// Whom and by whom, in words.
        #[n(0)]
        how: Text,
    },
    /// A delivery that was given up is tried anew, under the same version.
    #[n(5)]
    DrivenAgain {
        /// What caused it.
        #[n(0)]
        cause: Cause,
    },
}

/// Why a message changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Worth {
    /// It said what was held already.
    #[n(0)]
    Repeated,
    /// It was older than what was held.
    #[n(1)]
    Stale,
}

impl Worth {
    /// The worth of a record that changed nothing.
    pub const fn of(novelty: Novelty) -> Option<Worth> {
        match novelty {
            Novelty::Repeated => Some(Worth::Repeated),
            Novelty::Stale => Some(Worth::Stale),
            Novelty::First | Novelty::Changed => None,
        }
    }
}

impl Entry {
    /// The stored number of the kind, for queries that only want some.
    pub const fn kind(&self) -> u8 {
        match self {
            Entry::Decided { .. } => 0,
            Entry::Heard { .. } => 1,
            Entry::Attempted(_) => 2,
            Entry::Receipt { .. } => 3,
            Entry::Told { .. } => 4,
            Entry::DrivenAgain { .. } => 5,
        }
    }
}
