//! Every connector that reads a source by asking, by its route.

use crate::rest::Outside;
use crate::{athenahealth, carecloud, drchrono, fhir_r4, files, greenway_prime_suite, hs1, kareo};
use engine::poll::{Failure, Readers, SourceReader};
use engine::setup::Integration;
use std::sync::Arc;

/// Makes the reader of an integration whose route it is; `None`: nothing is to be asked there.
type Make = fn(&Outside, &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>>;

/// The routes, as `source.route` names them, and who reads them: a line a connector.
const CONNECTORS: &[(&str, Make)] = &[
    ("athenahealth", athenahealth::reader),
    ("carecloud", carecloud::reader),
    ("csv", files::reader),
    ("drchrono", drchrono::reader),
    ("fhir-r4", fhir_r4::reader),
    ("greenway-prime-suite", greenway_prime_suite::reader),
    ("hs1-exact", hs1::reader),
    ("hs1-oasis", hs1::reader),
    ("kareo", kareo::reader),
];

/// Makes readers for every route that is read by asking.
pub struct VendorReaders(Outside);

impl VendorReaders {
    /// Readers that ask in this world.
    pub fn new(outside: Outside) -> VendorReaders {
        VendorReaders(outside)
    }

    /// The routes that are read by asking.
    pub fn routes() -> impl Iterator<Item = &'static str> {
        CONNECTORS.iter().map(|(route, _)| *route)
    }
}

impl Readers for VendorReaders {
    fn reader(&self, integration: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
        let route = integration.document.source.route.as_str();
        let (_, make) = CONNECTORS.iter().find(|(name, _)| *name == route)?;
        make(&self.0, integration)
    }
}
