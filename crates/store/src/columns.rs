//! Stored forms of our own values, the same in every engine.

use crate::{Error, Result};
use domain::setup::Lifecycle;
use domain::time::Moment;
use minicbor::Encode;

/// The start of a visit without one: sorted behind all others.
const NO_START: i64 = i64::MAX;

/// A start as a column.
pub(crate) fn start_column(start: Option<Moment>) -> i64 {
    start.map_or(NO_START, Moment::micros)
}

/// Reads a start column back.
pub(crate) fn start_of(column: i64) -> Option<Moment> {
    (column != NO_START).then(|| Moment::from_micros(column))
}

/// Ids are 63 bits wide in practice, so that they fit signed integers.
pub(crate) fn id_column(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

/// Reads an id column back.
pub(crate) fn id_of(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

/// The first so many bytes of a digest column.
pub(crate) fn digest_of<const N: usize>(what: &'static str, bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| Error::unreadable(what, "a digest of another length"))
}

/// A page size as a column.
pub(crate) fn limit_column(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Reads a lifecycle column back.
pub(crate) fn lifecycle_of(column: u8) -> Result<Lifecycle> {
    const LIFECYCLES: [Lifecycle; 5] =
        [Lifecycle::Initiated, Lifecycle::Authorized, Lifecycle::Configured, Lifecycle::Live, Lifecycle::Paused];
    let found = LIFECYCLES.get(usize::from(column));
    found.copied().ok_or_else(|| Error::unreadable("integration", "unknown lifecycle"))
}

/// Encodes a body behind what the buffer holds.
pub(crate) fn encode_body(what: &'static str, body: &impl Encode<()>, buffer: &mut Vec<u8>) -> Result<()> {
    minicbor::encode(body, buffer).map_err(|error| Error::unreadable(what, error))
}

/// Reads a body back.
pub(crate) fn decode_body<T>(what: &'static str, bytes: &[u8]) -> Result<T>
where
    T: for<'b> minicbor::Decode<'b, ()>,
{
    minicbor::decode(bytes).map_err(|error| Error::unreadable(what, error))
}
