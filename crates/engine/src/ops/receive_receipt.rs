//! A platform confirms that it shows a card.

use crate::deliver::{ToldThere, confirm_by_receipt, learn};
use crate::ops::Actor;
use crate::{Engine, Error, Result};
use domain::ids::AppointmentKey;
use domain::model::Guest;
use domain::phi::Phi;
use domain::status::Status;
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
    /// Who is on the card. Those with the origin `platform` are its own people, all of them; those with a `source_id`
    /// are ours, told with the address that the platform has for them. Left out: nothing is said about people.
    #[serde(default)]
    pub participants: Option<Vec<ReceiptParticipant>>,
    /// The end that staff gave the visit on the platform, such as `completed`.
    #[serde(default)]
    pub status: Option<Status>,
}

/// A person on a card.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct ReceiptParticipant {
    #[serde(default)]
    pub source_id: Option<Text>,
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
        if let Some(status) = receipt.status.filter(|status| !status.is_ended()) {
            let problem =
                format!("status {status:?} is no end: a receipt tells of ends that staff gave on the platform");
            return Err(Error::Invalid(problem));
        }
        let done = self.scribe.run(move |batch| {
            let told = told_there(&receipt);
            let words = told.words();
            let tells = words.is_some();
            if !confirm_by_receipt(batch, &key, receipt.version, receipt.platform_id.clone(), words)? {
                return Err(Error::NotFound { what: "appointment", id: key.source_id.clone() });
            }
            if tells {
                learn(batch, &key, told, &actor.name)?;
            }
            let subject = format!("{}/{}", integration.rules.integration, key.source_id);
            actor.audit(batch, key.integration.practice, "receipt", &subject, &format!("version {}", receipt.version))
        });
        done.await
    }
}

fn told_there(receipt: &ReceiptGiven) -> ToldThere {
    let people = receipt.participants.as_deref().unwrap_or_default();
    let own = |person: &&ReceiptParticipant| person.source_id.is_none() && person.origin.as_deref() != Some("source");
    let guest = |person: &ReceiptParticipant| Guest {
        name: person.name.clone().map(Phi::new),
        email: person.email.clone().map(Phi::new),
    };
    ToldThere {
        status: receipt.status,
        guests: receipt.participants.as_ref().map(|people| people.iter().filter(own).map(guest).collect()),
        addresses: people
            .iter()
            .filter_map(|person| Some((person.source_id.clone()?, person.email.clone()?)))
            .collect(),
    }
}
