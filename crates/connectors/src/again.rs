//! Kept messages read again, by today's rules: by the functions that read them when they came.
//!
//! Where a page alone does not say all that was read (names that another request brought, patients who were asked for
//! one by one), the rest was kept beside it. Pages from before that was kept cannot be read again, and say so.

use crate::{fhir_r4, hl7v2, readers};
use domain::time::Moment;
use engine::ingest::EnvelopeFormat;
use engine::ports::{KeptMessage, Reread, Rereader};
use engine::setup::Integration;
use std::sync::Arc;

/// Reads kept messages again.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadAgain;

/// A kept page of a source that is asked.
pub(crate) struct KeptPage<'k> {
    /// Its bytes.
    pub(crate) body: Arc<[u8]>,
    /// What it was read with.
    pub(crate) with: Option<&'k str>,
    /// When it came.
    pub(crate) at: Moment,
    /// It was asked for one patient.
    pub(crate) is_patient: bool,
}

/// Why a kept page cannot be read again, in words that end a sentence.
pub(crate) type Cannot = &'static str;

/// The names of providers and types stood in other answers.
pub(crate) const NO_NAMES: Cannot = "the lists of names that it was read with were not kept with it";
/// The patients stood in other answers.
pub(crate) const NO_PATIENTS: Cannot = "the patients that it was read with were not kept with it";
/// The other half stood in other answers.
pub(crate) const NO_DETAILS: Cannot = "the details of its visits stood in other answers and were not kept with it";
/// Its rows are of several files, and nobody noted which.
pub(crate) const NO_FILES: Cannot = "nobody noted with it which rows are of which file";
/// The bytes are of another form.
pub(crate) const NO_PAGE: Cannot =
    "it does not have the form that pages of this source have; the source may have been another one then";
/// The set-up does not say what is needed.
pub(crate) const NOT_READY: Cannot = "the source's set-up or profile cannot be used as it stands";

impl Rereader for ReadAgain {
    fn reread(&self, integration: &Arc<Integration>, message: &KeptMessage, with: Option<&str>) -> Reread {
        let is_page = message.channel.starts_with("poll ");
        match message.format {
            EnvelopeFormat::Hl7v2 => Reread::Message(hl7v2::read_again(integration, &message.body, message.at)),
            EnvelopeFormat::FhirJson if !is_page => {
                Reread::Message(fhir_r4::read_again(integration, &message.body, message.at))
            }
            EnvelopeFormat::FhirJson | EnvelopeFormat::Csv | EnvelopeFormat::Json | EnvelopeFormat::Xml => {
                let page = KeptPage {
                    body: message.body.as_slice().into(),
                    with,
                    at: message.at,
                    is_patient: message.channel == "poll patient",
                };
                match readers::again(integration, &page) {
                    Ok(sheet) => {
                        Reread::Page { sheet: Box::new(sheet), stamps: message.format == EnvelopeFormat::FhirJson }
                    }
                    Err(why) => Reread::Cannot(why),
                }
            }
            EnvelopeFormat::Other => Reread::Cannot("nobody reads messages of its format"),
        }
    }
}
