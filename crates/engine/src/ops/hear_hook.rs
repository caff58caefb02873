//! A vendor's webhook: a reason to look, once it has shown that it is the vendor's.

use crate::poll::{Heard, Knock};
use crate::{Engine, Result};

/// How a call to a webhook's address is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookAnswer {
    /// As if there were nothing here: no such integration, none that takes webhooks, or not its vendor.
    Nothing,
    /// With this JSON.
    Proof(String),
    /// It was taken; what it asks for is durable.
    Taken,
}

impl Engine {
    /// Hears a call to the address of an integration's webhook. Whatever it says, only what is read afterwards counts.
    pub async fn hear_hook(&self, integration: &str, knock: Knock<'_>) -> Result<HookAnswer> {
        let book = self.setup();
        let Some(found) = book.named(integration) else { return Ok(HookAnswer::Nothing) };
        let Some(Ok(reader)) = self.source_reader(found) else { return Ok(HookAnswer::Nothing) };
        match reader.hear(&knock) {
            Heard::Stranger => Ok(HookAnswer::Nothing),
            Heard::Proof(json) => Ok(HookAnswer::Proof(json)),
            Heard::Nothing => Ok(HookAnswer::Taken),
            Heard::Look(source_id) => {
                let looks = self.look_at(integration, source_id).await?;
                Ok(if looks { HookAnswer::Taken } else { HookAnswer::Nothing })
            }
        }
    }
}
