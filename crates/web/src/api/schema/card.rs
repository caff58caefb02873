//! What platforms show, confirm and pull.

use super::{Moment, Provider, Status, VisitType};
use utoipa::ToSchema;

/// Which list of the platform a card stands in.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Tab {
    Upcoming,
    Past,
}

/// Who put a person on a card.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Origin {
    Source,
    Platform,
}

/// A card, as last confirmed.
#[derive(ToSchema)]
pub(crate) struct Card {
    source_id: String,
    platform_id: Option<String>,
    tab: Tab,
    status: Status,
    start: Option<Moment>,
    end: Option<Moment>,
    time_zone: String,
    /// The platform's id of the provider, else the source's.
    provider: Option<String>,
    participants: Vec<CardPerson>,
    version: u32,
    confirmed_at: Option<Moment>,
}

/// A person on a card.
#[derive(ToSchema)]
pub(crate) struct CardPerson {
    source_id: Option<String>,
    name: Option<String>,
    status: Status,
    origin: Origin,
}

/// Cards.
#[derive(ToSchema)]
pub(crate) struct CardList {
    items: Vec<Card>,
    next_cursor: Option<String>,
}

/// What the platform says it shows.
#[derive(ToSchema)]
pub(crate) struct Receipt {
    source_id: String,
    version: u32,
    platform_id: Option<String>,
    /// All people of its own, and ours with the address it has for them; left out: nothing is said.
    participants: Option<Vec<ReceiptPerson>>,
    /// The end that staff gave the visit on the platform, such as `completed`.
    status: Option<Status>,
}

/// A person on the platform's card.
#[derive(ToSchema)]
pub(crate) struct ReceiptPerson {
    /// One of ours, by the source's id.
    source_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    /// `platform` for its own people.
    origin: Option<String>,
}

/// A receipt that was taken.
#[derive(ToSchema)]
pub(crate) struct ReceiptTaken {
    integration: String,
    source_id: String,
    version: u32,
}

/// One change.
#[derive(ToSchema)]
pub(crate) struct Change {
    at: Moment,
    integration: String,
    source_id: String,
    version: u32,
    wish: Wish,
    /// The card, when it is to be shown anew.
    card: Option<ChangedCard>,
}

/// Whether the platform should show it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Wish {
    Show,
    Keep,
    Nothing,
}

/// A card as it should be shown; the same as in webhooks.
#[derive(ToSchema)]
pub(crate) struct ChangedCard {
    tab: Tab,
    status: Status,
    start: Option<Moment>,
    end: Option<Moment>,
    time_zone: String,
    r#type: VisitType,
    /// `video`, `in_person` or `phone`.
    modality: Option<String>,
    provider: Option<Provider>,
    department: Option<String>,
    participants: Vec<ChangedPerson>,
    test: bool,
    as_of: Moment,
    series: Option<CardSeries>,
}

/// The series of a card.
#[derive(ToSchema)]
pub(crate) struct CardSeries {
    /// One id for all its visits.
    id: String,
    /// Which of them this is, counted from 1, when the source says.
    occurrence: Option<u32>,
}

/// A person on a card as it should be shown.
#[derive(ToSchema)]
pub(crate) struct ChangedPerson {
    source_id: Option<String>,
    platform_id: Option<String>,
    name: Option<String>,
    family: Option<String>,
    given: Option<String>,
    #[schema(format = Date)]
    birth_date: Option<String>,
    email: Option<String>,
    status: Status,
    origin: Origin,
}

/// Changes.
#[derive(ToSchema)]
pub(crate) struct ChangeList {
    items: Vec<Change>,
    next_cursor: Option<String>,
}
