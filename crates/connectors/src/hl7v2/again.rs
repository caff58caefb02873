//! A kept message read again.

use crate::hl7v2::decode::{Decoded, decode};
use crate::hl7v2::paths::Hl7Paths;
use domain::time::Moment;
use engine::ingest::Content;
use engine::setup::Integration;
use wire::hl7::{Charset, Message, to_utf8};

/// What a message says by the rules of today, as if it arrived at `at`.
pub(crate) fn read_again(integration: &Integration, body: &[u8], at: Moment) -> Content {
    // A set whose letters contain delimiter bytes has to be rewritten before the message can be split.
    let rewritten = to_utf8(body, None);
    let forced = rewritten.as_ref().map(|_| Charset::UTF_8);
    let Ok(message) = Message::parse(rewritten.as_deref().unwrap_or(body)) else { return Content::Refused };
    let paths = Hl7Paths::of(&integration.rules.source.hl7v2);
    let charset = forced.unwrap_or_else(|| message.charset(paths.charset));
    match decode(&message, charset, &paths, &integration.rules, at) {
        Decoded::Records(records) => Content::Records(records),
        Decoded::Refused(_) => Content::Refused,
        Decoded::SetAside(_) => Content::SetAside,
    }
}
