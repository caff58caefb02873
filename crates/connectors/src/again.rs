//! Kept messages read again, by today's rules: those of the open routes. Pages of a vendor's own interface are not read
//! again: what they mean depends on what was asked, which is not kept with them.

use crate::{fhir_r4, hl7v2};
use engine::ingest::{Content, EnvelopeFormat};
use engine::ports::{KeptMessage, Rereader};
use engine::setup::Integration;
use std::sync::Arc;

/// Reads kept messages again.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadAgain;

impl Rereader for ReadAgain {
    fn reread(&self, integration: &Arc<Integration>, message: &KeptMessage) -> Option<Content> {
        match message.format {
            EnvelopeFormat::Hl7v2 => Some(hl7v2::read_again(integration, &message.body, message.at)),
            EnvelopeFormat::FhirJson => Some(fhir_r4::read_again(integration, &message.body, message.at)),
            EnvelopeFormat::Csv | EnvelopeFormat::Json | EnvelopeFormat::Xml | EnvelopeFormat::Other => None,
        }
    }
}
