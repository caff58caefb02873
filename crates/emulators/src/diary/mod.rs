//! A practice's diary without any vendor's words: who works there, who comes when, and a log of every change.
//!
//! All vendor twins keep one of these and show it in their own shapes. The front desk and the control plane work on it
//! directly, so that what a test does is done the same way for every vendor, and what a vendor shows can be compared
//! with what is true.

mod acts;
mod believable;
mod coming;
mod model;
mod people;
mod read;
mod requests;
mod standing;
mod truth;

pub use believable::Size;
pub use model::{Attendance, Change, Ids, Kind, Modality, Patient, Place, Provider, Visit, What};
pub use requests::{Booking, Edit, PatientRecord, Repeat};
pub use standing::Standing;

use jiff::Timestamp;
use std::collections::BTreeMap;

/// A practice's diary.
#[derive(Clone, Debug)]
pub struct Diary {
    /// What people call the practice.
    pub name: String,
    /// Who can be booked.
    pub providers: Vec<Provider>,
    /// Where.
    pub places: Vec<Place>,
    /// What for.
    pub kinds: Vec<Kind>,
    /// Whose visits: also those whose record was merged into another.
    pub patients: BTreeMap<u64, Patient>,
    /// What stands in the diary, also what was called off or is marked as deleted.
    pub visits: BTreeMap<u64, Visit>,
    /// What was taken out for good, as it was last.
    pub gone: BTreeMap<u64, Visit>,
    /// What happened since the twin runs, oldest first. The year before is not in it.
    pub changes: Vec<Change>,
    ids: Ids,
}

/// What the diary does not do. The sentences are what the desk reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Something that is named does not exist.
    #[error("There is no {what} {id}.")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: u64,
    },
    /// The clocks skip this time.
    #[error("{0} does not exist: the clocks go forward over it.")]
    NoSuchTime(String),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Wrong(String),
}

impl Diary {
    /// Notes that something happened.
    fn note(&mut self, at: Timestamp, what: What, visit: Option<u64>, patient: Option<u64>) {
        let number = self.changes.len() as u64 + 1;
        self.changes.push(Change { number, at, what, visit, patient });
    }
}
