//! A message as a connector hands it in, and what became of it.

use domain::ids::{EnvelopeId, IntegrationKey};
use domain::model::Record;
use domain::text::Text;
use std::sync::Arc;
use store::EnvelopeFormat;

/// What a connector made of a message.
#[derive(Clone, Debug)]
pub enum Content {
    /// It speaks of these.
    Records(Vec<Record>),
    /// It will never be applied: not for us, not readable, of a kind that is not taken.
    Refused,
    /// It cannot be applied as it is; a person should look.
    SetAside,
}

/// A message as a connector hands it in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Whose it is; [`IntegrationKey::UNROUTED`] when nobody's.
    pub integration: IntegrationKey,
    /// By which way it came: `mllp 127.0.0.1:2575`, `api`, `replay`.
    pub channel: Text,
    /// How the body is encoded.
    pub format: EnvelopeFormat,
    /// The bytes as they came.
    pub body: Arc<[u8]>,
    /// Its message id, when it has one.
    pub control_id: Option<Text>,
    /// What it speaks of.
    pub content: Content,
    /// Why it was refused or set aside, without patient data.
    pub note: Option<Text>,
    /// The connector's answer, kept so that a repetition gets the same.
    pub answer: Vec<u8>,
    /// Where it stands among others.
    pub line: Line,
}

/// The line in which a message stands. Messages of one line are applied in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the connection that it came on; 0: it did not come on one that others may come on.
    pub number: u32,
    /// None before it waits to be durable, and none is known to come behind it: whoever sent it waits for its answer.
    pub alone: bool,
}

impl Line {
    /// A message that comes by itself.
    pub const ALONE: Line = Line { number: 0, alone: true };
    /// One of many that come at a time.
    pub const OF_MANY: Line = Line { number: 0, alone: false };
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The envelope it is kept in.
    pub envelope: EnvelopeId,
    /// It is a repetition of that envelope: answer as then.
    pub repeated: Option<Vec<u8>>,
    /// Its message id was used before for another content.
    pub id_reused: bool,
    /// It could not be applied after all, and was set aside: why.
    pub set_aside: Option<Text>,
}

/// The digest under which a body is recognised.
pub(crate) fn digest(body: &[u8]) -> [u8; 16] {
    let hash = blake3::hash(body);
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash.as_bytes()[..16]);
    digest
}
