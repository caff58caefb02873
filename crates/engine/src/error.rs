//! What can go wrong when the engine is asked for something.

use domain::setup::{Lifecycle, SetupError};
use domain::text::Text;

/// The result of asking the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the engine did not do what was asked. Texts name no patient.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] store::Error),
    /// There is no such thing, or it belongs to another practice.
    #[error("there is no {what} {id:?}")]
    NotFound {
        /// Which kind of thing.
        what: &'static str,
        /// Its id as given.
        id: Text,
    },
    /// The set-up cannot be used.
    #[error("integration {integration}: {source}")]
    Setup {
        /// Which integration.
        integration: Text,
        /// What is wrong.
        source: SetupError,
    },
    /// Two practices or integrations want the same id.
    #[error("{0}")]
    Taken(String),
    /// The lifecycle does not go there in one step.
    #[error("an integration that is {from} cannot become {to} in one step")]
    Lifecycle {
        /// Where it stands.
        from: Lifecycle,
        /// Where it should go.
        to: Lifecycle,
        /// The steps left.
        steps: Vec<Lifecycle>,
    },
    /// It may not go live yet.
    #[error("the integration may not go live yet: {}", steps.join("; "))]
    NotReady {
        /// What is to be done first, in sentences without their full stops.
        steps: Vec<String>,
    },
    /// What was asked does not make sense; the text says why and what to do.
    #[error("{0}")]
    Invalid(String),
    /// The engine is shutting down.
    #[error("the service is shutting down")]
    Stopped,
}
