//! What the system does not do, and says so.

/// Why a change was not made. The sentences are what the desk reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No visit has this id.
    #[error("There is no visit {0}.")]
    UnknownVisit(String),
    /// No patient has this id.
    #[error("There is no patient {0}.")]
    UnknownPatient(String),
    /// No provider has this id.
    #[error("There is no provider {0}.")]
    UnknownProvider(String),
    /// No visit type has this id.
    #[error("There is no visit type {0}.")]
    UnknownType(String),
    /// No department has this id.
    #[error("There is no department {0}.")]
    UnknownDepartment(String),
    /// The id is taken.
    #[error("The id {0} is taken.")]
    IdTaken(String),
    /// The visit is over, called off or deleted.
    #[error("The visit {id} is {status}; it cannot be moved or changed any more.")]
    Ended {
        /// Which.
        id: String,
        /// How it stands.
        status: String,
    },
    /// The clocks skip this time.
    #[error("{0} does not exist: the clocks go forward over it.")]
    NoSuchTime(String),
    /// Something was left empty that must not be.
    #[error("{0} must not be empty.")]
    Empty(&'static str),
    /// Something cannot be read.
    #[error("{what} cannot be read: {value:?}.")]
    Unreadable {
        /// Which field.
        what: &'static str,
        /// What stood in it.
        value: String,
    },
}

impl Refusal {
    /// What was asked for does not exist.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Refusal::UnknownVisit(_) | Refusal::UnknownPatient(_))
    }
}
