//! What every handler has at hand.

use crate::meter::Meter;
use crate::options::WebOptions;
use engine::Engine;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The engine, the options and the meter.
pub(crate) struct App {
    /// Answers everything.
    pub(crate) engine: Engine,
    /// What whoever started the server decided.
    pub(crate) options: WebOptions,
    /// Counts requests.
    pub(crate) meter: Meter,
    /// Messages are judged again for one at a time.
    pub(crate) judging: Semaphore,
}

/// The same for everybody.
pub(crate) type Shared = Arc<App>;
