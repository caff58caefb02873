//! Envelopes: messages exactly as they came, and the message ids they came under.

use crate::Result;
use domain::ids::{EnvelopeId, IntegrationKey, PracticeNo};
use domain::text::Text;
use domain::time::Moment;

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeFormat {
    /// HL7 v2, ER7.
    Hl7v2,
    /// FHIR R4, JSON.
    FhirJson,
    /// CSV.
    Csv,
    /// JSON of a vendor's own.
    Json,
    /// XML of a vendor's own.
    Xml,
    /// Anything else; kept, not read.
    Other,
}

impl EnvelopeFormat {
    /// The stored number.
    pub const fn number(self) -> u8 {
        match self {
            EnvelopeFormat::Hl7v2 => 0,
            EnvelopeFormat::FhirJson => 1,
            EnvelopeFormat::Csv => 2,
            EnvelopeFormat::Json => 3,
            EnvelopeFormat::Xml => 4,
            EnvelopeFormat::Other => 9,
        }
    }

    /// Reads the stored number back.
    pub const fn from_number(number: u8) -> EnvelopeFormat {
        match number {
            0 => EnvelopeFormat::Hl7v2,
            1 => EnvelopeFormat::FhirJson,
            2 => EnvelopeFormat::Csv,
            3 => EnvelopeFormat::Json,
            4 => EnvelopeFormat::Xml,
            _ => EnvelopeFormat::Other,
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            EnvelopeFormat::Hl7v2 => "application/hl7-v2",
            EnvelopeFormat::FhirJson => "application/fhir+json",
            EnvelopeFormat::Csv => "text/csv",
            EnvelopeFormat::Json => "application/json",
            EnvelopeFormat::Xml => "application/xml",
            EnvelopeFormat::Other => "application/octet-stream",
        }
    }
}

/// What became of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeState {
    /// Taken in.
    Applied,
    /// Kept, never to be applied: not for us, not readable, of a kind we do not take.
    Refused,
    /// Kept, could not be applied now: set aside for a person or a later version.
    SetAside,
}

impl EnvelopeState {
    /// The stored number.
    pub const fn number(self) -> u8 {
        match self {
            EnvelopeState::Applied => 0,
            EnvelopeState::Refused => 1,
            EnvelopeState::SetAside => 2,
        }
    }

    /// Reads the stored number back.
    pub const fn from_number(number: u8) -> EnvelopeState {
        match number {
            0 => EnvelopeState::Applied,
            1 => EnvelopeState::Refused,
            _ => EnvelopeState::SetAside,
        }
    }

    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            EnvelopeState::Applied => "applied",
            EnvelopeState::Refused => "refused",
            EnvelopeState::SetAside => "set_aside",
        }
    }
}

/// An envelope to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewEnvelope<'a> {
    /// Its id.
    pub id: EnvelopeId,
    /// Whose it is; [`IntegrationKey::UNROUTED`] when nobody's.
    pub integration: IntegrationKey,
    /// When it arrived.
    pub at: Moment,
    /// By which way: `mllp 127.0.0.1:2575`, `api`, `replay`.
    pub channel: &'a str,
    /// How the body is encoded.
    pub format: EnvelopeFormat,
    /// What became of it.
    pub state: EnvelopeState,
    /// Why, where it was not simply applied. No patient data.
    pub note: Option<&'a str>,
    /// Digest of the body.
    pub digest: &'a [u8; 16],
    /// The bytes as they came.
    pub body: &'a [u8],
}

/// A stored envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of `NewEnvelope`")]
pub struct EnvelopeRow {
    pub id: EnvelopeId,
    pub integration: IntegrationKey,
    pub at: Moment,
    pub channel: Text,
    pub format: EnvelopeFormat,
    pub state: EnvelopeState,
    pub note: Option<Text>,
    pub digest: [u8; 16],
    pub body: Vec<u8>,
}

/// What a message id stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRow {
    /// The envelope it came with last.
    pub envelope: EnvelopeId,
    /// The answer given, in the connector's own form.
    pub answer: Vec<u8>,
    /// The appointment it was about, so that a message id finds it.
    pub source_id: Option<Text>,
}

/// Reading envelopes.
pub trait EnvelopeReads {
    /// One envelope with its body.
    fn envelope(&mut self, id: EnvelopeId) -> Result<Option<EnvelopeRow>>;

    /// The digest of an envelope's body.
    fn envelope_digest(&mut self, id: EnvelopeId) -> Result<Option<[u8; 16]>>;

    /// What a message id stands for.
    fn control(&mut self, integration: IntegrationKey, control_id: &str) -> Result<Option<ControlRow>>;

    /// Envelopes that were not applied, newest first, without bodies.
    fn envelopes_set_aside(
        &mut self,
        integration: IntegrationKey,
        before: Option<EnvelopeId>,
        limit: usize,
    ) -> Result<Vec<EnvelopeRow>>;

    /// Envelopes that were set aside (not those refused for good) and came at or after `since`; newest first, without
    /// bodies.
    fn envelopes_not_applied(
        &mut self,
        integration: IntegrationKey,
        since: Moment,
        limit: usize,
    ) -> Result<Vec<EnvelopeRow>>;

    /// The messages of an integration behind an id and up to another, in order, with when they arrived; their bodies
    /// are not read. It passes over what came for others in that time: for work that reads all of it, or a short
    /// stretch.
    fn envelopes_behind(
        &mut self,
        integration: IntegrationKey,
        after: EnvelopeId,
        up_to: EnvelopeId,
        limit: usize,
    ) -> Result<Vec<(EnvelopeId, Moment)>>;

    /// The oldest envelope that is still there, and when it came.
    fn oldest_envelope(&mut self) -> Result<Option<(EnvelopeId, Moment)>>;
}

/// Writing envelopes.
pub trait EnvelopeWrites {
    /// Stores an envelope.
    fn put_envelope(&mut self, envelope: &NewEnvelope<'_>) -> Result<()>;

    /// Stores what a message id stands for now.
    fn put_control(&mut self, integration: IntegrationKey, control_id: &str, row: &ControlRow) -> Result<()>;

    /// Removes at most `limit` envelopes older than `before`, the oldest first, with the message ids that stand for
    /// them; returns how many of each practice. The ledger is not touched.
    fn forget_envelopes(&mut self, before: Moment, limit: usize) -> Result<Vec<(PracticeNo, usize)>>;
}
