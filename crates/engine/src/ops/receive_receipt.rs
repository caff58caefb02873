//! A platform confirms that it shows a card.

use crate::deliver::confirm_by_receipt;
use crate::ops::Actor;
use crate::{Engine, Error, Result};
use domain::ids::AppointmentKey;
use domain::text::Text;
use serde::Deserialize;

/// What a platform says it shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptGiven {
    /// Which appointment.
    pub source_id: Text,
    /// Which version of its card.
    pub version: u32,
    /// The platform's id of the card.
    #[serde(default)]
    pub platform_id: Option<Text>,
    /// People of the platform's own on the card.
    #[serde(default)]
    pub participants: Vec<ReceiptParticipant>,
}

/// A person on a card.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct ReceiptParticipant {
    #[serde(default)]
    pub name: Option<Text>,
    #[serde(default)]
    pub email: Option<Text>,
    #[serde(default)]
    pub origin: Option<Text>,
}

impl Engine {
    /// Takes a receipt. Repeating it is harmless.
    pub async fn receive_receipt(&self, actor: &Actor, integration: &str, receipt: ReceiptGiven) -> Result<()> {
        let integration = self.integration_for(actor, integration)?;
        let key = AppointmentKey { integration: integration.key(), source_id: receipt.source_id.clone() };
        let actor = actor.clone();
        let done = self.scribe.run(move |batch| {
            if !confirm_by_receipt(batch, &key, receipt.version, receipt.platform_id.clone())? {
                return Err(Error::NotFound { what: "appointment", id: key.source_id.clone() });
            }
            let subject = format!("{}/{}", integration.rules.integration, key.source_id);
            actor.audit(batch, key.integration.practice, "receipt", &subject, &format!("version {}", receipt.version))
        });
        done.await
    }
}
