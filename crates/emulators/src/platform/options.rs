//! How a platform is run.

use crate::clock::{Clock, SystemClock};
use crate::faults::Faults;
use crate::platform::PlatformFault;
use std::sync::Arc;

/// How a platform is run.
#[derive(Clone)]
pub struct PlatformOptions {
    /// What tells it the time.
    pub clock: Arc<dyn Clock>,
    /// Refuse cards that a telehealth platform could not show: without start, linked provider, names, or an e-mail
    /// address of each person's own.
    pub demanding: bool,
    /// What goes wrong from the start.
    pub faults: Faults<PlatformFault>,
}

impl Default for PlatformOptions {
    /// The machine's clock, no demands, no faults.
    fn default() -> PlatformOptions {
        PlatformOptions { clock: Arc::new(SystemClock), demanding: false, faults: Faults::none(1) }
    }
}

impl std::fmt::Debug for PlatformOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlatformOptions")
            .field("demanding", &self.demanding)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
