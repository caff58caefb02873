//! What the engine needs from outside: a clock, secrets, chance, and someone who carries a card to a platform.

use crate::deliver::{Answer, Parcel};
use crate::ingest::Content;
use crate::notify::{Letter, Posted};
use crate::poll::Sheet;
use crate::setup::{Endpoint, Integration};
use domain::ids::EnvelopeId;
use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// A secret value. `Debug` hides it; it is wiped from memory by whoever holds it last being dropped, as far as the
/// allocator allows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Marks a text as secret.
    pub fn new(value: impl Into<Arc<str>>) -> Secret {
        Secret(value.into())
    }

    /// The value itself.
    pub fn open(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Where secrets are kept.
pub trait Secrets: Send + Sync {
    /// Reads a secret; the error says what is missing, never a value.
    fn read(&self, reference: &SecretRef) -> std::result::Result<Secret, Text>;

    /// Replaces a secret that the other side replaced (a refresh token that is good once), all of it or nothing; the
    /// error says why that cannot be done, never a value.
    fn write(&self, reference: &SecretRef, value: &Secret) -> std::result::Result<(), Text> {
        let _ = (reference, value);
        Err(Text::literal("secrets are read here, and not written"))
    }
}

/// Chance, for jitter and for new secrets.
pub trait Chance: Send + Sync {
    /// A number from 0 up to, not including, 1.
    fn fraction(&self) -> f64;

    /// Bytes that nobody can foresee.
    fn bytes(&self) -> [u8; 32];
}

/// A future that a port returns.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An event for a platform that is no card: everything a carrier needs.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// Where to.
    pub endpoint: Arc<Endpoint>,
    /// The same for every attempt: what the platform recognises a repetition by.
    pub id: Text,
    /// The body, as it is signed and sent.
    pub body: Vec<u8>,
}

/// Someone who carries cards to platforms.
pub trait Carrier: Send + Sync {
    /// Makes one attempt. It never panics, answers within the parcel's time limit, and tells apart "refused", "try
    /// again" and "the answer was lost".
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer>;

    /// Tells an event that is no card, by the same rules.
    fn announce<'a>(&'a self, announcement: &'a Announcement) -> PortFuture<'a, Answer>;

    /// Checks an address before it is used: scheme, host, and whether the installation allows it.
    fn check_address(&self, url: &str) -> std::result::Result<(), Text>;
}

/// Someone who takes letters to people.
pub trait Postbox: Send + Sync {
    /// Sends an e-mail. It never panics, answers within a minute, and tells apart what was certainly not taken from
    /// what may have been.
    fn mail<'a>(&'a self, letter: &'a Letter) -> PortFuture<'a, Posted>;

    /// Sends a text message, by the same rules.
    fn sms<'a>(&'a self, letter: &'a Letter) -> PortFuture<'a, Posted>;
}

/// What became of a message that was handed in over the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The envelope it is kept in.
    pub envelope: EnvelopeId,
    /// It was taken in; otherwise it is kept and `problem` says where it broke.
    pub applied: bool,
    /// Where it is wrong and what, without patient data.
    pub problem: Option<String>,
    /// It had been taken in before.
    pub repeated: bool,
}

/// A message as it is kept.
pub use store::EnvelopeRow as KeptMessage;

/// What a kept message says when it is read again.
#[derive(Clone, Debug)]
pub enum Reread {
    /// It came by itself.
    Message(Content),
    /// It was asked for: a page of a source.
    Page {
        /// What it says.
        sheet: Box<Sheet>,
        /// Its records carry the source's own version.
        stamps: bool,
    },
    /// It cannot be read again: why, in plain words that end a sentence. No patient data.
    Cannot(&'static str),
}

/// Someone who reads kept messages again.
pub trait Rereader: Send + Sync {
    /// What a message says under the set-up in use, as if it arrived when it did. `with`: what it was read with besides
    /// its bytes ([`Sheet::read_with`]), where that was kept.
    fn reread(&self, integration: &Arc<Integration>, message: &KeptMessage, with: Option<&str>) -> Reread;
}

/// Reads nothing again: where every process decides on what it keeps, or nothing is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRereader;

impl Rereader for NoRereader {
    fn reread(&self, _: &Arc<Integration>, _: &KeptMessage, _: Option<&str>) -> Reread {
        Reread::Cannot("nobody reads messages again here")
    }
}

/// Someone who reads messages that are handed in by other ways than the connector's own.
pub trait MessageDoor: Send + Sync {
    /// The media types it reads.
    fn media_types(&self) -> &'static [&'static str];

    /// Takes a message of an integration in. When this returns `Ok` it is durable.
    fn take<'a>(
        &'a self,
        integration: &'a Arc<Integration>,
        media_type: &'a str,
        body: &'a [u8],
    ) -> PortFuture<'a, crate::Result<Taken>>;
}
