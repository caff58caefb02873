//! Version 1: one file a resource. Handlers read the request, call a use case of the engine, and write what it says.

pub(crate) mod appointments;
pub(crate) mod audit;
pub(crate) mod bundle;
pub(crate) mod cards;
pub(crate) mod causes;
pub(crate) mod changes;
pub(crate) mod checks;
pub(crate) mod envelopes;
pub(crate) mod feedback;
pub(crate) mod hooks;
pub(crate) mod integrations;
pub(crate) mod links;
pub(crate) mod patients;
pub(crate) mod practices;
pub(crate) mod reading;
pub(crate) mod reasons;
pub(crate) mod receipts;
pub(crate) mod redrive;
pub(crate) mod rejudged;
pub(crate) mod statuses;
pub(crate) mod systems;
pub(crate) mod today;
pub(crate) mod users;
pub(crate) mod why;
