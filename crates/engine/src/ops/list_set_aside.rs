//! Messages that were kept and not applied: nothing that arrived is out of sight.

use crate::ops::{Actor, Listing, Role};
use crate::{Engine, Error, Result};
use domain::ids::{EnvelopeId, IntegrationKey};
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;

/// One message, without its body.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct SetAsideItem {
    pub id: EnvelopeId,
    pub at: Moment,
    pub channel: Text,
    pub media_type: &'static str,
    pub state: &'static str,
    pub note: Option<Text>,
}

/// Messages of one page at most.
const PAGE: usize = 100;

impl Engine {
    /// A page of messages of an integration that were refused or set aside, newest first.
    pub async fn list_set_aside(
        &self,
        actor: &Actor,
        integration: &str,
        cursor: Option<String>,
    ) -> Result<Listing<SetAsideItem>> {
        let integration = self.integration_for(actor, integration)?;
        self.page_set_aside(integration.key(), cursor).await
    }

    /// A page of messages that belong to no integration: of an unknown facility, or not readable; newest first. For
    /// those who look after the installation.
    pub async fn list_unrouted(&self, actor: &Actor, cursor: Option<String>) -> Result<Listing<SetAsideItem>> {
        if actor.practice.is_some() || actor.role != Role::Admin {
            return Err(Error::NotFound { what: "list of messages", id: Text::literal("unrouted") });
        }
        self.page_set_aside(IntegrationKey::UNROUTED, cursor).await
    }

    async fn page_set_aside(&self, of: IntegrationKey, cursor: Option<String>) -> Result<Listing<SetAsideItem>> {
        let before = cursor
            .map(|text| {
                text.parse::<EnvelopeId>().map_err(|_| Error::Invalid("this cursor is not one of ours".to_owned()))
            })
            .transpose()?;
        self.read(move |reader| {
            let rows = reader.envelopes_set_aside(of, before, PAGE)?;
            let next_cursor = rows.last().filter(|_| rows.len() == PAGE).map(|row| row.id.to_string());
            let items = rows.into_iter().map(|row| SetAsideItem {
                id: row.id,
                at: row.at,
                channel: row.channel,
                media_type: row.format.media_type(),
                state: row.state.word(),
                note: row.note,
            });
            Ok(Listing { items: items.collect(), next_cursor })
        })
        .await
    }
}
