//! Every connector that reads a source by asking, by its route.

use crate::again::{Cannot, KeptPage, NO_PAGE};
use crate::rest::Outside;
use crate::{athenahealth, carecloud, drchrono, fhir_r4, files, greenway_prime_suite, hs1, kareo};
use engine::poll::{Failure, Readers, Sheet, SourceReader};
use engine::setup::Integration;
use std::sync::Arc;

/// Makes the reader of an integration whose route it is; `None`: nothing is to be asked there.
type Make = fn(&Outside, &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>>;

/// Reads a kept page again.
type Again = fn(&Arc<Integration>, &KeptPage<'_>) -> Result<Sheet, Cannot>;

/// The routes, as `source.route` names them, who reads them, and who reads their pages again: a line a connector.
const CONNECTORS: &[(&str, Make, Again)] = &[
    ("athenahealth", athenahealth::reader, athenahealth::again),
    ("carecloud", carecloud::reader, carecloud::again),
    ("csv", files::reader, files::again),
    ("drchrono", drchrono::reader, drchrono::again),
    ("fhir-r4", fhir_r4::reader, fhir_r4::again),
    ("greenway-prime-suite", greenway_prime_suite::reader, greenway_prime_suite::again),
    ("hs1-exact", hs1::reader, hs1::again),
    ("hs1-oasis", hs1::reader, hs1::again),
    ("kareo", kareo::reader, kareo::again),
];

/// What a kept page of an integration's source says by today's rules.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let route = integration.document.source.route.as_str();
    let (_, _, again) = CONNECTORS.iter().find(|(name, ..)| *name == route).ok_or(NO_PAGE)?;
    again(integration, page)
}

/// Makes readers for every route that is read by asking.
pub struct VendorReaders(Outside);

impl VendorReaders {
    /// Readers that ask in this world.
    pub fn new(outside: Outside) -> VendorReaders {
        VendorReaders(outside)
    }

    /// The routes that are read by asking.
    pub fn routes() -> impl Iterator<Item = &'static str> {
        CONNECTORS.iter().map(|(route, ..)| *route)
    }
}

impl Readers for VendorReaders {
    fn reader(&self, integration: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
        let route = integration.document.source.route.as_str();
        let (_, make, _) = CONNECTORS.iter().find(|(name, ..)| *name == route)?;
        make(&self.0, integration)
    }
}
