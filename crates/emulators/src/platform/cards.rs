//! Cards: the visits as the platform shows them.

use crate::platform::event::{AppointmentData, CardData, Participant, Provider, VisitType};
use crate::platform::notices::Told;
use jiff::Timestamp;
use serde::Serialize;

/// A visit as the platform shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// The integration that sent it.
    pub integration: String,
    /// The source's id: one card for each.
    pub source_id: String,
    /// The platform's own id.
    pub platform_id: String,
    /// The version that is shown.
    pub version: u32,
    /// `upcoming` or `past`.
    pub tab: String,
    /// The status, in the words of the contract.
    pub status: String,
    /// Start.
    pub start: Option<Timestamp>,
    /// End.
    pub end: Option<Timestamp>,
    /// IANA zone of the place of the visit.
    pub time_zone: Option<String>,
    /// The kind of visit.
    #[serde(rename = "type")]
    pub visit_type: Option<VisitType>,
    /// How they meet.
    pub modality: Option<String>,
    /// With whom.
    pub provider: Option<Provider>,
    /// Who is invited.
    pub participants: Vec<Participant>,
    /// A test visit.
    pub test: bool,
    /// When the first version came.
    pub created_at: Timestamp,
    /// When the version that is shown came.
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub(super) told: Told,
}

impl Card {
    pub(super) fn new(data: AppointmentData, platform_id: String, now: Timestamp) -> Card {
        let CardData { tab, status, start, end, time_zone, visit_type, modality, provider, participants, test } =
            data.card;
        Card {
            integration: data.integration,
            source_id: data.source_id,
            platform_id,
            version: data.version,
            tab,
            status,
            start,
            end,
            time_zone,
            visit_type,
            modality,
            provider,
            participants,
            test,
            created_at: now,
            updated_at: now,
            told: Told::default(),
        }
    }
}

/// What a demanding platform wants of a card that it shows for the first time, as the reason of its refusal.
pub(super) fn unmet_demand<'c>(data: &AppointmentData, others: impl Iterator<Item = &'c Card>) -> Option<&'static str> {
    let card = &data.card;
    if !card.is_on() {
        return None;
    }
    let empty = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
    if card.start.is_none() {
        return Some("start_missing");
    }
    if card.provider.as_ref().is_none_or(|provider| empty(&provider.platform_id)) {
        return Some("provider_unknown");
    }
    if card.participants.iter().any(|person| empty(&person.name)) {
        return Some("name_missing");
    }
    if card.participants.iter().any(|person| empty(&person.email)) {
        return Some("email_missing");
    }
    let shared = |theirs: &Participant| {
        card.participants.iter().any(|ours| {
            let same = ours.email.as_ref().zip(theirs.email.as_ref()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b));
            same && ours.source_id != theirs.source_id
        })
    };
    let mut others = others.filter(|other| other.integration == data.integration);
    others.any(|other| other.participants.iter().any(shared)).then_some("email_not_unique")
}
