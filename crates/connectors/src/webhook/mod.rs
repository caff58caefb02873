//! Webhooks out: signed POSTs by the Standard Webhooks specification.

mod address;
mod carrier;
mod resolver;
mod sign;

pub use address::AddressPolicy;
pub use carrier::WebhookCarrier;
pub use sign::sign;
