//! Webhooks out: signed POSTs by the Standard Webhooks specification.

mod carrier;
mod sign;

pub use carrier::WebhookCarrier;
pub use sign::sign;
