//! What the platform shows, as last confirmed.

use crate::ops::{Actor, Listing};
use crate::{Engine, Error, Result};
use domain::explain::Sight;
use domain::ledger::Entry;
use domain::model::{Card, Tab};
use domain::status::Status;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::{AppointmentFilter, AppointmentRow, Page};

/// One card.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct CardItem {
    pub source_id: Text,
    pub platform_id: Option<Text>,
    pub tab: &'static str,
    pub status: Status,
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub time_zone: Text,
    pub provider: Option<Text>,
    pub participants: Vec<CardPerson>,
    pub version: u32,
    pub confirmed_at: Option<Moment>,
}

/// One person on a card.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct CardPerson {
    pub source_id: Option<Text>,
    pub name: Option<String>,
    pub status: Status,
    pub origin: &'static str,
}

/// Cards of one page at most.
const PAGE: usize = 200;

impl Engine {
    /// A page of cards in order of start; `tab`: only those of one list.
    pub async fn list_cards(
        &self,
        actor: &Actor,
        integration: &str,
        tab: Option<Tab>,
        cursor: Option<String>,
    ) -> Result<Listing<CardItem>> {
        let integration = self.integration_for(actor, integration)?;
        let sight = actor.sight();
        let mut after = cursor.as_deref().map(read_place).transpose()?;
        let (practice, subject) = (integration.key().practice, format!("{}/cards", integration.rules.integration));
        let listing = self
            .read(move |reader| {
                let mut items = Vec::new();
                loop {
                    let rows =
                        reader.appointments(integration.key(), &AppointmentFilter::default(), after.as_ref(), PAGE)?;
                    let ended = rows.len() < PAGE;
                    for listed in rows {
                        after = Some(Page { start: listed.row.start, source_id: listed.source_id.clone() });
                        let Some(shown) = listed.row.shown else { continue };
                        let Some(Entry::Decided { decision, .. }) = reader.entry(shown)?.map(|stored| stored.entry)
                        else {
                            continue;
                        };
                        let portal = listed.row.portal.as_deref();
                        let card =
                            decision.card().map(|card| portal.map_or_else(|| card.clone(), |own| card.under(own)));
                        let Some(card) = card.filter(|card| tab.is_none_or(|tab| card.tab == tab)) else { continue };
                        items.push(card_item(listed.source_id, &listed.row, &card, sight));
                        if items.len() == PAGE {
                            return Ok(Listing { items, next_cursor: after.as_ref().map(write_place) });
                        }
                    }
                    if ended {
                        return Ok(Listing { items, next_cursor: None });
                    }
                }
            })
            .await?;
        self.note_view(actor, practice, subject).await?;
        Ok(listing)
    }
}

fn card_item(source_id: Text, row: &AppointmentRow, card: &Card, sight: Sight) -> CardItem {
    let people = card.participants.iter().map(|person| CardPerson {
        source_id: person.source_id.clone(),
        name: person.name.as_ref().map(|name| sight.name(name.open())),
        status: person.status,
        origin: person.origin.word(),
    });
    CardItem {
        source_id,
        platform_id: row.delivery.platform_id.clone(),
        tab: card.tab.word(),
        status: card.status,
        start: card.start,
        end: card.end,
        time_zone: card.time_zone.clone(),
        provider: card
            .provider
            .as_ref()
            .and_then(|provider| provider.platform_id.clone().or_else(|| Some(provider.source_id.clone()))),
        participants: people.collect(),
        version: row.delivery.accepted,
        confirmed_at: row.delivery.confirmed_at,
    }
}

fn write_place(page: &Page) -> String {
    let start = page.start.map_or_else(|| "-".to_owned(), |start| start.micros().to_string());
    format!("{start}~{}", page.source_id)
}

fn read_place(text: &str) -> Result<Page> {
    let unreadable = || Error::Invalid("this cursor is not one of ours: ask for the first page again".to_owned());
    let (start, source_id) = text.split_once('~').ok_or_else(unreadable)?;
    let start = match start {
        "-" => None,
        micros => Some(Moment::from_micros(micros.parse().map_err(|_| unreadable())?)),
    };
    Ok(Page { start, source_id: source_id.into() })
}
