//! The card: the appointment as the platform should show it.

use crate::model::Modality;
use crate::phi::Phi;
use crate::status::Status;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// Which list of the platform a card stands in (requirements S4-13, S4-20, S4-24).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Tab {
    /// Still to come, or not yet closed.
    #[n(0)]
    Upcoming,
    /// Finished, given up or errored.
    #[n(1)]
    Past,
}

impl Tab {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Tab::Upcoming => "upcoming",
            Tab::Past => "past",
        }
    }
}

/// Who put a participant on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Origin {
    /// The source.
    #[n(0)]
    Source,
    /// The platform itself (third parties, co-hosts; requirement S4-9). Updates keep them.
    #[n(1)]
    Platform,
}

impl Origin {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Origin::Source => "source",
            Origin::Platform => "platform",
        }
    }
}

/// What the platform itself decides about a card. It tells of it by receipts; no update of ours takes it away.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Portal {
    /// The status that staff gave the visit there.
    #[n(0)]
    pub status: Option<PortalStatus>,
    /// People whom the platform put on the card: third parties, co-hosts (requirement S4-9).
    #[n(1)]
    pub guests: Vec<Guest>,
}

/// A status given on the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PortalStatus {
    /// Which.
    #[n(0)]
    pub status: Status,
    /// When we were told.
    #[n(1)]
    pub at: Moment,
}

/// Somebody on a card who is the platform's own.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Guest {
    /// Full name.
    #[n(0)]
    pub name: Option<Phi<Text>>,
    /// Address.
    #[n(1)]
    pub email: Option<Phi<Text>>,
}

/// The appointment as the platform should show it: complete, so that nothing is left to choose while delivering.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Card {
    /// Which list it stands in.
    #[n(0)]
    pub tab: Tab,
    /// The visit's status in our words.
    #[n(1)]
    pub status: Status,
    /// Start, when known.
    #[n(2)]
    pub start: Option<Moment>,
    /// End, when known.
    #[n(3)]
    pub end: Option<Moment>,
    /// IANA zone of the place of the visit.
    #[n(4)]
    pub time_zone: Text,
    /// The visit type.
    #[n(5)]
    pub visit_type: CardType,
    /// How patient and provider meet.
    #[n(6)]
    pub modality: Option<Modality>,
    /// The provider; `None` for a visit filed under nobody.
    #[n(7)]
    pub provider: Option<CardProvider>,
    /// The source's department id.
    #[n(8)]
    pub department: Option<Text>,
    /// Everybody invited.
    #[n(9)]
    pub participants: Vec<CardParticipant>,
    /// A test visit: shown, but not counted and nobody is told (requirement S1-32).
    #[n(10)]
    pub test: bool,
    /// When the source last spoke of the visit. Part of the card, so that every newer statement reaches the platform
    /// and nobody there acts on a state that is older than it looks (requirement S3-10).
    #[n(11)]
    pub as_of: Moment,
    /// The series it belongs to (requirement S4-4).
    #[n(12)]
    pub series: Option<CardSeries>,
}

/// The series of a card.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CardSeries {
    /// One id for all its visits.
    #[n(0)]
    pub id: Text,
    /// Which of them this is, counted from 1, when the source says.
    #[n(1)]
    pub occurrence: Option<u32>,
}

/// The type on a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CardType {
    /// The source's id of the type.
    #[n(0)]
    pub id: Option<Text>,
    /// The name as the clinic writes it.
    #[n(1)]
    pub name: Option<Text>,
}

/// The provider on a card.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CardProvider {
    /// The source's id.
    #[n(0)]
    pub source_id: Text,
    /// The platform's id; `None` when the platform files by the source's id or leaves the visit unassigned.
    #[n(1)]
    pub platform_id: Option<Text>,
    /// As the practice calls the provider.
    #[n(2)]
    pub name: Option<Text>,
}

/// One person on a card.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct CardParticipant {
    /// The source's id of the patient; `None` for people the platform added.
    #[n(0)]
    pub source_id: Option<Text>,
    /// The platform's account.
    #[n(1)]
    pub platform_id: Option<Text>,
    /// Full name.
    #[n(2)]
    pub name: Option<Phi<Text>>,
    /// The address that is the login.
    #[n(3)]
    pub email: Option<Phi<Text>>,
    /// This person's own status.
    #[n(4)]
    pub status: Status,
    /// Who put them on the card.
    #[n(5)]
    pub origin: Origin,
    /// Family and given name apart and the birth date, for platforms that open an account.
    #[n(6)]
    pub family: Option<Phi<Text>>,
    /// Given names.
    #[n(7)]
    pub given: Option<Phi<Text>>,
    /// Date of birth.
    #[n(8)]
    pub birth_date: Option<Phi<crate::model::BirthDate>>,
}

impl Card {
    /// Those whom the source put on the card.
    pub fn from_source(&self) -> impl Iterator<Item = &CardParticipant> {
        self.participants.iter().filter(|person| person.origin == Origin::Source)
    }

    /// The place of a patient of the source on the card.
    pub fn participant(&self, source_id: &str) -> Option<&CardParticipant> {
        self.from_source().find(|person| person.source_id.as_deref() == Some(source_id))
    }

    /// The card as it stands after what was done on the platform itself.
    pub fn under(&self, portal: &Portal) -> Card {
        let mut card = self.clone();
        if let Some(given) = portal.status {
            card.status = given.status;
            card.tab = if given.status.is_ended() { Tab::Past } else { card.tab };
            for person in card.participants.iter_mut().filter(|person| !person.status.is_ended()) {
                person.status = given.status;
            }
        }
        card.participants.retain(|person| person.origin == Origin::Source);
        card.participants.extend(portal.guests.iter().map(|guest| guest.on_card(card.status)));
        card
    }
}

impl Guest {
    /// The guest's place on a card.
    pub fn on_card(&self, status: Status) -> CardParticipant {
        CardParticipant {
            source_id: None,
            platform_id: None,
            name: self.name.clone(),
            email: self.email.clone(),
            status,
            origin: Origin::Platform,
            family: None,
            given: None,
            birth_date: None,
        }
    }
}
