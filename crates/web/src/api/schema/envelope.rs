//! Envelopes.

use super::Moment;
use utoipa::ToSchema;

/// A message that was taken in.
#[derive(ToSchema)]
pub(crate) struct EnvelopeTaken {
    /// The envelope it is kept in.
    #[schema(examples("env_06k0000000000"))]
    id: String,
    /// The same message had been taken in before; it changed nothing.
    repeated: bool,
}

/// What became of an envelope.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum EnvelopeState {
    Applied,
    Refused,
    SetAside,
}

/// A message exactly as it came.
#[derive(ToSchema)]
pub(crate) struct Envelope {
    id: String,
    at: Moment,
    channel: String,
    media_type: String,
    state: EnvelopeState,
    note: Option<String>,
    body: String,
}

/// A message that was kept and not applied.
#[derive(ToSchema)]
pub(crate) struct SetAside {
    id: String,
    at: Moment,
    channel: String,
    media_type: String,
    state: EnvelopeState,
    note: Option<String>,
}

/// Messages that were kept and not applied.
#[derive(ToSchema)]
pub(crate) struct SetAsideList {
    items: Vec<SetAside>,
    next_cursor: Option<String>,
}
