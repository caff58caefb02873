//! What the source really sent.

use crate::ops::{Actor, Role};
use crate::{Engine, Error, Result};
use domain::ids::{EnvelopeId, IntegrationKey, PracticeNo};
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::EnvelopeRow;

/// An envelope with its body.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct EnvelopeView {
    pub id: EnvelopeId,
    pub at: Moment,
    pub channel: Text,
    pub media_type: &'static str,
    pub state: &'static str,
    pub note: Option<Text>,
    /// The body as text; bytes that are no UTF-8 are shown as replacement characters.
    pub body: String,
}

impl Engine {
    /// An envelope, for those who may see patient data. The view is audited.
    pub async fn read_envelope(&self, actor: &Actor, id: EnvelopeId) -> Result<EnvelopeView> {
        let row = self.envelope_for(actor, id).await?;
        let practice =
            if row.integration == IntegrationKey::UNROUTED { PracticeNo::UNROUTED } else { row.integration.practice };
        self.note_view(actor, practice, id.to_string()).await?;
        Ok(EnvelopeView {
            id,
            at: row.at,
            channel: row.channel,
            media_type: row.format.media_type(),
            state: row.state.word(),
            note: row.note,
            body: String::from_utf8_lossy(&row.body).into_owned(),
        })
    }

    /// An envelope that this actor may know of. Another practice's is not found.
    pub(crate) async fn envelope_for(&self, actor: &Actor, id: EnvelopeId) -> Result<EnvelopeRow> {
        let missing = || Error::NotFound { what: "envelope", id: id.to_string().into() };
        let row = self.read(move |reader| Ok(reader.envelope(id)?)).await?.ok_or_else(missing)?;
        let book = self.setup();
        let visible = match book.get(row.integration) {
            Some(integration) => actor.may_see(&integration.rules.practice),
            // What belongs to nobody is for those who look after the installation.
            None => {
                row.integration == IntegrationKey::UNROUTED && actor.practice.is_none() && actor.role == Role::Admin
            }
        };
        if visible { Ok(row) } else { Err(missing()) }
    }
}
