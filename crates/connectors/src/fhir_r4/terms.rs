//! What has to be known of an integration to read its resources.

use domain::model::Stamp;
use domain::profile::FhirRules;
use domain::setup::RuleSet;
use domain::time::{Moment, Zone};
use engine::setup::Integration;
use wire::fhir::{DateTime, Meta, Str};

use crate::fhir_r4::Problem;

/// What has to be known of an integration to read its resources.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'i> {
    /// Its rules.
    pub rules: &'i RuleSet,
    /// The system of the business identifier that is a visit's source id, instead of the resource id.
    pub identifier_system: Option<&'i str>,
    /// The server's own base address, without a slash at the end: references below it are its own.
    pub base: Option<&'i str>,
    /// When the resource was received: the stamp of one that does not tell when it changed.
    pub received: Moment,
}

impl<'i> Terms<'i> {
    /// The terms of an integration, for what was received at an instant.
    pub fn of(integration: &'i Integration, received: Moment) -> Terms<'i> {
        let source = &integration.document.source;
        Terms {
            rules: &integration.rules,
            identifier_system: source.identifier_system.as_deref(),
            base: source.url.as_deref().map(|url| url.trim_end_matches('/')),
            received,
        }
    }

    pub(super) fn fhir(&self) -> &'i FhirRules {
        &self.rules.source.fhir_r4
    }

    /// The source's version of a statement: `meta.lastUpdated`, and `meta.versionId` where it is a number.
    pub(super) fn stamp(&self, kind: &str, meta: Option<&Meta<'_>>) -> Result<Stamp, Problem> {
        let updated = meta.and_then(|meta| meta.last_updated.as_ref()).and_then(Str::present);
        let at = match updated {
            None => self.received,
            Some(text) => {
                let path = || format!("{kind}.meta.lastUpdated");
                let date = DateTime::parse(text).map_err(|fault| Problem::of_date(path(), fault))?;
                let micros = date.epoch_micros().ok_or_else(|| Problem::at(path(), NO_INSTANT))?;
                Moment::from_micros(micros)
            }
        };
        let version = meta.and_then(|meta| meta.version_id.as_ref()).and_then(|version| version.parse().ok());
        Ok(Stamp { at, sequence: version.unwrap_or(0) })
    }
}

/// Why a time that is no instant is not taken: whose clocks it is by would be a guess.
pub(super) const NO_INSTANT: &str = "The time has no offset from UTC, so it is no instant.";

/// The resource holds some of its elements only (`_summary` or `_elements` of a search): what is absent was not said.
pub(super) fn is_subset(meta: Option<&Meta<'_>>) -> bool {
    has_tag(meta, "SUBSETTED")
}

/// A tag on a resource.
pub(super) fn has_tag(meta: Option<&Meta<'_>>, code: &str) -> bool {
    meta.is_some_and(|meta| meta.tag.iter().any(|tag| tag.code.as_deref() == Some(code)))
}

/// A partial date counts from the beginning of its day.
pub(super) fn moment_of(date: &DateTime, zone: &Zone) -> Option<Moment> {
    date.epoch_micros().map(Moment::from_micros).or_else(|| {
        let (month, day) = (i8::try_from(date.month?).ok()?, i8::try_from(date.day?).ok()?);
        jiff::civil::Date::new(date.year, month, day).ok().map(|day| zone.day_start(day))
    })
}
