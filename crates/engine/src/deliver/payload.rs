//! What a platform is told: the body of an event, in the words of the contract.

use crate::deliver::Parcel;
use domain::ledger::Cause;
use domain::model::{Card, CardParticipant, Modality};
use domain::status::Status;
use domain::time::Moment;
use serde::Serialize;

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    event: &'static str,
    timestamp: Moment,
    data: EventData<'a>,
}

#[derive(Serialize)]
struct EventData<'a> {
    integration: &'a str,
    source_id: &'a str,
    version: u32,
    card: CardView<'a>,
    changed: &'a [&'static str],
    cause: CauseView<'a>,
}

#[derive(Serialize)]
struct CauseView<'a> {
    envelope: Option<domain::ids::EnvelopeId>,
    control_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wake: Option<&'a str>,
}

/// A card as the platform sees it: patient data in the open, because showing it is what the platform is for.
#[derive(Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct CardView<'a> {
    pub tab: &'static str,
    pub status: Status,
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub time_zone: &'a str,
    #[serde(rename = "type")]
    pub visit_type: TypeCardView<'a>,
    pub modality: Option<Modality>,
    pub provider: Option<ProviderCardView<'a>>,
    pub department: Option<&'a str>,
    pub participants: Vec<ParticipantCardView<'a>>,
    pub test: bool,
    pub as_of: Moment,
    pub series: Option<SeriesCardView<'a>>,
}

/// The series of a card.
#[derive(Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct SeriesCardView<'a> {
    pub id: &'a str,
    pub occurrence: Option<u32>,
}

/// The type on a card.
#[derive(Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct TypeCardView<'a> {
    pub id: Option<&'a str>,
    pub name: Option<&'a str>,
}

/// The provider on a card.
#[derive(Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct ProviderCardView<'a> {
    pub source_id: &'a str,
    pub platform_id: Option<&'a str>,
    pub name: Option<&'a str>,
}

/// A participant on a card.
#[derive(Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct ParticipantCardView<'a> {
    pub source_id: Option<&'a str>,
    pub platform_id: Option<&'a str>,
    pub name: Option<&'a str>,
    pub family: Option<&'a str>,
    pub given: Option<&'a str>,
    pub birth_date: Option<jiff::civil::Date>,
    pub email: Option<&'a str>,
    pub status: Status,
    pub origin: &'static str,
}

/// A card as the platform sees it.
pub fn card_view(card: &Card) -> CardView<'_> {
    CardView {
        tab: card.tab.word(),
        status: card.status,
        start: card.start,
        end: card.end,
        time_zone: &card.time_zone,
        visit_type: TypeCardView { id: card.visit_type.id.as_deref(), name: card.visit_type.name.as_deref() },
        modality: card.modality,
        provider: card.provider.as_ref().map(|provider| ProviderCardView {
            source_id: &provider.source_id,
            platform_id: provider.platform_id.as_deref(),
            name: provider.name.as_deref(),
        }),
        department: card.department.as_deref(),
        participants: card.participants.iter().map(participant_view).collect(),
        test: card.test,
        as_of: card.as_of,
        series: card.series.as_ref().map(|series| SeriesCardView { id: &series.id, occurrence: series.occurrence }),
    }
}

fn participant_view(participant: &CardParticipant) -> ParticipantCardView<'_> {
    ParticipantCardView {
        source_id: participant.source_id.as_deref(),
        platform_id: participant.platform_id.as_deref(),
        name: participant.name.as_ref().map(|name| name.open().as_str()),
        family: participant.family.as_ref().map(|name| name.open().as_str()),
        given: participant.given.as_ref().map(|name| name.open().as_str()),
        birth_date: participant.birth_date.as_ref().map(|date| date.open().0),
        email: participant.email.as_ref().map(|email| email.open().as_str()),
        status: participant.status,
        origin: participant.origin.word(),
    }
}

/// The body of an event. Every attempt has the same card and version under the same id; what it is called and what it
/// says has changed follow what the platform is known to show by then.
pub fn payload(parcel: &Parcel) -> Vec<u8> {
    let cause = match &parcel.cause {
        Cause::Envelope { id, control_id, .. } => {
            CauseView { envelope: Some(*id), control_id: control_id.as_deref(), wake: None }
        }
        Cause::Wake { key, .. } => CauseView { envelope: None, control_id: None, wake: Some(key) },
        Cause::Person { .. } => CauseView { envelope: None, control_id: None, wake: Some("person") },
    };
    let event = Event {
        event: parcel.event,
        timestamp: parcel.at,
        data: EventData {
            integration: &parcel.endpoint.integration,
            source_id: &parcel.key.source_id,
            version: parcel.version,
            card: card_view(&parcel.card),
            changed: &parcel.changed,
            cause,
        },
    };
    let mut body = Vec::with_capacity(1024);
    // Plain data without maps of odd keys: writing it to memory cannot fail.
    if let Err(error) = serde_json::to_writer(&mut body, &event) {
        tracing::error!(%error, "an event could not be written");
    }
    body
}
