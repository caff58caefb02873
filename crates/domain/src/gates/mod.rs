//! Gates: one rule a file. Each looks at a [`Snapshot`] and returns one [`Finding`]; all run, all findings are kept.
//!
//! The doc comment at the top of a gate's file is its documentation: `docs/gates/`, the console's help and
//! `punctual reasons` are made from it.

mod finding;
mod live;
mod reading;
mod registry;
mod rules;
mod snapshot;
mod wake;

pub use finding::{Detail, Finding, Found, Side, Source, State};
pub use live::LiveView;
pub use reading::own_statuses;
pub use registry::{Check, Gate, GateId, LooksAt};
pub use rules::email_valid::problem_with as address_problem;
pub use snapshot::{Candidate, Double, Person, Reading, Snapshot, Standing, name_key};
pub use wake::{ANY_ACCOUNT, NotAWakeKey, WakeKey};

pub(crate) use rules::{
    email_on_visit::kept_address, first_final_status::locked, modality_carried::modality_of, status_portable::travels,
};
