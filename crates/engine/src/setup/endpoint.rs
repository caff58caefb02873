//! Where an integration's cards are delivered.

use crate::ports::Secret;
use domain::ids::IntegrationKey;
use domain::profile::{Confirmation, DeliveryRules};
use domain::text::Text;

/// A platform's address with what is needed to use it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Whose.
    pub key: IntegrationKey,
    /// The integration's id, for payloads.
    pub integration: Text,
    /// How it is spoken to: `webhook`.
    pub route: Text,
    /// The address.
    pub url: Text,
    /// Its host, which the endpoints of many integrations may share.
    pub host: Text,
    /// Signing secrets; during a change of secret the new one first, then the old one. Empty: nothing is signed.
    pub secrets: Vec<Secret>,
    /// What confirms a card.
    pub confirmed_by: Confirmation,
    /// Attempts and time limits.
    pub rules: DeliveryRules,
}
